"""The node itself: which network, which release, how it is, and where it can be reached."""

import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.canton_scan.bodies import served_history
from mocks.canton_scan.clock import SECOND, Micros
from mocks.canton_scan.history import History

VERSION = {"version": "0.8.4", "commit_ts": "2026-09-01T12:00:00Z"}
_SV_NAME = "Mock-SV-1"
_DEFAULT_PORTS = {"http": 80, "https": 443}


async def get_health(_: Request) -> Response:
    """Empty."""
    return Response()


async def get_status(request: Request) -> Response:
    """The time since the start, and the port."""
    uptime = (time.monotonic_ns() - request.app.state.started_ns) // 1000
    status = {
        "id": "amulet::scan-app",
        "uptime": duration_text(uptime),
        "ports": {"admin": _port(request)},
        "extra": None,
        "active": True,
    }
    return JSONResponse({"success": status})


def _port(request: Request) -> int:
    """Return the port on which the server listens; by default, the port of the URL's scheme."""
    _, port = request.scope.get("server") or (None, None)
    return port or _DEFAULT_PORTS[request.url.scheme]


def duration_text(micros: Micros) -> str:
    """``PT85H26M0.595279S``: without what is zero, as `java.time.Duration` writes it."""
    seconds, fraction = divmod(micros, SECOND)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    decimals = f".{fraction:06d}".rstrip("0").rstrip(".")
    text = f"{hours}H" * bool(hours) + f"{minutes}M" * bool(minutes)
    if seconds or fraction or not text:
        text += f"{seconds}{decimals}S"
    return f"PT{text}"


async def get_version(_: Request) -> Response:
    """The release of Splice that is mocked."""
    return JSONResponse(VERSION)


async def get_dso_party_id(request: Request) -> Response:
    """The DSO party: which network this is."""
    return JSONResponse({"dso_party_id": served_history(request).dso_party_id})


async def get_scans(request: Request) -> Response:
    """The Scans of the network: this one, where the client found it."""
    url = f"{request.url.scheme}://{request.url.netloc}"
    scans = [{"publicUrl": url, "svName": _SV_NAME}]
    domain_id = synchronizer_id(served_history(request))
    return JSONResponse({"scans": [{"domainId": domain_id, "scans": scans}]})


def synchronizer_id(history: History) -> str:
    """The one synchronizer: it shares its namespace with the DSO party."""
    return f"global-domain::{history.dso_party_id.partition('::')[2]}"


async def get_backfilling_status(_: Request) -> Response:
    """Nothing has to be fetched from others."""
    return JSONResponse({"complete": True})


async def get_last_migration(request: Request) -> Response:
    """The migration in which updates happen now."""
    return JSONResponse({"migration_id": served_history(request).head().migration_id})


ROUTES = [
    Route("/readyz", get_health),
    Route("/livez", get_health),
    Route("/status", get_status),
    Route("/version", get_version),
    Route("/v0/dso-party-id", get_dso_party_id),
    Route("/v0/scans", get_scans),
    Route("/v0/backfilling/status", get_backfilling_status),
    Route("/v0/migrations/last", get_last_migration),
]
