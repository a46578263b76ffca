"""The request limits of a client address, as Scan has had them since Splice 0.7.4.

API facts, section 2: 10 requests a second for each client address (an IPv6 network of 64 bits
counts as one), answered with 429 in plain text and without a Retry-After. A Super Validator may set
two more: so many requests within a minute, after which nothing is answered until the minute is
over; and so many a minute for each path, at its ingress. Probes are free.
"""

import ipaddress
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

PER_SECOND = 10.0
TOO_MANY_REQUESTS = "Too Many Requests: Server is busy, please try again later."
TEXT_TYPE = "text/plain; charset=UTF-8"  # as Pekko writes it
_API = "/api/scan/"
_PROBES = ("/readyz", "/livez")
_MOST_KEPT = 10_000
_IPV6_NETWORK_BITS = 64
_MINUTE = 60.0
_STEPS_OF_A_PATH = 5  # /api/scan/v2/updates, whichever update is requested


@dataclass(frozen=True)
class Limits:
    """The request limits of each client; 0 is no limit.

    `per_second` and `of_path` (a minute, for each path) are filled steadily; `sustained` is for
    each minute that begins with a request.
    """

    per_second: float = PER_SECOND
    sustained: int = 0
    of_path: int = 0


class Limited:
    """Refuses what is beyond the limits of a client."""

    def __init__(
        self,
        app: ASGIApp,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._limits = limits
        self._clock = clock
        self._buckets: dict[Hashable, tuple[float, float]] = {}
        self._windows: dict[str, tuple[int, float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if self._counts(scope) and not self._is_allowed(scope["path"], _client(scope)):
            refused = Response(TOO_MANY_REQUESTS, 429, {"content-type": TEXT_TYPE})
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _counts(self, scope: Scope) -> bool:
        path = scope.get("path", "")
        return scope["type"] == "http" and path.startswith(_API) and not path.endswith(_PROBES)

    def _is_allowed(self, path: str, client: str) -> bool:
        limits, now = self._limits, self._clock()
        of_path = (client, *path.split("/")[:_STEPS_OF_A_PATH])
        takes = (
            not limits.per_second or self._takes(client, limits.per_second, 1, now),
            not limits.of_path or self._takes(of_path, limits.of_path, _MINUTE, now),
            not limits.sustained or self._is_within_its_minute(client, now),
        )
        return all(takes)

    def _takes(self, key: Hashable, most: float, seconds: float, now: float) -> bool:
        """Take a token from a bucket that refills within `seconds`; True if it had one."""
        tokens, since = self._buckets.get(key, (most, now))
        tokens = min(most, tokens + (now - since) * most / seconds)
        is_allowed = tokens >= 1
        if len(self._buckets) > _MOST_KEPT:
            self._buckets.clear()
        self._buckets[key] = (tokens - is_allowed, now)
        return is_allowed

    def _is_within_its_minute(self, client: str, now: float) -> bool:
        count, since = self._windows.get(client, (0, now))
        if now - since >= _MINUTE:
            count, since = 0, now
        if len(self._windows) > _MOST_KEPT:
            self._windows.clear()
        self._windows[client] = (count + 1, since)
        return count < self._limits.sustained


def _client(scope: Scope) -> str:
    host = scope["client"][0] if scope.get("client") else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    address = getattr(address, "ipv4_mapped", None) or address
    bits = _IPV6_NETWORK_BITS if address.version == 6 else address.max_prefixlen
    return str(ipaddress.ip_network((address, bits), strict=False))
