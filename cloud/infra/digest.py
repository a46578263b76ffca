"""A recorded graph in a word."""

import hashlib


def digest(text: str) -> str:
    """Return the SHA-256 digest of a graph's JSON, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
