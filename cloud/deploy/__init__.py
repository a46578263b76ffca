"""``./pipeline deploy`` and ``./pipeline rollback``: refuse, or do all of it, and record it."""
