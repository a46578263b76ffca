"""`./pipeline open` and `dashboard` without Docker: a state's pages, while somebody looks."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict

from local.console.browser import open_in_browser
from local.console.ports import is_port_free
from local.console.variables import state_root
from local.embedded import world
from local.embedded.attach import attach
from local.embedded.state import current_state

_NEEDED = ("s3", "snowflake", "prefect", "slack")
_LOOK_SECONDS = 0.5


def open_pages(environment: Mapping[str, str]) -> int:
    """Open the home page of a running `make run`, or start what it needs and wait for Ctrl-C."""
    return _open(environment, "home")


def open_dashboard(environment: Mapping[str, str]) -> int:
    """Serve the dashboard beside a running `make run`, or with all other pages, until Ctrl-C."""
    return _open(environment, "dashboard")


def _open(environment: Mapping[str, str], page: str) -> int:
    state = current_state(environment.get("NETWORK"), state_root(environment))
    is_scan_mocked = state.ledger.exists()
    needed = (*_NEEDED, "scan") if is_scan_mocked else _NEEDED
    with attach(environment, needed) as place, ExitStack() as stack:
        is_running = bool(state.running_ports())
        is_asked = page == "dashboard" and is_port_free(place.ports.dashboard)  # or it is there
        specs = [world.dashboard(state, place.ports)] if is_asked else []
        if not is_running:
            specs.append(world.home(state, place.ports, is_scan_mocked=is_scan_mocked))
        started = [place.children.start(spec) for spec in specs]
        place.children.wait_ready(*started)
        if not is_running:
            stack.enter_context(state.running(asdict(place.ports)))
        lines = world.page_lines(place.ports, is_scan_mocked=is_scan_mocked)
        if page == "dashboard":
            lines.append(f"  {'Dashboard':<12} {place.url(page)}")
        print("\n".join(lines), flush=True)
        open_in_browser(place.url(page))
        if started:
            goes_on = "the make run goes on" if is_running else "the ledger goes on"
            print(f"Ctrl-C ends it; {goes_on}", flush=True)
        while started and state.running_ports():  # those of a make run beside it end with that
            started[0].ended(_LOOK_SECONDS)
            place.children.check()
    return 0
