"""The parameters of a run and their bounds: flows take them, `make run` checks them at once."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

BudgetPages = PositiveInt
BudgetSeconds = PositiveFloat
MaxAgeMinutes = NonNegativeInt
UsdRate = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=8)]  # NUMBER(18, 8)

# USD for 1 CC: the ledger had 0.07 in December 2025 and 0.17 in January 2026.
DEFAULT_USD_RATE = Decimal("0.15")

DEFAULT_MAX_AGE_MINUTES = 90  # schedules run each hour
