"""Mining rounds open and close on DsoRules; the price of Canton Coin comes with them."""

from mocks.canton_scan import fees, templates, wire
from mocks.canton_scan.amounts import COIN, decimal_text
from mocks.canton_scan.clock import Micros, ledger_time_text
from mocks.canton_scan.network import Network
from mocks.canton_scan.render.coins import rules_id
from mocks.canton_scan.render.governance import (
    dso_rules_choice,
    execute_confirmed,
    start_issuing_action,
)
from mocks.canton_scan.rounds import ISSUES_AFTER, TICK, Round
from mocks.canton_scan.tree import Create, Exercise, archive
from mocks.canton_scan.update import Update

_TICK = {"microseconds": str(TICK)}
_ZERO = decimal_text(0)

ISSUANCE = {
    "amuletToIssuePerYear": "20000000000.0000000000",
    "validatorRewardPercentage": "0.1200000000",
    "appRewardPercentage": "0.4000000000",
    "validatorRewardCap": "0.2000000000",
    "featuredAppRewardCap": "20000.0000000000",
    "unfeaturedAppRewardCap": "0.6000000000",
    "optValidatorFaucetCap": "570.0000000000",
    "optDevelopmentFundPercentage": None,
}


def transfer_config(*, has_fees: bool) -> wire.Json:
    """The transfer fees in USD; since CIP-78 only the holding fee, charged to nobody."""
    first, *others = ((usd, decimal_text(COIN // part)) for usd, part in fees.STEPS)
    steps = [{"_1": decimal_text(usd * COIN), "_2": rate} for usd, rate in others]
    return {
        "createFee": {"fee": decimal_text(fees.CREATE_USD * has_fees)},
        "holdingFee": {"rate": "0.0000190259"},
        "transferFee": {
            "initialRate": first[1] if has_fees else _ZERO,
            "steps": steps if has_fees else [],
        },
        "lockHolderFee": {"fee": decimal_text(fees.LOCK_HOLDER_USD * has_fees)},
        "extraFeaturedAppRewardAmount": "1.0000000000",
        "maxNumInputs": "100",
        "maxNumOutputs": "100",
        "maxNumLockHolders": "50",
    }


def open_round(update: Update) -> Exercise:
    """The next round is created with its price, and the third one before it is summed up."""
    opened = update.network.rounds.round(update.round.number + 1)
    oldest, middle, latest = (_open_id(update, opened.number - back) for back in (3, 2, 1))
    sv = update.network.accounts.super_validator(update.draws)
    votes = [update.contract(f"vote {number}") for number in range(13)]
    rounds = {
        "roundToArchiveCid": oldest,
        "middleRoundCid": middle,
        "latestRoundCid": latest,
    }
    created = _open_id(update, opened.number)
    summarized = _round_id(update, "summarizing", opened.number - 3)
    advanced = Exercise(
        templates.AMULET_RULES,
        rules_id(update),
        "AmuletRules_AdvanceOpenMiningRounds",
        {"amuletPrice": decimal_text(opened.price_usd), **rounds},
        {"summarizingRoundCid": summarized, "openRoundCid": created},
        [update.network.dso],
        (
            archive(templates.OPEN_ROUND, oldest, [update.network.dso]),
            _summarizing(update, summarized, update.network.rounds.round(opened.number - 3)),
            _open(update, created, opened),
        ),
    )
    argument = {
        "amuletRulesCid": rules_id(update),
        **rounds,
        "amuletPriceVoteCids": votes,
        "sv": sv,
    }
    result = {"summarizingRound": summarized, "openRound": created}
    choice = dso_rules_choice(update, sv, "AdvanceOpenMiningRounds", argument, result)
    return choice.over(advanced)


def close_round(update: Update) -> Exercise:
    """A round that has issued its rewards is closed."""
    number = update.round.number - 5
    issuing, closed = _round_id(update, "issuing", number), _round_id(update, "closed", number)
    sv, dso = update.network.accounts.super_validator(update.draws), update.network.dso
    arguments = closed_round_payload(update.network, number)
    archived = archive(templates.ISSUING_ROUND, issuing, [dso])
    created = Create(templates.CLOSED_ROUND, closed, arguments, [dso])
    inner = Exercise(
        templates.AMULET_RULES,
        rules_id(update),
        "AmuletRules_MiningRound_Close",
        {"issuingRoundCid": issuing},
        {"closedRoundCid": closed},
        [dso],
        (archived, created),
    )
    argument = {"amuletRulesCid": rules_id(update), "issuingRoundCid": issuing, "sv": sv}
    result = {"closedRound": closed}
    return dso_rules_choice(update, sv, "MiningRound_Close", argument, result).over(inner)


def start_issuing(update: Update) -> Exercise:
    """A round that is summed up begins to issue rewards, as Super Validators have confirmed."""
    number = update.round.number + 1 - ISSUES_AFTER
    issuing = _round_id(update, "issuing", number)
    sv, dso = update.network.accounts.super_validator(update.draws), update.network.dso
    action = start_issuing_action(update, number)
    argument = action["value"]["amuletRulesAction"]["value"]
    payload = issuing_round_payload(update.network, number, update.ledger_time)
    inner = Exercise(
        templates.AMULET_RULES,
        rules_id(update),
        "AmuletRules_MiningRound_StartIssuing",
        argument,
        {"issuingRoundCid": issuing, "unclaimedRewardCid": None},
        [dso],
        (
            archive(templates.SUMMARIZING_ROUND, argument["miningRoundCid"], [dso]),
            Create(templates.ISSUING_ROUND, issuing, payload, [dso]),
        ),
    )
    return execute_confirmed(update, sv, action).over(inner)


def closed_round_payload(network: Network, number: int) -> wire.Json:
    """ClosedMiningRound: what the round paid."""
    return {
        "dso": network.dso,
        "round": {"number": str(number)},
        **_issuance(network, number),
        "optIssuancePerValidatorFaucetCoupon": _faucet(network, number),
    }


def _open(update: Update, contract_id: str, opened: Round) -> Create:
    network, migration_id = update.network, update.moment.migration_id
    payload = open_round_payload(network, migration_id, opened, update.ledger_time)
    return Create(templates.OPEN_ROUND, contract_id, payload, [network.dso])


def open_round_payload(
    network: Network, migration_id: int, opened: Round, created_at: Micros
) -> wire.Json:
    """OpenMiningRound, created at this ledger time; it opens a tick later."""
    return {
        "dso": network.dso,
        "round": {"number": str(opened.number)},
        "amuletPrice": decimal_text(opened.price_usd),
        "opensAt": ledger_time_text(created_at + TICK),
        "targetClosesAt": ledger_time_text(created_at + 3 * TICK),
        "issuingFor": {"microseconds": str(opened.number * TICK)},
        "transferConfigUsd": transfer_config(has_fees=network.mixture.has_fees(migration_id)),
        "issuanceConfig": ISSUANCE,
        "tickDuration": _TICK,
    }


def issuing_round_payload(network: Network, number: int, created_at: Micros) -> wire.Json:
    """IssuingMiningRound, created at this ledger time: fields from the Daml source of Splice."""
    return {
        "dso": network.dso,
        "round": {"number": str(number)},
        **_issuance(network, number),
        "opensAt": ledger_time_text(created_at),
        "targetClosesAt": ledger_time_text(created_at + 2 * TICK),
        "optIssuancePerValidatorFaucetCoupon": _faucet(network, number),
    }


def _issuance(network: Network, number: int) -> wire.Json:
    """Return the reward that a round pays for each coupon, except for faucet coupons."""
    featured = network.seed.draws(f"featured issuance {number}").between(COIN, 4 * COIN)
    return {
        "issuancePerValidatorRewardCoupon": "0.2000000000",
        "issuancePerFeaturedAppRewardCoupon": decimal_text(featured),
        "issuancePerUnfeaturedAppRewardCoupon": "0.6000000000",
        "issuancePerSvRewardCoupon": "0.0690020000",
    }


def _faucet(network: Network, number: int) -> str:
    return decimal_text(network.rounds.faucet(number))


def _summarizing(update: Update, contract_id: str, round_: Round) -> Create:
    arguments = {
        "dso": update.network.dso,
        "round": {"number": str(round_.number)},
        "amuletPrice": decimal_text(round_.price_usd),
        "issuanceConfig": ISSUANCE,
        "tickDuration": _TICK,
    }
    return Create(templates.SUMMARIZING_ROUND, contract_id, arguments, [update.network.dso])


def _open_id(update: Update, number: int) -> str:
    return _round_id(update, "open", number)


def _round_id(update: Update, state: str, number: int) -> str:
    return update.network.contract(f"{state} round {number}")
