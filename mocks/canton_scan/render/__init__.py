"""Rendering of a plan as an update."""

from collections.abc import Callable
from typing import Any

from msgspec import UNSET, UnsetType, structs

from mocks.canton_scan import wire
from mocks.canton_scan.plan import (
    Answer,
    Expiry,
    FailedCommand,
    Mint,
    Plan,
    Promise,
    Purchase,
    Purpose,
    Quiet,
    Renewal,
    Route,
    Settlement,
    Split,
    Together,
    Trade,
    Transfer,
)
from mocks.canton_scan.render import (
    allocations,
    app_payments,
    commands,
    expiry,
    factory,
    instructions,
    mints,
    names,
    preapprovals,
    purchases,
    rewards,
    trades,
    transfers,
)
from mocks.canton_scan.render.quiet import QUIET_ROOTS, RENEWALS
from mocks.canton_scan.render.reassignments import reassignment
from mocks.canton_scan.templates import EXTERNAL_PARTY_RULES
from mocks.canton_scan.tree import Action, transaction
from mocks.canton_scan.update import Update


def render(plan: Plan, update: Update) -> wire.Transaction | wire.Reassignment:
    """The update, fields in the order of a real Scan."""
    if plan is Quiet.REASSIGNED:
        return reassignment(update)
    roots = _roots(plan, update)
    return transaction(update, roots, _external_hash(roots[0], update))


def _roots(plan: Plan, update: Update) -> tuple[Action, ...]:
    """Return the root actions: usually one; apps may also mark their activity beside a payment."""
    if isinstance(plan, Quiet):
        return (QUIET_ROOTS[plan](update),)
    if isinstance(plan, Renewal):
        return (RENEWALS[plan.what](plan, update),)
    if isinstance(plan, Together):
        return _together(plan, update)
    roots = _COIN_ROOTS[type(plan)](plan, update)
    is_marked = isinstance(plan, Transfer) and plan.outputs and update.draws.one_in(5)
    return (*roots, rewards.create_markers(update)) if is_marked else roots


def _together(plan: Together, update: Update) -> tuple[Action, ...]:
    """Each part under names and in the version of its own."""
    return tuple(
        structs.replace(root, version=part.generation.value)
        for number, part in enumerate(plan.parts)
        for root in _COIN_ROOTS[type(part)](part, update.part(number, part.generation))
    )


def _external_hash(root: Action, update: Update) -> str | UnsetType:
    """Half of the calls of the token standard's factory are signed outside of any node."""
    is_external = root.template is EXTERNAL_PARTY_RULES and update.draws.one_in(2)
    return update.network.seed.hex(f"signed {update.moment.index}", 64) if is_external else UNSET


def _transfer(plan: Transfer, update: Update) -> tuple[Action, ...]:
    if plan.command:
        return (commands.commanded_send(plan, update),)
    if plan.route is Route.JOINT:
        return (factory.joint_transfer(plan, update),)
    if plan.route is not Route.RULES:
        return (preapprovals.preapproved_send(plan, update),)
    return ((factory.merge if plan.by_factory else transfers.rules_transfer)(plan, update),)


def _split(plan: Split, update: Update) -> tuple[Action, ...]:
    return _transfer(plan.transfer, update)


def _promise(plan: Promise, update: Update) -> tuple[Action, ...]:
    return _PROMISES[plan.purpose](plan, update)


def _answer(plan: Answer, update: Update) -> tuple[Action, ...]:
    return _ANSWERS[plan.promise.purpose](plan, update)


_PROMISES = {
    Purpose.OFFER: instructions.offer,
    Purpose.ALLOCATION: allocations.allocation,
    Purpose.NAME: names.locked_for_name,
    Purpose.RENEWAL: names.locked_for_name,
    Purpose.APP: app_payments.locked_for_app,
}
_ANSWERS = {
    Purpose.OFFER: instructions.answered_offer,
    Purpose.ALLOCATION: allocations.answered_allocation,
    Purpose.NAME: names.answered_name,
    Purpose.RENEWAL: names.answered_name,
    Purpose.APP: app_payments.answered_app_payment,
}
_COIN_ROOTS: dict[type, Callable[[Any, Update], tuple[Action, ...]]] = {
    Transfer: _transfer,
    Mint: mints.mint,
    Purchase: purchases.purchase,
    Expiry: expiry.expiry,
    FailedCommand: commands.failed_command,
    Promise: _promise,
    Answer: _answer,
    Trade: trades.allocations,
    Settlement: trades.settlement,
    Split: _split,
}
