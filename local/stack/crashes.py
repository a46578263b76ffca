"""The cause of a crashed run of the stack, as far as Docker knows it."""

from collections.abc import Callable, Mapping
from typing import Any

from local.console.errors import CommandFailed
from local.stack.engine import docker
from services.crashes import without_guess

_SINCE = "1h"  # the engine keeps its last 256 events


def lacked_memory(run_id: str) -> bool | None:
    label = f"label=io.prefect.flow-run-id={run_id}"
    options = ("--since", _SINCE, "--until", "0s", "--filter", label, "--format", "{{.Action}}")
    try:
        seen = docker("events", *options).split()
    except CommandFailed:
        return None
    return "oom" in seen if "die" in seen else None


def cause(run: Mapping[str, Any], lacked: Callable[[str], bool | None] = lacked_memory) -> str:
    """The message of a crashed run; of a killed one, what Docker knows in place of a guess."""
    message = run["state"].get("message") or ""
    plain = without_guess(message)
    if plain == message:
        return message
    match lacked(run["id"]):
        case True:
            return f"{plain} Docker says: it needed more memory than it may have"
        case False:
            return f"{plain} Docker says: not for lack of memory"
        case None:
            return plain
