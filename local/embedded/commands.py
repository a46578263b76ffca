"""The `make` commands on the embedded state."""

from collections.abc import Mapping
from contextlib import nullcontext

from local.console import commands as console
from local.console.confirm import confirmed
from local.console.errors import CommandFailed
from local.console.variables import state_root
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
    """Delete the state of NETWORK, or of all networks, after asking."""
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
