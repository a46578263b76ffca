"""Dynamic tables, streams and tasks; nothing of them runs by itself here."""
