"""Sums that NUMBER(38, 10) can't hold, named before the warehouse fails on them without a name.

No real ledger has so much coin: all of the Canton Network's is less than 10^12.
"""

from typing import Any

from services.adapters.snowflake import Session
from services.errors import QualityFailed

_NAMED = 3
# Whole coins and the rest are added apart: as one sum they would be what overflows.
WHOLE_CC = """(sum(floor(amount_cc)::number(38, 0))
    + floor(sum((amount_cc - floor(amount_cc))::number(38, 10))))"""
"""SQL: the whole coins in the sum of `amount_cc`, as NUMBER(38, 0)."""
# A product would overflow itself, so it is a float, and the limit a little lower than 10^28.
_BEYOND = """select name || iff(is_beyond, '', ', in USD at ' || usd_rate::string) as name
    from (select name, usd_rate, whole_cc >= 10000000000000000000000000000 as is_beyond,
            whole_cc::float * usd_rate::float >= 9.999999e27 as is_value_beyond
        from ({sums}))
    where is_beyond or is_value_beyond"""


def refuse_beyond_38_digits(session: Session, sums: str, values: dict[str, Any]) -> None:
    """Hold sums, and their values in USD, against the largest number that a column has room for.

    Args:
        session: Where the rows are.
        sums: SQL: a row for each sum, with its `name`, its `whole_cc` (see `WHOLE_CC`) and the
            `usd_rate` that it will be valued at, or 0.
        values: The values that it names.

    Raises:
        QualityFailed: There is such a sum or value.
    """
    rows = session.query(_BEYOND.replace("{sums}", sums), values)
    if rows:
        names = sorted(row["name"] for row in rows)
        lines = ["sums have more than 28 digits before the point:"]
        lines += [f"- {name}" for name in names[:_NAMED]]
        if any(", in USD at " in name for name in names):
            lines.append("Is the rate right? `update ops.usd_rates` corrects one that is in force")
        raise QualityFailed("\n".join(lines))
