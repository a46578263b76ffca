"""From a plan to the bytes of an update."""

from collections.abc import Callable
from typing import Any

from mocks.canton_scan import wire
from mocks.canton_scan.plan import (
    Mint,
    Offer,
    Plan,
    Quiet,
    Route,
    Settlement,
    TrafficPurchase,
    Transfer,
)
from mocks.canton_scan.render import instructions, mints, preapprovals, traffic, transfers
from mocks.canton_scan.render.quiet import QUIET_ROOTS
from mocks.canton_scan.render.reassignments import reassignment
from mocks.canton_scan.tree import Action, transaction
from mocks.canton_scan.update import Update


def render(plan: Plan, update: Update) -> bytes:
    """The update as compact JSON, keys in the order of a real Scan."""
    if plan is Quiet.REASSIGNED:
        return wire.encode(reassignment(update))
    return wire.encode(transaction(update, _root(plan, update)))


def _root(plan: Plan, update: Update) -> Action:
    if isinstance(plan, Quiet):
        return QUIET_ROOTS[plan](update)
    return _COIN_ROOTS[type(plan)](plan, update)


def _transfer(plan: Transfer, update: Update) -> Action:
    is_direct = plan.route is Route.RULES
    return (transfers.rules_transfer if is_direct else preapprovals.preapproved_send)(plan, update)


_COIN_ROOTS: dict[type, Callable[[Any, Update], Action]] = {
    Transfer: _transfer,
    Mint: mints.mint,
    TrafficPurchase: traffic.purchase,
    Offer: instructions.offer,
    Settlement: instructions.settlement,
}
