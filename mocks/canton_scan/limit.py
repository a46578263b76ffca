"""The request limit of a client address, as Scan has had it since Splice 0.7.4.

API facts, section 2: 10 requests a second for each client address (an IPv6 network of 64 bits
counts as one), answered with 429 in plain text and without a Retry-After. Probes are free.
"""

import ipaddress
import time
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

PER_SECOND = 10.0
TOO_MANY_REQUESTS = "Too Many Requests: Server is busy, please try again later."
TEXT_TYPE = "text/plain; charset=UTF-8"  # as Pekko writes it
_API = "/api/scan/"
_PROBES = ("/readyz", "/livez")
_MOST_ADDRESSES = 10_000
_IPV6_NETWORK_BITS = 64


class Limited:
    """A token bucket for each client: a second's worth at most, filled steadily."""

    def __init__(
        self,
        app: ASGIApp,
        per_second: float = PER_SECOND,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._per_second = per_second
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if self._counts(scope) and not self._takes(_client(scope)):
            refused = Response(TOO_MANY_REQUESTS, 429, {"content-type": TEXT_TYPE})
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _counts(self, scope: Scope) -> bool:
        path = scope.get("path", "")
        return scope["type"] == "http" and path.startswith(_API) and not path.endswith(_PROBES)

    def _takes(self, client: str) -> bool:
        now = self._clock()
        tokens, since = self._buckets.get(client, (self._per_second, now))
        tokens = min(self._per_second, tokens + (now - since) * self._per_second)
        is_allowed = tokens >= 1
        if len(self._buckets) > _MOST_ADDRESSES:
            self._buckets.clear()
        self._buckets[client] = (tokens - is_allowed, now)
        return is_allowed


def _client(scope: Scope) -> str:
    host = scope["client"][0] if scope.get("client") else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    address = getattr(address, "ipv4_mapped", None) or address
    bits = _IPV6_NETWORK_BITS if address.version == 6 else address.max_prefixlen
    return str(ipaddress.ip_network((address, bits), strict=False))
