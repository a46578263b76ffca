"""Sums that NUMBER(38, 10) can't hold, named before the warehouse fails on them without a name.

No real ledger has so much coin: all of the Canton Network's is less than 10^12.
"""

from typing import Any

from services.adapters.snowflake import Session
from services.errors import QualityFailed

_NAMED = 3
# Whole coins and the rest are added apart: as one sum they would be what overflows.
_IS_BEYOND = """sum(floor(amount_cc)::number(38, 0))
    + floor(sum((amount_cc - floor(amount_cc))::number(38, 10)))
    >= 10000000000000000000000000000"""


def refuse_beyond_38_digits(session: Session, sums: str, values: dict[str, Any]) -> None:
    """Hold sums against the largest number that a column of CC has room for.

    Args:
        session: Where the rows are.
        sums: SQL: a row of one column `name` for each sum that `{{is_beyond}}`.
        values: The values that it names.

    Raises:
        QualityFailed: There is such a sum.
    """
    rows = session.query(sums.replace("{{is_beyond}}", _IS_BEYOND), values)
    if rows:
        names = "".join(f"\n- {name}" for name in sorted(row["name"] for row in rows)[:_NAMED])
        raise QualityFailed(f"sums of CC have more than 28 digits before the point:{names}")
