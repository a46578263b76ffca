"""The flow that a command runs, by its deployment's name, with its parameters."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import PositiveInt, TypeAdapter, ValidationError

from local.console.errors import CommandFailed
from services.parameters import BudgetPages, BudgetSeconds, MaxAgeMinutes, UsdRate

PIPELINE = "pipeline"
# The variables that become its parameters.
PARAMETERS: dict[str, Any] = {
    "BUDGET_PAGES": BudgetPages,
    "BUDGET_SECONDS": BudgetSeconds,
    "USD_RATE": UsdRate,
    "MAX_AGE_MINUTES": MaxAgeMinutes,
}
# By its deployment's name: the file, and the parameters that can be typed.
FLOWS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "bronze": ("flows/bronze_transactions.py", ("BUDGET_PAGES", "BUDGET_SECONDS")),
    "silver": ("flows/silver_transactions.py", ("REBUILD_FROM",)),
    "gold": ("flows/gold_transactions.py", ("USD_RATE", "MAX_AGE_MINUTES", "REBUILD_FROM")),
    PIPELINE: ("flows/pipeline.py", tuple(PARAMETERS)),
    "backfill": ("flows/backfill_transactions.py", ("AFTER", "UPTO", "BUDGET_PAGES")),
    "audit": ("flows/audit_raw.py", ("DAYS",)),
}
OF_WHAT_IS_LOADED = frozenset({"silver", "gold", "audit"})  # they fetch nothing by themselves
KINDS: dict[str, Any] = {
    **PARAMETERS,
    "REBUILD_FROM": PositiveInt,
    "AFTER": str,
    "UPTO": str,
    "DAYS": PositiveInt,
}


@dataclass(frozen=True)
class ChosenFlow:
    """A flow with its parameters by their own names."""

    name: str
    file: str
    parameters: Mapping[str, Any]


def read_flow(
    environment: Mapping[str, str], names: Collection[str] = tuple(FLOWS), default: str = ""
) -> ChosenFlow:
    """The flow that FLOW names, of some.

    Raises:
        CommandFailed: There is no such flow, it has no such parameter, or that is out of bounds.
    """
    name = environment.get("FLOW") or default
    if name not in names:
        problem = f"there is no flow {name}:" if name else "which flow?"
        raise CommandFailed(f"{problem} expected one of {', '.join(names)}")
    file, options = FLOWS[name]
    parameters = read_parameters(environment, KINDS)
    for parameter in parameters:
        if parameter.upper() not in options:
            raise CommandFailed(f"{name} takes no {parameter.upper()}, but {', '.join(options)}")
    return ChosenFlow(name, file, parameters)


def read_parameters(
    environment: Mapping[str, str], kinds: Mapping[str, Any] = PARAMETERS
) -> dict[str, Any]:
    """Return the parameters that are set, by the flow's names, as JSON values: amounts are text."""
    parameters: dict[str, Any] = {}
    for name, kind in kinds.items():
        if text := environment.get(name):
            adapter: TypeAdapter[Any] = TypeAdapter(kind)
            try:
                value = adapter.dump_python(adapter.validate_python(text), mode="json")
            except ValidationError as error:
                raise CommandFailed(f"{name}={text}: {error.errors()[0]['msg']}") from None
            parameters[name.lower()] = value
    return parameters
