"""The variables of `make run` and `make trigger` that become parameters of the flow."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from console.errors import CommandFailed
from services.parameters import BudgetPages, BudgetSeconds, MaxAgeMinutes, UsdRate

PARAMETERS: dict[str, Any] = {
    "BUDGET_PAGES": BudgetPages,
    "BUDGET_SECONDS": BudgetSeconds,
    "USD_RATE": UsdRate,
    "MAX_AGE_MINUTES": MaxAgeMinutes,
}


def read_parameters(environment: Mapping[str, str]) -> dict[str, str]:
    """Those that were given, as they were given.

    Raises:
        CommandFailed: One is out of its bounds.
    """
    given = {name: environment[name] for name in PARAMETERS if environment.get(name)}
    for name, text in given.items():
        try:
            TypeAdapter(PARAMETERS[name]).validate_python(text)
        except ValidationError as error:
            raise CommandFailed(f"{name}={text}: {error.errors()[0]['msg']}") from None
    return given
