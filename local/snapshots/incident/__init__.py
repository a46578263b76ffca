"""`./pipeline incident`: what a failed run read, masked, so that it fails at home as there."""
