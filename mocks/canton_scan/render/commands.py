"""TransferCommand_Send: an external party's command, carried out by a node on its behalf."""

from mocks.canton_scan import templates, wire
from mocks.canton_scan.plan import Command, FailedCommand, Transfer
from mocks.canton_scan.render.preapprovals import payment_context, preapproval_id, send
from mocks.canton_scan.render.transfers import rules_transfer, transfer_inputs, transfer_result
from mocks.canton_scan.tree import Action, Create, Exercise, replace
from mocks.canton_scan.update import Update

_LOW: wire.Json = {"tag": "ITR_Other", "value": {"description": "nonce"}}
_POOR: wire.Json = {"tag": "ITR_InsufficientFunds", "value": {"missingAmount": "22.4000000000"}}


def commanded_send(plan: Transfer, update: Update) -> Exercise:
    """A send; where the DSO doesn't see that, its AmuletRules_Transfer alone."""
    is_hidden = plan.command is Command.HIDDEN
    sent = rules_transfer(plan, update) if is_hidden else send(plan, update)
    done = {"result": transfer_result(plan, update, None)}
    result = {"tag": "TransferCommandResultSuccess", "value": done}
    children = (*_counted(plan.sender, update), sent)
    inputs = transfer_inputs(plan, update)
    receiver = plan.outputs[0].receiver
    return _command(update, plan.sender, receiver, inputs, result).over(*children)


def failed_command(plan: FailedCommand, update: Update) -> tuple[Action, ...]:
    """Nothing is sent; a first generation merges the sender's coins instead."""
    receiver = update.network.accounts.account_but(plan.sender, update.draws)
    reason = _POOR if plan.merge else _LOW
    failed = {"tag": "TransferCommandResultFailure", "value": {"reason": reason}}
    if plan.merge is None:
        return (_command(update, plan.sender, receiver, [], failed),)
    inputs = transfer_inputs(plan.merge, update)
    choice = _command(update, plan.sender, receiver, inputs, failed)
    merged = rules_transfer(plan.merge, update)
    return (choice.over(*_counted(plan.sender, update), merged),)


def _command(
    update: Update, sender: str, receiver: str, inputs: wire.Json, result: wire.Json
) -> Exercise:
    node = update.network.accounts.account_but(sender, update.draws)
    nonce = str(update.draws.below(40))
    argument = {
        "context": payment_context(update),
        "inputs": inputs or [{"tag": "InputAmulet", "value": update.contract("input 0")}],
        "transferPreapprovalCidO": preapproval_id(receiver, update),
        "transferCounterCid": update.contract("counter before"),
    }
    return Exercise(
        templates.TRANSFER_COMMAND,
        update.contract("command"),
        "TransferCommand_Send",
        argument,
        {"result": result, "sender": sender, "nonce": nonce},
        [node],
        consuming=True,
    )


def _counted(sender: str, update: Update) -> tuple[Action, ...]:
    dso = update.network.dso
    arguments = {"dso": dso, "sender": sender, "nextNonce": str(update.draws.between(1, 40))}
    after = update.contract("counter")
    counter = Create(templates.TRANSFER_COMMAND_COUNTER, after, arguments, [dso], [sender])
    return replace(update.contract("counter before"), counter)
