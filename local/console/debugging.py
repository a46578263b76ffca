"""The input of `./pipeline debug`: a flow and its parameters, and where debuggers attach."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import PositiveInt

from local.console.errors import CommandFailed
from local.console.parameters import PARAMETERS, read_parameters

# By its deployment's name: the file, and the parameters that `./pipeline debug` hands on.
_FLOWS = {
    "bronze": ("flows/bronze_transactions.py", ("BUDGET_PAGES", "BUDGET_SECONDS")),
    "silver": ("flows/silver_transactions.py", ("REBUILD_FROM",)),
    "gold": ("flows/gold_transactions.py", ("USD_RATE", "MAX_AGE_MINUTES", "REBUILD_FROM")),
    "pipeline": ("flows/pipeline.py", tuple(PARAMETERS)),
    "backfill": ("flows/backfill_transactions.py", ("AFTER", "UPTO", "BUDGET_PAGES")),
}
KINDS: dict[str, Any] = {**PARAMETERS, "REBUILD_FROM": PositiveInt, "AFTER": str, "UPTO": str}
FLOWS = tuple(_FLOWS)
# Whoever steps through the code is not to be interrupted: a statement may take a day.
SETTINGS = {"SNOWFLAKE_STATEMENT_TIMEOUT_SECONDS": "86400"}


@dataclass(frozen=True)
class Debugged:
    """A flow that is to wait for a debugger, with its parameters by their own names."""

    name: str
    file: str
    parameters: Mapping[str, Any]


def read_debugged(environment: Mapping[str, str]) -> Debugged:
    """The flow that FLOW names.

    Raises:
        CommandFailed: There is no such flow, it has no such parameter, or that is out of bounds.
    """
    name = environment.get("FLOW") or ""
    if name not in _FLOWS:
        problem = f"there is no flow {name}:" if name else "which flow?"
        raise CommandFailed(f"{problem} ./pipeline debug … of {', '.join(FLOWS)}")
    file, options = _FLOWS[name]
    parameters = read_parameters(environment, KINDS)
    for parameter in parameters:
        if parameter.upper() not in options:
            raise CommandFailed(f"{name} takes no {parameter.upper()}, but {', '.join(options)}")
    return Debugged(name, file, parameters)


def waiting(port: int, configuration: str) -> str:
    return (
        f"waiting for a debugger on 127.0.0.1:{port}: in VS Code, '{configuration}'"
        " (docs/how-to/debug.md names others)"
    )


def rules_listen(port: int, configuration: str) -> str:
    return f"the movement rules: 127.0.0.1:{port}, '{configuration}'"
