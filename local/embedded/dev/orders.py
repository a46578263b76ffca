"""The orders to the runner that follow from a save."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from local.embedded.dev.reach import Reach
from services.catalog import LAYERS

# Tables and functions of the warehouse are made from these.
_SCHEMA = ("services/sql/migrations", "services/movements.py", "services/coin_contracts.py")


@dataclass(frozen=True)
class Order:
    """Run the layers from `first` on, with these parameters of gold's flow.

    `is_renewed`: tables or the movement rules may have changed.
    """

    first: str
    is_renewed: bool = False
    gold: Mapping[str, Any] = field(default_factory=dict)


def order_for(files: Iterable[Path], reach: Reach) -> Order | None:
    """Return the order for these files (paths in the working tree); None if no layer runs them."""
    saved = list(files)
    layers = {layer for file in saved if (layer := reach.first_layer(file))}
    if not layers:
        return None
    is_renewed = any(str(file).startswith(_SCHEMA) for file in saved)
    return Order(min(layers, key=LAYERS.index), is_renewed)


def joined(left: Order | None, new: Order) -> Order:
    if left is None:
        return new
    first = min(left.first, new.first, key=LAYERS.index)
    return replace(new, first=first, is_renewed=left.is_renewed or new.is_renewed)
