"""`./pipeline open` without Docker: the pages of a state, for as long as somebody looks."""

from collections.abc import Mapping
from dataclasses import asdict

from local.console.browser import open_in_browser
from local.console.variables import state_root
from local.embedded import world
from local.embedded.attach import EmbeddedPlace, attach
from local.embedded.state import current_state

_NEEDED = ("s3", "snowflake", "prefect", "slack")
_LOOK_SECONDS = 0.5


def open_pages(environment: Mapping[str, str]) -> int:
    """Open the home page of a running `make run`, or start what it needs and wait for Ctrl-C."""
    state = current_state(environment.get("NETWORK"), state_root(environment))
    is_scan_mocked = state.ledger.exists()
    needed = (*_NEEDED, "scan") if is_scan_mocked else _NEEDED
    with attach(environment, needed) as place:
        if place.state.running_ports():
            _show(place, is_scan_mocked=is_scan_mocked)
            return 0
        home = place.children.start(
            world.home(place.state, place.ports, is_scan_mocked=is_scan_mocked)
        )
        place.children.wait_ready(home)
        with place.state.running(asdict(place.ports)):
            _show(place, is_scan_mocked=is_scan_mocked)
            print("Ctrl-C ends it; nothing runs, and the ledger goes on", flush=True)
            while home.ended(_LOOK_SECONDS) is None:
                place.children.check()
            place.children.check()
    return 1


def _show(place: EmbeddedPlace, *, is_scan_mocked: bool) -> None:
    print("\n".join(world.page_lines(place.ports, is_scan_mocked=is_scan_mocked)), flush=True)
    open_in_browser(place.url("home"))
