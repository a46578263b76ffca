"""Lookalikes of Canton Coin that are not: others decide what they show to the DSO.

Anybody may create the real package's contracts under a DSO party of their own, exercise a choice
of the same name on a template of their own, publish a package of the same modules under another
name, or accept another token's transfers. All of it moves no coin of this network.
"""

from typing import Any

from msgspec import structs

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import COIN
from mocks.canton_scan.plan import (
    Answer,
    Generation,
    Outcome,
    Output,
    Promise,
    Purpose,
    Transfer,
)
from mocks.canton_scan.render.factory import extra_arguments
from mocks.canton_scan.render.holdings import MINTED, RECEIVER, HoldingsChange, leg, report
from mocks.canton_scan.render.instructions import answered_offer
from mocks.canton_scan.render.transfers import rules_transfer
from mocks.canton_scan.templates import Template
from mocks.canton_scan.tree import Action, Create, Exercise
from mocks.canton_scan.update import Update

_MUCH = 1_000_000 * COIN


def foreign_coin(update: Update) -> Exercise:
    """One of the ways to be taken for Canton Coin."""
    ways = (_foreign_report, _foreign_payment, _foreign_offer, _forked, _named_alike, _other_token)
    return update.draws.pick(ways)(update)


def _stranger(update: Update) -> str:
    """The DSO party of some other network, or somebody's idea of one."""
    return f"DSO::1220{update.network.seed.hex(f'stranger {update.moment.index}', 64)}"


def _as_theirs(action: Action, ours: str, theirs: str) -> Any:
    """The same with another DSO party in every place."""
    if isinstance(action, Create):
        return structs.replace(
            action,
            arguments=_put(action.arguments, ours, theirs),
            signatories=_put(action.signatories, ours, theirs),
            observers=[*_put(action.observers, ours, theirs), ours],
        )
    return structs.replace(
        action,
        argument=_put(action.argument, ours, theirs),
        result=_put(action.result, ours, theirs),
        actors=_put(action.actors, ours, theirs),
        children=tuple(_as_theirs(child, ours, theirs) for child in action.children),
    )


def _put(value: wire.Json, ours: str, theirs: str) -> Any:
    if isinstance(value, dict):
        return {name: _put(one, ours, theirs) for name, one in value.items()}
    if isinstance(value, list):
        return [_put(one, ours, theirs) for one in value]
    return theirs if value == ours else value


def _foreign_report(update: Update) -> Exercise:
    """A million from nowhere, reported by another DSO party on a contract of the real package."""
    owner, ours = update.network.accounts.account(update.draws), update.network.dso
    legs = [leg("mint", RECEIVER, MINTED, _MUCH)]
    reported = report(update, owner, HoldingsChange([], legs, [update.contract("coin")]))
    theirs: Exercise = _as_theirs(reported, ours, _stranger(update))
    observed = {**theirs.argument, "observers": [ours, owner]}
    return structs.replace(theirs, argument=observed, contract_id=update.contract("their rules"))


def _payment(update: Update, generation: Generation) -> Transfer:
    draws, accounts = update.draws, update.network.accounts
    sender = accounts.account(draws)
    receiver = accounts.account_but(sender, draws)
    return Transfer(sender, (_MUCH,), (Output(receiver, _MUCH),), generation=generation)


def _foreign_payment(update: Update) -> Exercise:
    """Coin of another DSO party changes hands by the real package's choice."""
    made = rules_transfer(_payment(update, update.generation), update)
    theirs = _as_theirs(made, update.network.dso, _stranger(update))
    return structs.replace(theirs, contract_id=update.contract("their rules"))


def _foreign_offer(update: Update) -> Exercise:
    """An offer of another DSO party's coin is accepted."""
    locking = _payment(update, Generation.PLAIN)
    receiver = locking.outputs[0].receiver
    promise = Promise(
        update.moment.index,
        Purpose.OFFER,
        Transfer(locking.sender, (_MUCH,), (Output(locking.sender, _MUCH),)),
        receiver,
        _MUCH,
    )
    paying = Transfer(locking.sender, (_MUCH,), (Output(receiver, _MUCH),))
    answer = Answer(promise, Outcome.PAID, Generation.PLAIN, paying)
    (accepted,) = answered_offer(answer, update)
    theirs: Exercise = _as_theirs(accepted, update.network.dso, _stranger(update))
    return structs.replace(theirs, version=Generation.PLAIN.value)


def _forked(update: Update) -> Exercise:
    """The same modules in a package of another name, whose coins name the real DSO."""
    return _in_package(
        rules_transfer(_payment(update, Generation.PLAIN), update), "splice-amulet-fork"
    )


def _in_package(action: Action, package: str) -> Any:
    template = Template(package, action.template.path)
    if isinstance(action, Create):
        return structs.replace(action, template=template)
    below = tuple(_in_package(child, package) for child in action.children)
    return structs.replace(action, template=template, children=below)


def _named_alike(update: Update) -> Exercise:
    """A choice of the report's name that is not the interface's."""
    owner = update.network.accounts.account(update.draws)
    legs = [leg("mint", RECEIVER, MINTED, 5 * COIN)]
    reported = report(update, owner, HoldingsChange([], legs))
    return structs.replace(
        reported,
        template=Template("mock-rules", "Mock.Rules:Rules"),
        contract_id=update.contract("rules"),
        actors=[owner],
        interface=None,
    )


def _other_token(update: Update) -> Exercise:
    """Another token's transfer is accepted or rejected, through the standard's own choices."""
    draws, accounts = update.draws, update.network.accounts
    issuer, sender = accounts.account(draws), accounts.account(draws)
    receiver = accounts.account_but(sender, draws)
    holding = {"issuer": issuer, "owner": receiver, "amount": "12.0000000000"}
    created = Create(
        Template("mock-token", "Mock.Token:Holding"),
        update.contract("holding"),
        holding,
        [issuer, receiver],
        [update.network.dso],
    )
    is_accepted = draws.one_in(2)
    received = {"receiverHoldingCids": [created.contract_id]}
    output = {"tag": "TransferInstructionResult_Failed", "value": {}}
    if is_accepted:
        output = {"tag": "TransferInstructionResult_Completed", "value": received}
    return Exercise(
        Template("mock-token", "Mock.Token:TokenTransferInstruction"),
        update.contract("instruction"),
        f"TransferInstruction_{'Accept' if is_accepted else 'Reject'}",
        {"extraArgs": extra_arguments(update, Generation.PLAIN, expires_lock=True)},
        {"output": output, "senderChangeCids": [], "meta": {"values": {}}},
        [receiver],
        children=(created,) if is_accepted else (),
        consuming=True,
        interface=templates.TRANSFER_INSTRUCTION_INTERFACE,
    )
