"""AmuletRules_BuyMemberTraffic: coin burned for bandwidth of the synchronizer.

The price is split off into a coin of its own, which is archived at once. Tree from the Daml source
(splitAndBurn in Splice.AmuletRules); the price of traffic is made up.
"""

from mocks.canton_scan import wire
from mocks.canton_scan.amounts import COIN, Units, decimal_text
from mocks.canton_scan.plan import Output, TrafficPurchase, Transfer
from mocks.canton_scan.render.coins import metadata, rules_id, spend, transfer_context
from mocks.canton_scan.render.holdings import SENDER, HoldingsChange, leg, report
from mocks.canton_scan.render.transfers import transfer_effects, transfer_inputs, transfer_result
from mocks.canton_scan.templates import AMULET_RULES, MEMBER_TRAFFIC, VALIDATOR_REWARD_COUPON
from mocks.canton_scan.tree import Action, Create, Exercise
from mocks.canton_scan.update import Update

_BYTES_PER_USD = 60_000


def purchase(plan: TrafficPurchase, update: Update) -> Exercise:
    """The purchase: a split, the burn, a reward coupon for it, and the traffic."""
    split = Transfer(
        plan.buyer,
        plan.inputs,
        (Output(plan.buyer, plan.burned),),
        reports_holdings=plan.reports_holdings,
    )
    return Exercise(
        AMULET_RULES,
        rules_id(update),
        "AmuletRules_BuyMemberTraffic",
        _argument(plan, split, update),
        _result(plan, split, update),
        [plan.buyer],
        children=(*transfer_effects(split, update), *_burn(plan, update), *_bought(plan, update)),
    )


def _argument(plan: TrafficPurchase, split: Transfer, update: Update) -> wire.Json:
    return {
        "inputs": transfer_inputs(split, update),
        "context": transfer_context(update, with_rewards=False),
        "provider": plan.buyer,
        **_bought_for(plan, update),
        "trafficAmount": _traffic_bytes(plan, update),
        "expectedDso": update.network.dso,
    }


def _result(plan: TrafficPurchase, split: Transfer, update: Update) -> wire.Json:
    transferred = transfer_result(split, update, None, burned=plan.burned)
    return {
        "round": transferred["round"],
        "summary": transferred["summary"],
        "amuletPaid": decimal_text(plan.burned),
        "purchasedTraffic": update.contract("traffic"),
        "senderChangeAmulet": transferred["senderChangeAmulet"],
        "meta": metadata(tx_kind="burn", reason="traffic purchase"),
    }


def _burn(plan: TrafficPurchase, update: Update) -> list[Action]:
    price = update.contract("output 0")
    burned = spend(update, plan.buyer, [price])
    if plan.reports_holdings:
        legs = [leg("", SENDER, None, plan.burned, metadata(reason="traffic purchase"))]
        burned.append(report(update, plan.buyer, HoldingsChange([price], legs)))
    return burned


def _bought(plan: TrafficPurchase, update: Update) -> list[Action]:
    dso = update.network.dso
    coupon = {
        "dso": dso,
        "user": plan.buyer,
        "amount": decimal_text(plan.burned),
        "round": {"number": str(update.round.number)},
    }
    traffic = {
        "dso": dso,
        **_bought_for(plan, update),
        "totalPurchased": _traffic_bytes(plan, update),
        "numPurchases": "1",
        "amuletSpent": decimal_text(plan.burned),
        "usdSpent": decimal_text(_usd(plan, update)),
    }
    return [
        Create(VALIDATOR_REWARD_COUPON, update.contract("coupon"), coupon, [dso], [plan.buyer]),
        Create(MEMBER_TRAFFIC, update.contract("traffic"), traffic, [dso]),
    ]


def _bought_for(plan: TrafficPurchase, update: Update) -> dict[str, str]:
    """The node and synchronizer that the traffic is for."""
    hint, _, namespace = plan.buyer.partition("::")
    return {
        "memberId": f"PAR::{hint}::{namespace}",
        "synchronizerId": update.network.synchronizer_id,
        "migrationId": str(update.moment.migration_id),
    }


def _usd(plan: TrafficPurchase, update: Update) -> Units:
    return plan.burned * update.round.price_usd // COIN


def _traffic_bytes(plan: TrafficPurchase, update: Update) -> str:
    return str(_usd(plan, update) * _BYTES_PER_USD // COIN)
