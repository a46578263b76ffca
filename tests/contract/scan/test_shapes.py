"""Checks of what a reader may rely on in every update, and of what it must handle in some."""

import json
import re
from collections import Counter
from datetime import datetime, timedelta

import pytest

CREATED = [
    "event_type",
    "event_id",
    "contract_id",
    "template_id",
    "package_name",
    "create_arguments",
    "created_at",
    "signatories",
    "observers",
]
EXERCISED = [
    "event_type",
    "event_id",
    "contract_id",
    "template_id",
    "package_name",
    "choice",
    "choice_argument",
    "child_event_ids",
    "exercise_result",
    "consuming",
    "acting_parties",
    "interface_id",
]
TRANSACTION = [
    "update_id",
    "migration_id",
    "workflow_id",
    "record_time",
    "synchronizer_id",
    "effective_at",
    "root_event_ids",
    "events_by_id",
]
PARTY = r"[\w.-]+::1220[0-9a-f]{64}"


@pytest.fixture(scope="module")
def transactions(api):
    return [update for update in api.page(1000) if "event" not in update]


@pytest.fixture(scope="module")
def events(transactions):
    return [event for one in transactions for event in one["events_by_id"].values()]


def test_keys_stand_in_the_order_of_a_real_scan(transactions, events):
    signed = [*TRANSACTION, "external_transaction_hash"]
    assert all(list(one) in (TRANSACTION, signed) for one in transactions)
    expected = {"created_event": CREATED, "exercised_event": EXERCISED}
    assert all(list(event) == expected[event["event_type"]] for event in events)


def test_events_are_sorted_by_their_ids_as_strings(transactions):
    for one in transactions:
        assert list(one["events_by_id"]) == sorted(one["events_by_id"])
    numbers = [list(one["events_by_id"]) for one in transactions if len(one["events_by_id"]) > 10]
    assert all(keys[2].endswith(":10") for keys in numbers)
    assert numbers


def test_the_tree_reaches_every_event_once_and_numbers_rise_in_its_order(transactions):
    for one in transactions:
        walked = list(_preorder(one["events_by_id"], one["root_event_ids"]))
        expected = [f"{one['update_id']}:{number}" for number in range(len(one["events_by_id"]))]
        assert walked == expected


def _preorder(events, event_ids):
    for event_id in event_ids:
        yield event_id
        yield from _preorder(events, events[event_id].get("child_event_ids", []))


def test_ids_and_times_have_their_real_forms(transactions, events):
    for one in transactions:
        assert re.fullmatch(r"1220[0-9a-f]{64}", one["update_id"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", one["record_time"])
        assert re.fullmatch(r"[-\dT:]{19}(\.\d{3}|\.\d{6})?Z", one["effective_at"])
    for event in events:
        assert re.fullmatch(r"00[0-9a-f]{136}", event["contract_id"])
        assert re.fullmatch(r"[0-9a-f]{64}:[\w.]+:\w+", event["template_id"])
        parties = event.get("signatories", []) + event.get("acting_parties", [])
        assert all(re.fullmatch(PARTY, party) for party in parties)


def test_ledger_time_stays_near_the_record_time(transactions):
    ahead = [
        datetime.fromisoformat(one["effective_at"]) - datetime.fromisoformat(one["record_time"])
        for one in transactions
    ]
    assert timedelta(seconds=-1.6) < min(ahead) < timedelta() < max(ahead) < timedelta(seconds=2)


def test_creations_tell_the_ledger_time_without_trailing_zeros(transactions):
    for one in transactions:
        for event in one["events_by_id"].values():
            if event["event_type"] == "created_event":
                text = event["created_at"]
                same = datetime.fromisoformat(text) == datetime.fromisoformat(one["effective_at"])
                assert same
                assert not re.search(r"\.\d*0Z$", text)


def test_one_network_has_one_dso_and_one_synchronizer(transactions):
    assert len({one["synchronizer_id"] for one in transactions}) == 1
    # Foreign tokens have DSO parties of their own; rounds are the network's alone.
    rounds = re.findall(
        r'"template_id": "[^"]*:OpenMiningRound".{,2000}?"dso": "(DSO::1220[0-9a-f]{64})"',
        json.dumps(transactions),
    )
    (dso,) = set(rounds)
    namespace = dso.removeprefix("DSO::")
    assert transactions[0]["synchronizer_id"] == f"global-domain::{namespace}"


def test_numbers_are_strings_everywhere_in_daml_values(events):
    for event in events:
        values = (
            event.get(name) for name in ("choice_argument", "exercise_result", "create_arguments")
        )
        assert not any(
            re.search(r"[:\[,]-?\d", json.dumps(v, separators=(",", ":")))
            for v in map(_masked, values)
        )


def _masked(value):
    """The value with all its texts emptied, so that digits outside of texts show."""
    if isinstance(value, dict):
        return {"": [_masked(item) for item in value.values()]}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return "" if isinstance(value, str) else value


def test_interfaces_are_null_and_results_bare_strings_where_real_ones_are(events):
    exercised = [event for event in events if event["event_type"] == "exercised_event"]
    assert Counter(event["interface_id"] is None for event in exercised)[True] > len(exercised) / 2
    assert "DsoRules_ExpireStaleConfirmationResult" in [e["exercise_result"] for e in exercised]


def test_zero_is_written_with_an_exponent(transactions):
    text = json.dumps(transactions)
    assert '"0E-10"' in text
    assert '"0.0000000000"' not in text


@pytest.fixture(scope="module")
def generated_text(generated):
    return generated.request("POST", "/v2/updates", json={"page_size": 1000}).text


def test_the_body_is_compact_and_on_one_line(generated_text):
    assert not re.search(r"\s", re.sub(r'"(?:[^"\\]|\\.)*"', '""', generated_text))


def test_texts_beyond_ascii_and_escapes_occur(generated_text):
    assert "März — danke" in generated_text
    assert r"memo \"rent\"\n2nd line \\ tab\t." in generated_text


def test_rare_shapes_occur_in_the_generated_ledger(updates):
    transactions = [one for one in updates if "event" not in one]
    assert any(len(one["root_event_ids"]) == 2 for one in transactions)
    assert any("external_transaction_hash" in one for one in transactions)
    assert any("unassign_id" in one.get("event", {}) for one in updates)
    assert any("created_event" in one.get("event", {}) for one in updates)
    decimals = Counter(len(one["effective_at"]) for one in transactions)
    assert set(decimals) == {20, 24, 27}


def test_dust_is_written_with_an_exponent(ledger):
    dust = re.compile(rb'"-?[\d.]+E-[789]"')
    assert any(dust.search(ledger.update(index)) for index in range(ledger.count()))


def test_rounds_open_every_ten_minutes_with_a_price_that_moves_slowly(updates):
    opened = [
        event["create_arguments"]
        for one in updates
        for event in one.get("events_by_id", {}).values()
        if event["template_id"].endswith(":Splice.Round:OpenMiningRound")
        and event["event_type"] == "created_event"
    ]
    numbers = [int(one["round"]["number"]) for one in opened]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(numbers) in (2, 3)  # 25 minutes of history
    prices = [float(one["amuletPrice"]) for one in opened]
    assert max(prices) / min(prices) < 1.01
