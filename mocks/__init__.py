"""What stands in for the outside world. Imports nothing of ours: each runs alone."""
