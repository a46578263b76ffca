"""``python -m local.home``: the home page of the place that the arguments and settings describe."""

import sys
from collections.abc import Mapping
from functools import partial

import uvicorn

from local.home.app import Steer, create_app
from local.home.place import arguments, place_of
from local.home.readings import DASHBOARD, LANDING, PREFECT, SCAN, SLACK, WAREHOUSE
from local.home.watch import Watch

_STOP_SECONDS = 2
_IF_THERE = (PREFECT, SCAN, SLACK, DASHBOARD)


def main() -> None:
    """Serve until SIGTERM."""
    options = arguments().parse_args()
    place = place_of(options)
    sources = [WAREHOUSE, LANDING, *(one for one in _IF_THERE if one in place.urls)]
    watch = Watch([sys.executable, "-m", "local.home.reader", *sys.argv[1:]], sources)
    scan = place.urls.get(SCAN)
    steered: Steer | None = partial(steer, scan) if scan else None
    uvicorn.run(
        create_app(place, watch, steered),
        host=options.host,
        port=options.port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=_STOP_SECONDS,
    )


def steer(scan: str, what: str, values: Mapping[str, str]) -> str:
    """Move a mocked ledger's clock, or let faults stand; why it is refused, or ""."""
    # Six megabytes, which a page that nobody steers needs not.
    import httpx  # noqa: PLC0415

    from local.console.errors import CommandFailed  # noqa: PLC0415
    from local.console.steering import move_clock, play_faults  # noqa: PLC0415

    try:
        {"clock": move_clock, "faults": play_faults}[what](scan, values)
    except (CommandFailed, httpx.HTTPError) as error:
        return str(error)
    return ""


if __name__ == "__main__":
    main()
