"""The variables of `make run` and `make trigger` that become parameters of the flow."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from local.console.errors import CommandFailed
from services.parameters import BudgetPages, BudgetSeconds, MaxAgeMinutes, UsdRate

PARAMETERS: dict[str, Any] = {
    "BUDGET_PAGES": BudgetPages,
    "BUDGET_SECONDS": BudgetSeconds,
    "USD_RATE": UsdRate,
    "MAX_AGE_MINUTES": MaxAgeMinutes,
}


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
