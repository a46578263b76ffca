"""The `make` commands on the embedded state."""

from collections.abc import Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import asdict

from local.console import commands as console
from local.console.errors import CommandFailed
from local.console.person import confirmed, open_in_browser
from local.console.ports import is_port_free
from local.console.variables import state_root
from local.embedded import world
from local.embedded.attach import attach
from local.embedded.state import current_state, dev_root, networks


def faults(environment: Mapping[str, str]) -> int:
    """Let the Scan of a running `make run` fail; they would be gone with one started for this."""
    state = current_state(environment.get("NETWORK"), state_root(environment))
    if not state.is_locked() or not state.running_ports():
        raise CommandFailed("no make run is working here: faults are for one that is")
    with attach(environment, ["scan"]) as place:
        if others := len(place.ports.other_scans):
            print(f"of {others + 1} Scans the first one alone is told to fail; the others answer")
        return console.faults(environment, lambda _: nullcontext(place))


def reset(environment: Mapping[str, str]) -> int:
    network = environment.get("NETWORK")
    root = state_root(environment)
    states = [
        current_state(name, place)
        for place in (root, dev_root(environment))
        for name in networks(place)
        if network in {None, name}
    ]
    if network and not states:
        current_state(network, root)  # says which there are
    if not states:
        print("nothing to reset")
        return 0
    to_delete = ", ".join(str(state.path) for state in states)
    if not confirmed(f"{to_delete}: objects, tables, runs", environment):
        return 1
    for state in states:
        state.delete()
    print(f"deleted {to_delete}; the next make run starts over")
    return 0


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
        is_missing = page == "dashboard" and is_port_free(place.ports.dashboard)  # or it is there
        specs = [world.dashboard(state, place.ports)] if is_missing else []
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
