"""The TLS trust store shared by all HTTPS clients."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """The certificates that httpx trusts: `SSL_CERT_FILE`, or certifi's.

    Reading them takes a tenth of a second, which each client would spend anew.
    """
    return httpx.create_ssl_context()
