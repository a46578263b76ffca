"""The rules of the second opinion in the warehouse, over every case, and with rows that are wrong.

Coins and rights to rewards that a case uses up are made by an update before: rights of what the
case mints, by the rates of a round each.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest

from mocks.canton_scan.clock import SECOND
from mocks.canton_scan.ledger import open_ledger
from services import silver
from services.coin_contracts import coin_changes
from services.quality_rules import BATCH_RULES
from services.statements import statement
from tests.coin.case import Sums, sums
from tests.coin.cases import CASES
from tests.updates import (
    DSO,
    SYNCHRONIZER,
    Event,
    Json,
    created,
    record_time,
    transaction,
    update_id,
)

REFERENCE = Path(__file__).parents[3] / "shared" / "canton" / "cases.json"
REFERENCE_DSO = f"DSO::1220{'d' * 64}"
AGREE, SUPPLY, KEEPS, RIGHTS, WORTH = SECOND_OPINION = [
    "rows_agree_with_contracts",
    "supply_changes_by_mints_and_burns",
    "dso_party_keeps_no_coin",
    "mints_use_up_rewards",
    "mints_are_worth_their_rewards",
]
RATES = {  # by what is used up: how many shares it is, and the round's field of a share's worth
    "Splice.Amulet:AppRewardCoupon": ("0.5", "issuancePerFeaturedAppRewardCoupon"),
    "Splice.Amulet:ValidatorRewardCoupon": ("0.5", "issuancePerValidatorRewardCoupon"),
    "Splice.Amulet:SvRewardCoupon": ("1", "issuancePerSvRewardCoupon"),
    "Splice.ValidatorLicense:ValidatorFaucetCoupon": ("1", "optIssuancePerValidatorFaucetCoupon"),
    "Splice.ValidatorLicense:ValidatorLivenessActivityRecord": (
        "1",
        "optIssuancePerValidatorFaucetCoupon",
    ),
}
_rounds = count(1)


@dataclass(frozen=True)
class Told:
    """A case as the warehouse gets it: an update, and the contracts that it finds there."""

    name: str
    update: Json
    movements: Sums
    earlier: dict[str, Json]  # create_arguments of coins, by contract id
    is_unknown: bool  # what happened can't be known from the choices

    @property
    def minted(self) -> Decimal:
        """CC that the update mints."""
        amounts = [cc for (_, _, kind, _), cc in self.movements.items() if kind == "mint"]
        return sum(amounts, Decimal())

    @property
    def events(self) -> list[Json]:
        """The update's events; a reassignment has none of a tree."""
        return list(self.update.get("events_by_id", {}).values())

    def numbered(self, number: int) -> "Told":
        """The same at a place of its own, about contracts of its own."""
        ids = {event["contract_id"] for event in self.events}
        text = json.dumps([self.update, self.earlier])
        text = text.replace(self.update["update_id"], update_id(number))
        text = text.replace(self.update.get("synchronizer_id", SYNCHRONIZER), SYNCHRONIZER)
        text = text.replace(REFERENCE_DSO, DSO)
        for one in ids | self.earlier.keys():
            text = text.replace(f'"{one}"', f'"{one}{number:04}"')
        update, earlier = json.loads(text)
        at = {"record_time": record_time(number), "effective_at": record_time(number)}
        return replace(self, update={**update, **at, "migration_id": 4}, earlier=earlier)

    def made_before(self) -> Iterator[Event]:
        """Coins and rights that the update uses up."""
        for contract_id, arguments in self.earlier.items():
            yield _made("Splice.Amulet:Amulet", arguments, contract_id)
        used = [one["contract_id"] for one in coin_changes(self.update) if one["change"] == "used"]
        templates = {event["contract_id"]: event["template_id"] for event in self.events}
        for place, contract_id in enumerate(used):
            share = (self.minted / len(used)).quantize(Decimal("1E-10"))
            worth = share if place else self.minted - share * (len(used) - 1)
            yield from _granted(templates[contract_id].partition(":")[2], contract_id, worth)


def _made(template: str, arguments: Json, contract_id: str) -> Event:
    made = created(template, arguments)
    return Event({**made.fields, "contract_id": contract_id})


def _granted(template: str, contract_id: str, worth: Decimal) -> Iterator[Event]:
    shares, rate = RATES.get(template, (None, None))
    number = {"number": str(next(_rounds))}
    terms = {"dso": DSO, "round": number, "featured": True}
    field = "weight" if template.endswith("SvRewardCoupon") else "amount"
    yield _made(template, {**terms, field: shares or f"{worth:f}"}, contract_id)
    if shares:
        rates = {rate: f"{worth / Decimal(shares):f}"}
        yield created("Splice.Round:IssuingMiningRound", {**terms, **rates})


@pytest.fixture(scope="module")
def own():
    return [
        Told(
            name,
            case.update,
            case.movements,
            {
                contract_id: {"dso": dso, "owner": owner, "amount": {"initialAmount": amount}}
                for contract_id, (dso, owner, amount) in case.earlier.items()
            },
            case.contracts_differ,
        )
        for name, case in CASES.items()
    ]


@pytest.fixture(scope="module")
def reference():
    if not REFERENCE.exists():
        pytest.skip(f"the reference cases are not part of the project: {REFERENCE} is absent")
    return [
        Told(
            case["name"],
            case["update"],
            sums(case["movements"]),
            {
                coin["contract_id"]: coin["create_arguments"].get(
                    "amulet", coin["create_arguments"]
                )
                for coin in case.get("earlier", ())
            },
            case.get("no_diff", False),
        )
        for case in json.loads(REFERENCE.read_text())
    ]


@pytest.fixture
def built(pipeline, scan):
    """Puts cases into silver; their names by update id."""

    def build(cases: Iterable[Told]):
        told = [case.numbered(number) for number, case in enumerate(cases, 1)]
        scan.add(transaction(*(event for case in told for event in case.made_before())))
        scan.add(*(case.update for case in told))
        line = pipeline(scan)
        line.load()
        line.build(silver.LAYER)
        return line, {case.update["update_id"]: case.name for case in told}

    return build


def found(line, names: dict[str, str]) -> dict[str, set[str]]:
    """The cases that offend, by rule."""
    values = {"network": line.network, "batch_id": 1, "after_batch_id": 0, "upto_batch_id": 1}
    result = {}
    with line.services.warehouse.session() as session:
        session.execute("delete from silver.coin_checks where network = %(network)s", values)
        session.execute(statement("silver/coin_checks"), values)
        for rule in [rule for rule in BATCH_RULES if rule.name in SECOND_OPINION]:
            rows = session.query(rule.query, values)
            wrong = {
                row["sample_key"].split()[1].strip(",:") for row in rows if row["is_offending"]
            }
            result[rule.name] = {names[one] for one in wrong if one in names}
    return result


# Coin that changes hands under a choice of which the rules know nothing.
STAYS_IN_ALL = {
    "gaps: a factory that gives a coin of the sender to somebody else",
    "gaps: a factory that merges a coin of somebody else",
    "gaps: a factory that pays all of a coin to somebody else and reports nothing",
    "gaps: a factory that pays somebody else and reports nothing",
    "gaps: a report that names a coin of somebody else",
    "gaps: an allocation that locks for somebody else",
    "gaps: an unknown choice around an unlock with a report",
    "gaps: an unknown choice of a known template",
    "gaps: an unlock by somebody else, who gets the coin",
    "gaps: an unlock that gives the coin to somebody else",
    "liars: a fork of the package",
}


def test_the_second_opinion_agrees_with_every_case_that_can_be_known(built, own):
    line, names = built(own)
    differ = {case.name for case in own if case.is_unknown}
    assert found(line, names) == {
        AGREE: differ,
        SUPPLY: differ - STAYS_IN_ALL,
        KEEPS: {"payments: a payment to the DSO that stays there"},
        RIGHTS: set(),
        WORTH: set(),
    }


def test_the_second_opinion_agrees_with_every_reference_case_that_can_be_known(built, reference):
    line, names = built(reference)
    # In summary-that-does-not-close, coins do.
    assert found(line, names) == {
        AGREE: {case.name for case in reference if case.is_unknown}
        - {"summary-that-does-not-close"},
        SUPPLY: set(),
        KEEPS: set(),
        RIGHTS: set(),
        WORTH: set(),
    }


def test_the_second_opinion_agrees_with_a_generated_ledger(pipeline, tmp_path, request, clock):
    history = open_ledger(
        tmp_path / "ledger.json", request.node.nodeid, history=1500, gap=6 * SECOND, clock=clock
    )
    line = pipeline(history)
    line.load()
    line.build(silver.LAYER)
    results = {
        row["rule"]: (row["offenders"], row["total"] > 0)
        for row in line.rows("select * from ops.quality_results where network = %(network)s")
    }
    assert {rule: results[rule] for rule in SECOND_OPINION} == dict.fromkeys(
        SECOND_OPINION, (0, True)
    )


FROM_NOTHING = {"mints: a mint alone", "reports: a mint"}
IN_CC = {
    "mints: a reward coupon of the second version alone",
    "mints: the development fund pays its beneficiary",
    "mints: unclaimed activity is minted beside a coin",
}
BESIDE_A_BURN = {
    "mints: a reward coupon of the second version is an app's reward",
    "mints: rewards of all kinds",
    "purchases: a preapproval paid by a reward",
    "purchases: traffic paid by a reward",
    "without wrappers: a wallet's batch: three roots hand a coin on",
}
MINTING = {
    name for name, case in CASES.items() if any(kind == "mint" for _, _, kind, _ in case.movements)
}
CLAIMING = MINTING - FROM_NOTHING
WRONG = {
    "rewards are minted twice": (
        """update silver.canton_transactions set amount_cc = 2 * amount_cc
           where network = %(network)s and movement_kind = 'mint'""",
        {AGREE: MINTING, SUPPLY: MINTING, WORTH: CLAIMING},
    ),
    "a mint is taken for a payment": (
        """update silver.canton_transactions set movement_kind = 'transfer'
           where network = %(network)s and movement_kind = 'mint'""",
        {SUPPLY: MINTING, WORTH: CLAIMING},
    ),
    "a mint and a burn of one account cancel": (
        """update silver.canton_transactions set amount_cc = amount_cc + 1
           where network = %(network)s and movement_kind in ('mint', 'burn') and update_id in (
               select update_id from silver.canton_transactions
               where network = %(network)s and movement_kind = 'burn')""",
        {WORTH: BESIDE_A_BURN},
    ),
    "another round's rates hold": (
        "update silver.reward_rates set share_cc = share_cc + 1 where network = %(network)s",
        {WORTH: CLAIMING - IN_CC},
    ),
    "the rights are somebody else's": (
        "update silver.rewards set is_ours = false where network = %(network)s",
        {WORTH: CLAIMING},
    ),
    "the rights are from before the beginning": (
        "delete from silver.rewards where network = %(network)s",
        {},
    ),
}


@pytest.mark.parametrize(("sql", "caught"), WRONG.values(), ids=WRONG)
def test_rows_that_are_wrong_are_caught_and_what_is_unknown_is_not_judged(built, own, sql, caught):
    line, names = built(case for case in own if case.minted)
    line.execute(sql)
    assert found(line, names) == {rule: caught.get(rule, set()) for rule in SECOND_OPINION}
