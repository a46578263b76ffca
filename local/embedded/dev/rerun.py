"""One run after a save, in a fork that has nothing of ours loaded yet."""

import logging
import pkgutil
from typing import Any

from local.embedded.dev.reach import Order
from local.embedded.dev.schema import renew, start_over
from services.catalog import LAYERS, layers_from
from services.wiring import open_services

_FLOWS = {layer: f"flows.{layer}_transactions:{layer}_transactions_flow" for layer in LAYERS}
_QUIET = "flows.command_line:quiet"  # by name: what is loaded here must be as it was saved


async def rerun(order: Order) -> None:
    """Build the layers again, each from all there is; bronze from the first update on."""
    pkgutil.resolve_name(_QUIET)(logging.getLogger())
    layers = layers_from(order.first)
    flows = {layer: pkgutil.resolve_name(_FLOWS[layer]) for layer in layers}
    if order.is_renewed:
        renew(open_services().warehouse)
    if order.first == LAYERS[0]:
        start_over(open_services())
    for layer, flow in flows.items():
        again: dict[str, Any] = {} if layer == LAYERS[0] else {"rebuild_from": 1}
        await flow(**again, **(order.gold if layer == LAYERS[-1] else {}))
