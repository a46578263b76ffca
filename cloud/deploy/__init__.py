"""``make deploy`` and ``make rollback``: refuse, or do all of it, and record it."""
