"""What a killed `make run` or a vanished stack left in this clone."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from console.finding import Finding
from embedded.state import StateFolder, networks, state_root
from stack.checks.here import Here
from stack.compose import is_up

RUNNING = "running.json"


def check_runs_here(here: Here) -> Iterator[Finding]:
    """Addresses of services that a killed `make run` left: nobody listens there."""
    root = state_root(here.environment)
    for network in networks(root):
        state = StateFolder(network, root)
        file = state.path / RUNNING
        if file.exists() and not state.is_locked():
            say = f"{file} is left over of a make run that was killed"
            yield Finding("make run", "warn", say, "make doctor FIX=1", partial(_forget, state))


def check_stack_here(here: Here) -> Iterator[Finding]:
    """A stack that is said to be up, and has no containers: commands would ask it in vain."""
    if here.engine and is_up() and not here.of_this_stack("container"):
        say = "make up was the last word here, and none of its containers is there"
        yield Finding("stack", "warn", say, "make up starts it again, make down says it is down")


def _forget(state: StateFolder) -> str:
    with state.lock():  # a make run that has just begun keeps its own
        Path(state.path / RUNNING).unlink()
    return f"removed {state.path / RUNNING}"
