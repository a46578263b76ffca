"""Starting every service; where one doesn't: which, its last words, and what to do."""

import os
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from itertools import chain

from local.console.errors import CommandFailed
from local.console.finding import failures
from local.console.formats import StateRefused, refusal_in
from local.stack.checks.docker import check_compose, find_engine
from local.stack.checks.files import check_certificates, check_passwords, check_readable
from local.stack.checks.here import Check, Here
from local.stack.checks.ports import check_ports
from local.stack.checks.room import check_disk, check_memory
from local.stack.compose import (
    ComposeFailed,
    compose,
    containers,
    health_by_service,
    is_well,
    last_lines,
)
from local.stack.egress import remove_unused_networks
from local.stack.engine import PATIENCE_SECONDS, container_states, docker, dying
from local.stack.folder import refused_state
from local.stack.settings import Stack, kept_values

_MOST_DEATHS = 3
_LINES = 8
_LINES_OF_A_REFUSAL = 40  # a vendor's may be followed by a traceback's end
_WAITS = {"created", "missing"}  # for another one that isn't healthy
STARTING: tuple[Check, ...] = (
    check_compose,
    check_memory,
    check_disk,
    check_ports,
    check_readable,
    check_certificates,
    check_passwords,
)


def start(project: str) -> None:
    """Start what doesn't run, and wait until all of it is healthy.

    Raises:
        CommandFailed: A service isn't, or dies again and again; Compose would wait for that one.
    """
    print("starting…", flush=True)
    began = time.time()
    states = container_states(project)
    # Compose names a container that is to take another one's place by that one's id, until the
    # other one is gone; it trips over one that was left. It has never run: data is on volumes.
    exchange = re.compile(rf"[0-9a-f]{{12}}_{re.escape(project)}-.*")
    if left := [one.name for one in states if exchange.fullmatch(one.name)]:
        docker("rm", "--force", *left)
    if paused := [one.name for one in states if one.state == "paused"]:
        docker("unpause", *paused)  # nothing can start them otherwise
        print(*(f"{name} was paused, and goes on" for name in paused), sep="\n")
    before = {one.name: one.restarts for one in states}
    died: dict[str, int] = {}  # seen while it waits: a moment later such a one may run once more

    def look() -> None:
        with suppress(CommandFailed):  # a container that has just gone can't be looked at
            died.update(dying(project, before))

    def is_hopeless() -> bool:
        look()
        return max(died.values(), default=0) >= _MOST_DEATHS

    try:
        compose("up", "--detach", "--wait", is_hopeless=is_hopeless)
    except ComposeFailed as error:
        look()  # one may have died a moment ago
        raise CommandFailed(_why_not(str(error), died, time.time() - began)) from None
    remove_unused_networks(project, is_scan_real=bool(kept_values().get("REAL_SCAN")))


def _why_not(message: str, died: Mapping[str, int], seconds: float) -> str:
    """The message for the person who typed `make up`.

    Args:
        message: Compose's own message.
        died: The number of deaths of each unhealthy container.
        seconds: The time since this start began; earlier log lines belong to another one.
    """
    failed = _failed(died)
    if not failed:
        return f"{message}\nmake up tries again; make down stops what has started"
    for name in failed:
        if refused := refusal_of(name):
            raise refused_state(refused, kept_values())
    report: list[str] = []
    for name, health in failed.items():
        lines = [line for line in last_lines(name, _LINES, seconds) if line.strip()]
        report.append(f"{name} did not start ({health})" + (", its last lines:" if lines else ""))
        report += [f"  {line}" for line in lines]
    report.append(f"Compose said: {message.splitlines()[-1].strip()}")
    first = next(iter(failed))
    report.append(
        f"./pipeline logs {first} shows more; make up tries again; make down stops the rest"
    )
    return "\n".join(report)


def _failed(died: Mapping[str, int]) -> dict[str, str]:
    """Return the health of each failed service; if none failed, of each that is still starting."""
    found = containers()
    health = health_by_service(found)
    for name in found.keys() & health.keys():
        if found[name]["Name"] in died:
            health[name] = "dies again and again"
    sick = {n: word for n, word in health.items() if not is_well(word) and word not in _WAITS}
    slow = {name: word for name, word in sick.items() if word == "starting"}
    return {name: word for name, word in sick.items() if name not in slow} or slow


def refusal_of(service: str) -> StateRefused | None:
    """Return the refusal of its state in a service's last log lines, if there is one."""
    return refusal_in(last_lines(service, _LINES_OF_A_REFUSAL))


def check_machine(stack: Stack) -> None:
    """Raise `CommandFailed` for the first thing that keeps the stack from starting."""
    engine, found = find_engine(PATIENCE_SECONDS)
    here = Here(stack, engine, os.environ)
    checked = (finding for check in STARTING for finding in check(here))
    for finding in failures(chain([found], checked)):
        raise CommandFailed(finding.message)
