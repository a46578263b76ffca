"""The check, before anything starts, that the stack can start on this machine."""

import os
from itertools import chain

from local.console.errors import CommandFailed
from local.console.finding import failures
from local.stack.checks.docker import check_compose, find_engine
from local.stack.checks.files import check_certificates, check_passwords, check_readable
from local.stack.checks.here import Check, Here
from local.stack.checks.ports import check_ports
from local.stack.checks.room import check_disk, check_memory
from local.stack.engine import PATIENCE_SECONDS
from local.stack.settings import Stack

STARTING: tuple[Check, ...] = (
    check_compose,
    check_memory,
    check_disk,
    check_ports,
    check_readable,
    check_certificates,
    check_passwords,
)


def check_machine(stack: Stack) -> None:
    """Raise `CommandFailed` for the first thing that keeps the stack from starting."""
    engine, found = find_engine(PATIENCE_SECONDS)
    here = Here(stack, engine, os.environ)
    checked = (finding for check in STARTING for finding in check(here))
    for finding in failures(chain([found], checked)):
        raise CommandFailed(finding.message)
