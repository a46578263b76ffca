"""The layers in their order, their tables, what these are made from, and gold's keys."""

from collections.abc import Mapping

LAYERS = ("bronze", "silver", "gold")
RAW = "bronze.canton_transactions_raw"
UPDATES = "silver.canton_updates"
MOVEMENTS = "silver.canton_transactions"
ACCOUNT_ACTIVITY = "gold.account_activity_minute"
NETWORK_ACTIVITY = "gold.network_activity_minute"
GOLD_KEYS: Mapping[str, tuple[str, ...]] = {
    NETWORK_ACTIVITY: ("minute_at",),
    ACCOUNT_ACTIVITY: ("minute_at", "account"),
}
"""The key columns within one network, by table of gold."""
TABLES: Mapping[str, tuple[str, ...]] = {
    "bronze": (RAW,),
    "silver": (
        UPDATES,
        MOVEMENTS,
        "silver.canton_problems",
        "silver.coins",
        "silver.rewards",
        "silver.reward_rates",
        "silver.coin_checks",
    ),
    "gold": tuple(GOLD_KEYS),
}
"""The tables that a layer's batches write, by layer."""
READ_BY: Mapping[str, tuple[str, ...]] = {"silver": (RAW,), "gold": (UPDATES, MOVEMENTS)}
"""The tables of the layer before that a layer is built from, by layer; bronze reads S3."""
MAIN_TABLES: Mapping[str, str] = {
    "bronze": RAW,
    "silver": MOVEMENTS,
    "gold": ACCOUNT_ACTIVITY,
}
"""The table whose row count stands for the layer, by layer."""


def layers_from(first: str) -> tuple[str, ...]:
    """A layer, and those that are built from it."""
    return LAYERS[LAYERS.index(first) :]
