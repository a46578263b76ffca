"""The layers in their order, the table that stands for each, and gold's tables with their keys."""

from collections.abc import Mapping

LAYERS = ("bronze", "silver", "gold")
ACCOUNT_ACTIVITY = "gold.account_activity_minute"
NETWORK_ACTIVITY = "gold.network_activity_minute"
MAIN_TABLES: Mapping[str, str] = {
    "bronze": "bronze.canton_transactions_raw",
    "silver": "silver.canton_transactions",
    "gold": ACCOUNT_ACTIVITY,
}
"""By layer the table whose rows are its number of rows."""
GOLD_KEYS: Mapping[str, tuple[str, ...]] = {
    NETWORK_ACTIVITY: ("minute_at",),
    ACCOUNT_ACTIVITY: ("minute_at", "account"),
}
"""By table of gold the columns that tell a network's rows apart."""


def layers_from(first: str) -> tuple[str, ...]:
    """A layer, and those that are built from it."""
    return LAYERS[LAYERS.index(first) :]
