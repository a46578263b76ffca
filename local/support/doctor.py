"""`make doctor`: all that may be wrong on this machine, each with what to type."""

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from local.console.errors import CommandFailed
from local.console.finding import Finding, fail, failures, refused, warn
from local.console.variables import is_on
from local.stack.checks.docker import find_engine
from local.stack.checks.here import Check, Here
from local.stack.checks.life import LIFE
from local.stack.settings import Stack, plan_stack, unkept_stack
from local.stack.start import STARTING
from local.support.checks.accounts import check_accounts
from local.support.checks.clock import check_clock
from local.support.checks.engine_place import check_architecture, check_socket
from local.support.checks.leftovers import check_runs_here, check_stack_here
from local.support.checks.network import check_certificates, check_proxy
from local.support.checks.stacks import check_stacks
from local.support.checks.tools import check_buildx, check_make, check_python

PATIENCE_SECONDS = 20  # with an engine that doesn't answer
_WIDTH = 14
FURTHER: tuple[Check, ...] = (
    check_python,
    check_make,
    check_buildx,
    check_socket,
    check_architecture,
    check_clock,
    check_proxy,
    check_certificates,
    check_accounts,
    check_stacks,
    check_stack_here,
    check_runs_here,
    *LIFE,
)


def doctor(environment: Mapping[str, str]) -> int:
    """Print what was found; FIX=1 does what can lose nothing. 1 where `make up` would stop."""
    form = environment.get("FORMAT", "")
    found = examine(environment)
    done = mend(found) if is_on("FIX", environment) else []
    if done:
        found = examine(environment)
    print(as_json(found, done) if form == "json" else as_text(found, done))
    return 1 if any(failures(found)) else 0


def examine(environment: Mapping[str, str]) -> list[Finding]:
    """All findings: first those of `make up`, in its order, then those it doesn't check."""
    stack, problems = _planned(environment)
    engine, finding = find_engine(PATIENCE_SECONDS)
    here = Here(stack, engine, environment)
    looked = [one for check in (*STARTING, *FURTHER) for one in _looked(check, here)]
    return [finding, *problems, *looked]


def mend(found: Iterable[Finding]) -> list[str]:
    """Do what can lose nothing; what was done, or why not."""
    done: list[str] = []
    for one in found:
        if one.fix:
            try:
                done.append(one.fix())
            except (CommandFailed, OSError) as error:
                done.append(f"not done, {one.result}: {error}")
    return done


def _planned(environment: Mapping[str, str]) -> tuple[Stack, list[Finding]]:
    """The stack that `make up` would start; where it refuses, that of a new clone here, and why."""
    try:
        return plan_stack(environment), []
    except CommandFailed as error:
        return unkept_stack({}), [refused("clone", error)]
    except PermissionError as error:  # after a `sudo make up`
        result = f"{error.filename} is another user's"
        chown = fail("clone", result, 'sudo chown -R "$USER" .stack .local .venv')
        return unkept_stack({}), [chown]


def _looked(check: Check, here: Here) -> Iterator[Finding]:
    """Yield a check's findings; an error in one check is a finding and stops no others."""
    try:
        yield from check(here)
    except CommandFailed as error:
        yield refused(_name(check), error)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        yield warn(_name(check), f"it could not be looked at ({error})")


def _name(check: Check) -> str:
    return check.__name__.removeprefix("check_").replace("_", " ")


def as_json(found: Iterable[Finding], done: Iterable[str] = ()) -> str:
    listed: list[dict[str, Any]] = [
        {
            "what": one.what,
            "state": one.state,
            "say": one.result,
            "type": one.type_this,
            "is_fixable": one.fix is not None,
        }
        for one in found
    ]
    return json.dumps({"findings": listed, "done": list(done)}, ensure_ascii=False)


def as_text(found: list[Finding], done: Iterable[str] = ()) -> str:
    """A line for each good finding, two for each bad one; then their counts."""
    lines = [f"done: {one}" for one in done]
    for one in found:
        lines.append(f"{one.state:<5}{one.what:<{_WIDTH}} {one.result}")
        if one.type_this:
            lines.append(f"{'':<{_WIDTH + 5}} → {one.type_this}")
    return "\n".join([*lines, "", _summary(found)])


def _summary(found: list[Finding]) -> str:
    stops = len(list(failures(found)))
    warnings = sum(one.state == "warn" for one in found)
    fixable = sum(one.fix is not None for one in found)
    if not stops and not warnings:
        return "nothing is wrong here"
    parts = [
        f"{stops} would stop make up" if stops else "nothing would stop make up",
        f"{warnings} to know of" if warnings else "",
        f"make doctor FIX=1 does {fixable} of them, which loses nothing" if fixable else "",
    ]
    return "; ".join(filter(None, parts))
