"""The gate in front of every mock and of the home page: programs pass, pages elsewhere don't.

A browser lets any page send requests to this machine. Without cookies or passwords to steal, what a
hostile page could do is steer: move a ledger's clock, which never goes back, or delete objects. So

* a request whose Origin is another one than the mock's own is refused (403). Browsers send Origin
  with every request that may change something, and with every one whose answer a script may read;
* a Host that could be a public name is refused (403). By DNS rebinding, such a name leads here
  while the page that asks counts as the mock's own;
* where a mock is steered, a body is `application/json` (415). No page may send that to another
  origin without asking first, and that question, an OPTIONS request, has an Origin.

https://fetch.spec.whatwg.org/#origin-header
"""

import ipaddress
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

JSON = "application/json"
_WITH_BODY = {"POST", "PUT", "PATCH"}
_LABEL = re.compile(r"[a-z0-9_-]+")
# Reserved for this machine (RFC 6761) and for private networks (ICANN, 2024): no public DNS server
# answers for them. The second one has host.docker.internal.
_PRIVATE_SUFFIXES = (".localhost", ".internal")


class BrowserGuard:
    """Hands on what programs and the server's own pages ask.

    Args:
        app: The server.
        steered: What the paths begin with whose bodies have to be JSON; none by default.
    """

    def __init__(self, app: ASGIApp, steered: tuple[str, ...] = ()) -> None:
        self._app = app
        self._steered = steered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] == "http" and (refusal := self._refusal(scope)):
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not is_private(host):
            return PlainTextResponse(
                f"This server has no name {host!r}: ask for it by an IP address, as localhost, or"
                " by its service's name on the Compose network.\n",
                403,
            )
        for origin in headers.getlist("origin"):
            if not _is_same(origin, host):
                return PlainTextResponse(
                    f"A web page of {origin!r} may not use this server, only its own pages and"
                    " programs may; those send no Origin.\n",
                    403,
                )
        if self._is_steered(scope) and _media_type(headers) != JSON:
            return PlainTextResponse(
                f"A body for this path is sent as content-type: {JSON}.\n", 415
            )
        return None

    def _is_steered(self, scope: Scope) -> bool:
        return scope["method"] in _WITH_BODY and scope["path"].startswith(self._steered)


def is_private(host: str) -> bool:
    """Tell whether a Host header, with or without a port, can't be a public DNS name."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:  # an open bracket
        return False
    return _is_address(name) or bool(_LABEL.fullmatch(name)) or name.endswith(_PRIVATE_SUFFIXES)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_same(origin: str, host: str) -> bool:
    """Tell whether an Origin header names the requested host and port; `null` names none."""
    return origin.partition("://")[2].lower() == host.lower()


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()
