"""Checks for leftovers of a killed `make run` or a vanished stack in this clone."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from local.console.finding import Finding, warn, well
from local.embedded.state import StateFolder, networks, roots
from local.stack.checks.here import Here
from local.stack.compose import containers, health_by_service, is_up, is_well

RUNNING = "running.json"


def check_runs_here(here: Here) -> Iterator[Finding]:
    """Addresses of services that a killed `make run` or `make dev` left: nobody listens there."""
    everywhere = roots(here.environment)
    for state in (StateFolder(network, root) for root in everywhere for network in networks(root)):
        file = state.path / RUNNING
        if file.exists() and not state.is_locked():
            result = f"{file} is left over of a command that was killed"
            yield warn("make run", result, "make doctor FIX=1", partial(_forget, state))


def check_stack_here(here: Here) -> Iterator[Finding]:
    """A stack that `make up` started and that isn't up, or not all of it."""
    if here.engine is None or not is_up():
        return
    if not here.of_this_stack("container"):
        result = "make up was the last word here, and none of its containers is there"
        yield warn("stack", result, "make up starts it again, make down says it is down")
    elif sick := {
        name: word for name, word in health_by_service(containers()).items() if not is_well(word)
    }:
        result = ", ".join(f"{name} is {health}" for name, health in sick.items())
        yield warn("stack", result, f"./pipeline logs {next(iter(sick))}; make up starts it")
    else:
        yield well("stack", "up, and every service is well")


def _forget(state: StateFolder) -> str:
    with state.lock():  # a make run that has just begun keeps its own
        Path(state.path / RUNNING).unlink()
    return f"removed {state.path / RUNNING}"
