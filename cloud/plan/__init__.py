"""``./pipeline plan``: what a deploy would do, worked out offline."""
