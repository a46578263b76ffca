"""From a plan to the bytes of an update."""

from collections.abc import Callable
from typing import Any

from msgspec import UNSET, UnsetType

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
from mocks.canton_scan.render import instructions, mints, preapprovals, rewards, traffic, transfers
from mocks.canton_scan.render.quiet import QUIET_ROOTS
from mocks.canton_scan.render.reassignments import reassignment
from mocks.canton_scan.templates import EXTERNAL_PARTY_RULES
from mocks.canton_scan.tree import Action, transaction
from mocks.canton_scan.update import Update


def render(plan: Plan, update: Update) -> bytes:
    """The update as compact JSON, keys in the order of a real Scan."""
    if plan is Quiet.REASSIGNED:
        return wire.encode(reassignment(update))
    roots = _roots(plan, update)
    return wire.encode(transaction(update, roots, _external_hash(roots[0], update)))


def _roots(plan: Plan, update: Update) -> tuple[Action, ...]:
    """One action; apps may mark their activity beside a payment, in the same update."""
    if isinstance(plan, Quiet):
        return (QUIET_ROOTS[plan](update),)
    root = _COIN_ROOTS[type(plan)](plan, update)
    is_marked = isinstance(plan, Transfer) and plan.outputs and update.draws.one_in(5)
    return (root, rewards.create_markers(update)) if is_marked else (root,)


def _external_hash(root: Action, update: Update) -> str | UnsetType:
    """Half of the calls of the token standard's factory are signed outside of any node."""
    is_external = root.template is EXTERNAL_PARTY_RULES and update.draws.one_in(2)
    return update.network.seed.hex(f"signed {update.moment.index}", 64) if is_external else UNSET


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
