"""Checks that contracts and rules agree on every owner, in every case."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from mocks.canton_scan.eras import Era
from mocks.canton_scan.ledger import open_ledger
from services.coin_contracts import coin_changes
from services.movements import cc_movements
from tests.coin.cases import CASES
from tests.updates import (
    ALICE,
    BOB,
    CAROL,
    DSO,
    amulet,
    contract_id,
    created,
    exercised,
    locked_amulet,
    transaction,
)

SAMPLE = Path(__file__).parents[4] / "shared" / "canton" / "mainnet-updates-sample.json"
COUNT = 300
COUPON = "Splice.Amulet:AppRewardCoupon"


def net_of_rows(update):
    found = Counter()
    for row in cc_movements(update):
        if row["direction"] in {"sent", "received"}:
            sign = 1 if row["direction"] == "received" else -1
            found[row["account"]] += sign * Decimal(row["amount_cc"])
    return {owner: amount for owner, amount in found.items() if amount}


def net_of_contracts(update, earlier):
    """The net change of each owner; None where a coin ends that is not known."""
    found, known = Counter(), dict(earlier)
    changes = coin_changes(update)
    for change in changes:
        if change["change"] == "created":
            amount = Decimal(change["amount_cc"])
            known[change["contract_id"]] = (change["is_ours"], change["owner"], amount)
            if change["is_ours"]:
                found[change["owner"]] += amount
    for change in changes:
        if change["change"] == "archived":
            if change["contract_id"] not in known:
                return None
            is_ours, owner, amount = known[change["contract_id"]]
            if is_ours:
                found[owner] -= amount
    return {owner: amount for owner, amount in found.items() if amount}


def lacks_a_reward(update):
    """Tell whether coin is minted although no right to a reward is used up."""
    is_minted = any(row["movement_kind"] == "mint" for row in cc_movements(update))
    return is_minted and all(change["change"] != "used" for change in coin_changes(update))


def earlier(case):
    return {
        contract_id: (dso == DSO, owner, Decimal(amount))
        for contract_id, (dso, owner, amount) in case.earlier.items()
    }


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_contracts_and_rows_agree_wherever_rows_can_be_known(case):
    told = net_of_contracts(case.update, earlier(case))
    assert (told != net_of_rows(case.update)) == case.contracts_differ, told


def test_whoever_mints_uses_up_a_reward_unless_coin_is_made_out_of_nothing():
    lacking = [name for name, case in CASES.items() if lacks_a_reward(case.update)]
    assert lacking == ["mints: a mint alone", "reports: a mint"]


@pytest.mark.parametrize("era", list(Era), ids=lambda era: era.value)
def test_contracts_and_rows_agree_on_a_generated_ledger(tmp_path, era):
    ledger = open_ledger(tmp_path / "state.json", "contracts", history=COUNT, era=era)
    known, judged = {}, 0
    for index in range(COUNT):
        update = json.loads(ledger.update(index))
        told = net_of_contracts(update, known)
        for change in coin_changes(update):
            if change["change"] == "created":
                amount = Decimal(change["amount_cc"])
                known[change["contract_id"]] = (change["is_ours"], change["owner"], amount)
        if told is not None:
            judged += bool(told)
            assert told == net_of_rows(update), index
        assert not lacks_a_reward(update), index
    assert judged > 3


def test_contracts_and_rows_agree_on_recorded_updates():
    if not SAMPLE.exists():
        pytest.skip(f"recorded MainNet data is not part of the project: {SAMPLE} is absent")
    known, judged = {}, 0
    for update in json.loads(SAMPLE.read_text())["transactions"]:
        if (told := net_of_contracts(update, known)) is not None:
            judged += 1
            assert told == net_of_rows(update)
        assert not lacks_a_reward(update)
    assert judged >= 57, "coins of two of the three transfers are from before the recording"


def test_a_coin_is_what_the_package_makes_for_whichever_party_and_says_whose_it_is():
    update = transaction(
        amulet(ALICE, "1.5", name="mine"),
        locked_amulet(BOB, "2E-10", name="locked"),
        amulet(CAROL, "9.0", dso=CAROL, name="fake"),
        amulet(CAROL, "much", name="odd"),
        amulet(["carol"], "1.0", name="nobody's"),
        created("Splice.Amulet:FeaturedAppRight", {"dso": DSO, "amount": "5.0"}),
        created("Splice.Amulet:Amulet", {"dso": DSO}, package="fork"),
        exercised("Archive", template="Splice.Amulet:Amulet", consuming=True, name="mine"),
        exercised("Look", template="Splice.Amulet:Amulet", name="locked"),
        exercised("Archive", template=COUPON, consuming=True, name="coupon"),
        exercised("Look", template=COUPON, name="another coupon"),
    )
    assert coin_changes(update) == [
        {"contract_id": contract_id(name), "change": "created", "owner": owner,
         "amount_cc": amount, "is_ours": is_ours}
        for name, owner, amount, is_ours in [
            ("mine", ALICE, "1.5000000000", True), ("locked", BOB, "0.0000000002", True),
            ("fake", CAROL, "9.0000000000", False), ("odd", CAROL, None, True),
            ("nobody's", "['carol']", None, True),
        ]
    ] + [
        {"contract_id": contract_id("mine"), "change": "archived"},
        {"contract_id": contract_id("coupon"), "change": "used"},
    ]  # fmt: skip


ISSUED = {
    "issuancePerFeaturedAppRewardCoupon": "2.5",
    "issuancePerSvRewardCoupon": "0.069",
    "issuancePerUnfeaturedAppRewardCoupon": "0.6",
    "issuancePerValidatorRewardCoupon": "0.2",
    "optIssuancePerValidatorFaucetCoupon": None,
}
RIGHTS = [
    (COUPON, {"amount": "5.0", "featured": True}, "5", "issuancePerFeaturedAppRewardCoupon"),
    (COUPON, {"amount": "5.0", "featured": False}, "5", "issuancePerUnfeaturedAppRewardCoupon"),
    ("Splice.Amulet:ValidatorRewardCoupon", {"amount": "7.0"}, "7",
     "issuancePerValidatorRewardCoupon"),
    ("Splice.Amulet:SvRewardCoupon", {"weight": "500"}, "500", "issuancePerSvRewardCoupon"),
    ("Splice.ValidatorLicense:ValidatorFaucetCoupon", {}, "1",
     "optIssuancePerValidatorFaucetCoupon"),
    ("Splice.ValidatorLicense:ValidatorLivenessActivityRecord", {}, "1",
     "optIssuancePerValidatorFaucetCoupon"),
    ("Splice.Amulet:UnclaimedActivityRecord", {"amount": "8.0"}, "8", None),
    ("Splice.Amulet:DevelopmentFundCoupon", {"amount": "9.0"}, "9", None),
    ("Splice.Amulet:RewardCouponV2", {"amount": "1E-10"}, "0.0000000001", None),
]  # fmt: skip


@pytest.mark.parametrize(("template", "terms", "quantity", "rate"), RIGHTS)
def test_a_right_to_a_reward_is_cc_or_shares_of_what_its_round_issues(
    template, terms, quantity, rate
):
    arguments = {"dso": DSO, "round": {"number": "74223"}, **terms}
    granted = {"contract_id": contract_id("right"), "change": "granted", "rate": rate,
               "round_number": 74223, "quantity": f"{Decimal(quantity):.10f}"}  # fmt: skip
    assert coin_changes(transaction(created(template, arguments, name="right"))) == [
        {**granted, "is_ours": True}
    ]
    foreign = {**arguments, "dso": CAROL}
    assert coin_changes(transaction(created(template, foreign, name="right"))) == [
        {**granted, "is_ours": False}
    ]


def test_an_issuing_round_says_what_each_share_is_worth():
    opened = {"dso": DSO, "round": {"number": "7"}, **ISSUED}
    issuing = created("Splice.Round:IssuingMiningRound", opened, name="issuing")
    assert coin_changes(transaction(issuing)) == [
        {"contract_id": contract_id("issuing"), "change": "issued", "rate": rate,
         "round_number": 7, "quantity": worth and f"{Decimal(worth):.10f}", "is_ours": True}
        for rate, worth in ISSUED.items()
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "quantity", "number"),
    [
        pytest.param({"amount": "99999999.9999999999"}, "99999999.9999999999", 7, id="very many"),
        pytest.param({"amount": "1E+8"}, None, 7, id="too many"),
        pytest.param({"amount": 5}, None, 7, id="a JSON number"),
        pytest.param({}, None, 7, id="no amount"),
        pytest.param({"amount": "0E-10", "round": 7}, "0.0000000000", None, id="an odd round"),
        pytest.param({"round": {"number": "-1"}}, None, None, id="a round below zero"),
    ],
)
def test_what_cannot_be_read_of_a_right_is_unknown(arguments, quantity, number):
    terms = {"dso": DSO, "round": {"number": "7"}, **arguments}
    (right,) = coin_changes(transaction(created("Splice.Amulet:RewardCouponV2", terms)))
    assert (right["quantity"], right["round_number"]) == (quantity, number)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        pytest.param("0E-10", "0.0000000000", id="nothing"),
        pytest.param("1.43E-8", "0.0000000143", id="small, as Java prints it"),
        pytest.param("1E+3", "1000.0000000000", id="with an exponent"),
        pytest.param("9" * 20 + "." + "9" * 10, "9" * 20 + "." + "9" * 10, id="30 digits"),
        pytest.param("1E+20", None, id="so much that a sum may not fit"),
        pytest.param("1E30", None, id="more than 38 digits"),
        pytest.param("9" * 5000, None, id="5000 digits"),
        pytest.param("1E+999", None, id="more digits than memory"),
        pytest.param("1.5E-10", None, id="eleven places"),
        pytest.param("1E-99", None, id="99 places"),
        pytest.param("1e3", None, id="a small e"),
        pytest.param("-1.0", None, id="less than nothing"),
        pytest.param("+1.0", None, id="a plus"),
        pytest.param("NaN", None, id="not a number"),
        pytest.param("5\n", None, id="a line break"),
        pytest.param("\u0663", None, id="a digit of another script"),
        pytest.param("1_000", None, id="an underscore"),
        pytest.param(".5", None, id="no digit before the point"),
        pytest.param(5, None, id="a JSON number"),
        pytest.param(None, None, id="null"),
    ],
)
def test_an_amount_is_what_the_warehouse_can_hold_or_unknown(text, amount):
    (change,) = coin_changes(transaction(amulet(ALICE, text)))
    assert change["amount_cc"] == amount


@pytest.mark.parametrize(
    "odd", [None, [], {}, 1, "x", {"events_by_id": [1]}, {"events_by_id": {"a": 1}}]
)
def test_whatever_comes_has_no_coins(odd):
    assert coin_changes(odd) == []
