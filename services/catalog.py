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
"""The table whose row count stands for the layer, by layer."""
GOLD_KEYS: Mapping[str, tuple[str, ...]] = {
    NETWORK_ACTIVITY: ("minute_at",),
    ACCOUNT_ACTIVITY: ("minute_at", "account"),
}
"""The key columns within one network, by table of gold."""


def layers_from(first: str) -> tuple[str, ...]:
    """A layer, and those that are built from it."""
    return LAYERS[LAYERS.index(first) :]
