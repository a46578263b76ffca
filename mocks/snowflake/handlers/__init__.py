"""The processes that Python handlers run in, apart from the server."""
