"""`/_mock/truth`: what the ledger's plans say, by position, in answers that add up."""

from collections import Counter, defaultdict
from decimal import Decimal

import pytest

from tests.contract.scan.scan_api import position

MOVES = ("sent_cc", "received_cc", "minted_cc", "burned_cc")


@pytest.fixture(scope="module")
def ask(generated):
    def get(after=None, upto=None, **options):
        query = dict(options)
        for name, place in (("after", after), ("upto", upto)):
            if place:
                query[f"{name}_migration_id"], query[f"{name}_record_time"] = place
        return generated.request("GET", "http://scan/_mock/truth", params=query)

    return get


@pytest.fixture(scope="module")
def whole(ask):
    return ask(limit=100_000).json()


def test_it_names_every_update_where_the_api_serves_it(whole, updates):
    served = [(update["update_id"], *position(update)) for update in updates]
    told = [(one["update_id"], one["migration_id"], one["record_time"]) for one in whole["updates"]]
    assert told == served
    assert whole["is_complete"]
    assert whole["upto"] == {"migration_id": served[-1][1], "record_time": served[-1][2]}


def test_bounds_are_open_on_the_left_and_closed_on_the_right(ask, updates):
    after, upto = position(updates[899]), position(updates[1099])
    told = ask(after, upto).json()
    ids = [one["update_id"] for one in told["updates"]]
    assert ids == [update["update_id"] for update in updates[900:1100]]


def test_all_kinds_of_movement_occur_and_are_whole(whole):
    movements = [movement for one in whole["updates"] for movement in one["movements"]]
    kinds = Counter(movement["kind"] for movement in movements)
    assert set(kinds) == {"transfer", "mint", "devnet_tap", "burn", "abort"}
    for movement in movements:
        has = (movement["sender"] is not None, movement["receiver"] is not None)
        expected = {
            "transfer": {(True, True)}, "mint": {(False, True)}, "devnet_tap": {(False, True)},
            "burn": {(True, False)}, "abort": {(True, True), (True, False)},
        }  # fmt: skip
        assert has in expected[movement["kind"]]
        assert (Decimal(movement["amount_cc"]) == 0) == (movement["kind"] == "abort")


def test_totals_of_accounts_balance_with_the_network_and_with_the_movements(whole):
    by_minute = defaultdict(Counter)
    for row in whole["accounts"]:
        by_minute[row["minute_at"]].update({name: Decimal(row[name]) for name in MOVES})
    for minute in whole["minutes"]:
        accounts = by_minute.pop(minute["minute_at"], Counter())
        assert accounts["sent_cc"] == accounts["received_cc"] == Decimal(minute["transferred_cc"])
        assert accounts["minted_cc"] == Decimal(minute["minted_cc"])
        assert accounts["burned_cc"] == Decimal(minute["burned_cc"])
    assert by_minute == {}
    moved = sum(
        Decimal(movement["amount_cc"])
        for one in whole["updates"]
        for movement in one["movements"]
        if movement["kind"] == "transfer"
    )
    assert moved == sum(Decimal(minute["transferred_cc"]) for minute in whole["minutes"]) > 0
    assert sum(minute["update_count"] for minute in whole["minutes"]) == len(whole["updates"])


def test_answers_add_up(ask, whole):
    totals, count, after, is_complete = defaultdict(Counter), 0, None, False
    while not is_complete:
        part = ask(after, limit=700).json()
        count += len(part["updates"])
        for row in part["accounts"]:
            key = row["minute_at"], row["account"]
            totals[key].update({name: Decimal(row[name]) for name in MOVES})
            totals[key]["transaction_count"] += row["transaction_count"]
        after, is_complete = tuple(part["upto"].values()), part["is_complete"]
    assert count == len(whole["updates"]) == 3000
    for row in whole["accounts"]:
        found = totals.pop((row["minute_at"], row["account"]))
        assert found == {
            **{name: Decimal(row[name]) for name in MOVES},
            "transaction_count": row["transaction_count"],
        }
    assert totals == {}


def test_nothing_after_the_head(ask, updates):
    told = ask(position(updates[-1])).json()
    assert (told["updates"], told["upto"], told["is_complete"]) == ([], None, True)


@pytest.mark.parametrize(
    "query",
    [
        {"after_migration_id": "4"},
        {"upto_migration_id": "x", "upto_record_time": "2025-12-10T16:00:00Z"},
        {"upto_migration_id": "4", "upto_record_time": "yesterday"},
        {"limit": "0"},
        {"limit": "100001"},
    ],
)
def test_bounds_that_are_none_are_refused(ask, query):
    refused = ask(**query)
    assert refused.status_code == 400
    assert refused.json()["error"]
