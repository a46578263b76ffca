"""The row count of each layer's main table."""

from services.adapters.snowflake import Session
from services.catalog import MAIN_TABLES


def row_counts(session: Session) -> dict[tuple[str, str], int]:
    """Rows of each layer's main table, by network and layer."""
    counted = " union all ".join(
        f"select network, '{layer}' as layer, count(*) as row_count from {table} group by network"  # noqa: S608 -- names of ours
        for layer, table in MAIN_TABLES.items()
    )
    return {(row["network"], row["layer"]): row["row_count"] for row in session.query(counted)}
