"""Coin burned for bandwidth of the synchronizer, or for approving transfers beforehand.

The price is split off into a coin of its own, which is archived at once; first it was paid to the
DSO. Trees from the Daml source (splitAndBurn in Splice.AmuletRules); the price of traffic is made
up. For traffic the fee is part of what is paid, for preapprovals it comes on top.
"""

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import COIN, Units, decimal_text
from mocks.canton_scan.plan import Bought, Generation, Purchase
from mocks.canton_scan.render.coins import metadata, rules_id, spend, transfer_context
from mocks.canton_scan.render.holdings import burn_of, report
from mocks.canton_scan.render.preapprovals import payment_context, preapproval_id
from mocks.canton_scan.render.summaries import burned_metadata
from mocks.canton_scan.render.transfers import transfer_effects, transfer_inputs, transfer_result
from mocks.canton_scan.rounds import Round
from mocks.canton_scan.templates import AMULET_RULES, MEMBER_TRAFFIC, VALIDATOR_REWARD_COUPON
from mocks.canton_scan.tree import Action, Create, Exercise
from mocks.canton_scan.update import Update

BYTES_PER_USD = 60_000
_YEAR = 365 * 86_400
_REASONS = {
    Bought.TRAFFIC: "traffic purchase",
    Bought.PREAPPROVAL: "create TransferPreapproval",
    Bought.SETUP: "create ExternalPartySetupProposal",
    Bought.RENEWAL: "renew TransferPreapproval",
}


def purchase(plan: Purchase, update: Update) -> tuple[Action, ...]:
    """The purchase: a split, the burn, a reward coupon for it, and what was bought."""
    choice = _traffic if plan.what is Bought.TRAFFIC else _preapproval
    split = transfer_effects(plan.split, update, reason=f"split for {_REASONS[plan.what]}")
    done = (*split, *_burn(plan, update)) if plan.split.outputs else ()
    coupon = (_coupon(plan, update),) if plan.split.outputs else ()
    return (choice(plan, update, (*done, *coupon)),)


def paid(plan: Purchase) -> Units:
    """Return the amount, in units, that the choice reports as paid."""
    output = sum(one.amount for one in plan.split.outputs)
    is_inside = plan.what is Bought.TRAFFIC and plan.generation is not Generation.FIRST
    return output + sum(plan.split.fees.outputs) * is_inside


def _burn(plan: Purchase, update: Update) -> list[Action]:
    (price,) = plan.split.outputs
    contract_id = update.contract("output 0")
    burned = spend(update, price.receiver, [contract_id])
    if plan.generation.reports:
        change = burn_of(contract_id, price.amount, _REASONS[plan.what])
        burned.append(report(update, plan.split.sender, change))
    return burned


def _coupon(plan: Purchase, update: Update) -> Create:
    buyer, dso = plan.split.sender, update.network.dso
    coupon = {
        "dso": dso,
        "user": buyer,
        "amount": decimal_text(paid(plan)),
        "round": {"number": str(update.round.number)},
    }
    return Create(VALIDATOR_REWARD_COUPON, update.contract("coupon"), coupon, [dso], [buyer])


def _traffic(plan: Purchase, update: Update, done: tuple[Action, ...]) -> Exercise:
    is_first, buyer = plan.generation is Generation.FIRST, plan.split.sender
    argument = {
        "inputs": transfer_inputs(plan.split, update),
        "context": transfer_context(update, with_rewards=plan.split.rewards.total > 0),
        "provider": buyer,
        **_bought_for(plan, update),
        "trafficAmount": str(traffic_bytes(plan, update.round)),
    }
    transferred = transfer_result(plan.split, update, None)
    result = {
        "round": transferred["round"],
        "summary": transferred["summary"],
        "amuletPaid": decimal_text(paid(plan)),
        "purchasedTraffic": update.contract("traffic"),
        "senderChangeAmulet": transferred["senderChangeAmulet"],
    }
    meta = metadata(tx_kind="burn", reason=_REASONS[plan.what])
    return Exercise(
        AMULET_RULES,
        rules_id(update),
        plan.what.value,
        argument if is_first else {**argument, "expectedDso": update.network.dso},
        result if is_first else {**result, "meta": meta},
        [buyer],
        children=(*done, _member_traffic(plan, update)),
    )


def _member_traffic(plan: Purchase, update: Update) -> Create:
    traffic = {
        "dso": update.network.dso,
        **_bought_for(plan, update),
        "totalPurchased": str(traffic_bytes(plan, update.round)),
        "numPurchases": "1",
        "amuletSpent": decimal_text(paid(plan)),
        "usdSpent": decimal_text(_usd(plan, update.round)),
    }
    return Create(MEMBER_TRAFFIC, update.contract("traffic"), traffic, [update.network.dso])


def _bought_for(plan: Purchase, update: Update) -> dict[str, str]:
    """The node and synchronizer that the traffic is for."""
    return {
        "memberId": participant_of(plan.split.sender),
        "synchronizerId": update.network.synchronizer_id,
        "migrationId": str(update.moment.migration_id),
    }


def participant_of(party: str) -> str:
    """The node that hosts a party: each has one of its own."""
    return f"PAR::{party}"


def _usd(plan: Purchase, round_: Round) -> Units:
    return paid(plan) * round_.price_usd // COIN


def traffic_bytes(plan: Purchase, round_: Round) -> int:
    """Return how many bytes of traffic are bought at the price of a round."""
    return _usd(plan, round_) * BYTES_PER_USD // COIN


def _preapproval(plan: Purchase, update: Update, done: tuple[Action, ...]) -> Exercise:
    """A preapproval made or renewed, or the proposal of a party with one."""
    payer, user, dso = plan.split.sender, plan.user, update.network.dso
    is_renewal, is_setup = plan.what is Bought.RENEWAL, plan.what is Bought.SETUP
    argument: wire.Json = {
        "context": payment_context(update),
        "inputs": transfer_inputs(plan.split, update),
    }
    until = update.later(_YEAR)
    if is_renewal:
        argument["newExpiresAt"] = until
    elif is_setup:
        argument |= {"user": user, "validator": payer, "preapprovalExpiresAt": until}
    else:
        argument |= {"receiver": user, "provider": payer, "expiresAt": until}
    if not is_renewal:
        argument["expectedDso"] = dso
    return Exercise(
        templates.TRANSFER_PREAPPROVAL if is_renewal else AMULET_RULES,
        preapproval_id(user, update) if is_renewal else rules_id(update),
        plan.what.value,
        argument,
        _preapproval_result(plan, update),
        [payer] if is_renewal or is_setup else list({payer, user}),
        children=(*done, _preapproved(plan, update, until)),
        consuming=is_renewal,
    )


def _preapproval_result(plan: Purchase, update: Update) -> wire.Json:
    made = "proposalCid" if plan.what is Bought.SETUP else "transferPreapprovalCid"
    result = {
        made: update.contract("preapproval"),
        "transferResult": transfer_result(plan.split, update, None),
        "amuletPaid": decimal_text(paid(plan)),
        "meta": {
            "values": {
                **burned_metadata(plan.split.burned),
                **metadata(tx_kind="burn", reason=_REASONS[plan.what])["values"],
            }
        },
    }
    if plan.what is Bought.RENEWAL:
        result |= {"receiver": plan.user, "provider": plan.split.sender}
    elif plan.what is Bought.SETUP:
        result |= {"user": plan.user, "validator": plan.split.sender}
    return result


def _preapproved(plan: Purchase, update: Update, until: str) -> Create:
    payer, user, dso = plan.split.sender, plan.user, update.network.dso
    contract_id, now = update.contract("preapproval"), update.effective_at
    if plan.what is Bought.SETUP:
        proposal = {
            "validator": payer,
            "user": user,
            "dso": dso,
            "createdAt": now,
            "preapprovalExpiresAt": until,
        }
        return Create(templates.SETUP_PROPOSAL, contract_id, proposal, [dso, payer], [user])
    arguments = {
        "dso": dso,
        "receiver": user,
        "provider": payer,
        "validFrom": now,
        "lastRenewedAt": now,
        "expiresAt": until,
    }
    signed_by = list({dso, payer, user})
    return Create(templates.TRANSFER_PREAPPROVAL, contract_id, arguments, signed_by)
