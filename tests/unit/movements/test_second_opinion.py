"""What contracts say beside what the rules say: of every owner, in every case."""

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


def earlier(case):
    return {
        contract_id: (dso == DSO, owner, Decimal(amount))
        for contract_id, (dso, owner, amount) in case.earlier.items()
    }


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_contracts_and_rows_agree_wherever_rows_can_be_known(case):
    told = net_of_contracts(case.update, earlier(case))
    assert (told != net_of_rows(case.update)) == case.contracts_differ, told


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
    assert judged > 3


def test_contracts_and_rows_agree_on_recorded_updates():
    if not SAMPLE.exists():
        pytest.skip(f"recorded MainNet data is not part of the project: {SAMPLE} is absent")
    known, judged = {}, 0
    for update in json.loads(SAMPLE.read_text())["transactions"]:
        if (told := net_of_contracts(update, known)) is not None:
            judged += 1
            assert told == net_of_rows(update)
    assert judged >= 57, "coins of two of the three transfers are from before the recording"


def test_a_coin_is_what_the_package_makes_for_whichever_party_and_says_whose_it_is():
    update = transaction(
        amulet(ALICE, "1.5", name="mine"),
        locked_amulet(BOB, "2E-10", name="locked"),
        amulet(CAROL, "9.0", dso=CAROL, name="fake"),
        amulet(CAROL, "1E+30", name="odd"),
        created("Splice.Amulet:AppRewardCoupon", {"dso": DSO, "amount": "5.0"}),
        created("Splice.Amulet:Amulet", {"dso": DSO}, package="fork"),
        exercised("Archive", template="Splice.Amulet:Amulet", consuming=True, name="mine"),
        exercised("Look", template="Splice.Amulet:Amulet", name="locked"),
    )
    assert coin_changes(update) == [
        {"contract_id": contract_id(name), "change": "created", "owner": owner,
         "amount_cc": amount, "is_ours": is_ours}
        for name, owner, amount, is_ours in [
            ("mine", ALICE, "1.5", True), ("locked", BOB, "2E-10", True),
            ("fake", CAROL, "9.0", False), ("odd", CAROL, None, True),
        ]
    ] + [{"contract_id": contract_id("mine"), "change": "archived"}]  # fmt: skip


@pytest.mark.parametrize(
    "odd", [None, [], {}, 1, "x", {"events_by_id": [1]}, {"events_by_id": {"a": 1}}]
)
def test_whatever_comes_has_no_coins(odd):
    assert coin_changes(odd) == []
