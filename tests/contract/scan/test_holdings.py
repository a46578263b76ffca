"""Checks of holdings at a snapshot against the movements of all updates up to it."""

from collections import Counter
from decimal import Decimal

import pytest

from mocks.canton_scan.clock import SECOND, parse_instant
from mocks.canton_scan.history import Position
from mocks.canton_scan.ledger import open_ledger
from mocks.canton_scan.plan import Answer, Expiry, Promise, Settlement, Trade
from tests.contract.scan.scan_api import EARLY, LATE, MIDDLE, StoppedClock, summary_of

UNIT = Decimal("1E-10")
BEFORE = (3, "2026-11-19T15:00:00Z")


@pytest.fixture(scope="module")
def api(day_long, over):
    return over(day_long)


@pytest.fixture(scope="module")
def owners(day_long):
    return [*day_long.network.accounts.holders]


@pytest.fixture(scope="module")
def held(api, owners):
    """The holdings of all owners at some snapshots."""
    return {at: by_owner(summary_of(api, at, owners)) for at in (BEFORE, EARLY, MIDDLE, LATE)}


def by_owner(response):
    assert response.status_code == 200, response.text
    return {
        one["party_id"]: {name: Decimal(one[name]) for name in one if name != "party_id"}
        for one in response.json()["summaries"]
    }


def planned(ledger, after, upto):
    """Return each party's net gain in ``(after, upto]``."""
    net = Counter()
    first, end = (
        ledger.index_after(Position(migration_id, parse_instant(text)))
        for migration_id, text in (after, upto)
    )
    for index in range(first, end):
        for movement in ledger.plan(index).movements:
            if movement.receiver:
                net[movement.receiver] += movement.amount * UNIT
            if movement.sender:
                net[movement.sender] -= movement.amount * UNIT
    return net


@pytest.mark.parametrize(
    ("after", "upto"),
    [
        pytest.param(BEFORE, EARLY, id="within migration 3"),
        pytest.param(EARLY, MIDDLE, id="over the switch to migration 4"),
        pytest.param(MIDDLE, LATE, id="within migration 4"),
    ],
)
def test_between_two_snapshots_holdings_change_by_what_moved(day_long, held, owners, after, upto):
    moved = planned(day_long, after, upto)
    name = "total_coin_holdings"
    changed = {one: held[upto][one][name] - held[after][one][name] for one in owners}
    assert changed == {one: moved[one] for one in owners}
    assert sum(map(bool, moved.values())) > 20


def test_holdings_are_what_is_free_and_what_is_locked(held, owners):
    for summaries in held.values():
        assert list(summaries) == owners
        for one in summaries.values():
            free, locked, total = (
                one[f"total_{name}"] for name in ("unlocked_coin", "locked_coin", "coin_holdings")
            )
            assert free + locked == total
            assert min(free, locked) >= 0


def test_coin_is_locked_while_an_offer_is_open(day_long, held, owners):
    end = day_long.index_after(Position(4, parse_instant(LATE[1])))
    plans = [day_long.plan(index) for index in range(end)]
    answered = {plan.promise.index for plan in plans if isinstance(plan, Answer)}
    settled = {plan.trade.index for plan in plans if isinstance(plan, Settlement)}
    still_open = Counter()
    for plan in plans:
        if isinstance(plan, Promise) and plan.index not in answered:
            still_open[plan.sender] += plan.locked * UNIT
        elif isinstance(plan, Trade):
            for one in plan.fundings:  # what is kept for a next round of the trade stays locked
                kept = one.kept if plan.index in settled else one.locked
                still_open[one.owner] += kept * UNIT
    for index in range(end, day_long.planner.epochs.first):
        plan = day_long.plan(index)
        if isinstance(plan, Expiry) and plan.is_locked:  # locked before the ledger began
            still_open[plan.owner] += plan.amount * UNIT
    locked = {one: held[LATE][one]["total_locked_coin"] for one in owners}
    assert locked == {one: still_open[one] for one in owners}
    assert len(still_open) > 3
    assert answered


def test_opening_holdings_are_large_and_differ(held):
    amounts = [one["total_coin_holdings"] for one in held[BEFORE].values()]
    assert min(amounts) > 4_000_000_000
    assert len(set(amounts)) == len(amounts)


def test_amounts_are_texts_with_ten_decimals(api, owners):
    response = summary_of(api, LATE, owners)
    for one in response.json()["summaries"]:
        amounts = [one[name] for name in one if name != "party_id"]
        assert all(len(text.partition(".")[2]) == 10 for text in amounts)
    assert "0.0000000000" in response.text


def test_an_owner_is_told_once_and_a_stranger_not_at_all(api, owners):
    asked = [owners[3], "nobody::1220", owners[0], owners[3]]
    response = summary_of(api, LATE, asked)
    assert [one["party_id"] for one in response.json()["summaries"]] == [owners[3], owners[0]]


@pytest.mark.parametrize(
    ("record_time", "match", "status"),
    [
        ("2026-11-20T09:00:00Z", "exact", 200),
        ("2026-11-20T09:00:00.000000Z", "exact", 200),
        ("2026-11-20T09:00:01Z", "exact", 404),
        ("2026-11-20T09:00:01Z", "at_or_before", 200),
        ("2026-11-20T09:00:00Z", "at_or_before", 200),
        ("2026-11-19T23:00:00Z", "at_or_before", 404),
    ],
)
def test_a_snapshot_is_matched_as_asked_for(api, owners, record_time, match, status):
    response = summary_of(api, (4, record_time), owners[:1], match)
    assert response.status_code == status
    if status == 200:
        told = response.json()
        assert (told["record_time"], told["migration_id"]) == ("2026-11-20T09:00:00Z", 4)
    else:
        refusals = {
            "exact": f"Failed to find ACS snapshot for migration id 4 at {record_time}",
            "at_or_before": f"No snapshots found before {record_time}",
        }
        assert response.json() == {"error": refusals[match]}


def test_the_match_is_exact_unless_said_otherwise(api, owners):
    body = {
        "migration_id": 4,
        "record_time": "2026-11-20T09:00:01Z",
        "owner_party_ids": owners[:1],
    }
    assert api.request("POST", "/v1/holdings/summary", json=body).status_code == 404


def test_an_answer_stays_the_same_when_the_ledger_grows(tmp_path, over):
    clock = StoppedClock()
    ledger = open_ledger(tmp_path / "s.json", "s", history=500, gap=60 * SECOND, clock=clock)
    owners, api = ledger.network.accounts.accounts, over(ledger)
    before = summary_of(api, LATE, owners).content
    clock.now += 3600 * SECOND
    assert summary_of(api, LATE, owners).content == before


def test_holdings_of_recorded_updates_are_not_known(recorded):
    response = summary_of(recorded, LATE, ["nobody"])
    expected = (501, {"error": "This mock knows no more of a recording than its updates."})
    assert (response.status_code, response.json()) == expected


BODY = {"migration_id": 4, "record_time": LATE[1], "owner_party_ids": ["nobody"]}


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"migration_id": "four"}, ".migration_id: an integer was expected"),
        ({"record_time": "noon"}, ".record_time: an instant was expected"),
        ({"record_time": 7}, ".record_time: an instant was expected"),
        ({"record_time_match": "nearest"}, ".record_time_match: unknown value"),
        ({"record_time_match": []}, ".record_time_match: unknown value"),
        ({"owner_party_ids": "nobody"}, ".owner_party_ids: an array of strings was expected"),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused_in_text(api, change, detail):
    response = api.request("POST", "/v1/holdings/summary", json=BODY | change)
    expected = f"The request content was malformed:\nDecodingFailure at {detail}"
    assert (response.status_code, response.text) == (400, expected)


@pytest.mark.parametrize("missing", sorted(BODY))
def test_a_missing_field_is_refused_in_text(api, missing):
    body = {name: value for name, value in BODY.items() if name != missing}
    response = api.request("POST", "/v1/holdings/summary", json=body)
    expected = f"DecodingFailure at .{missing}: Missing required field"
    assert (response.status_code, response.text.splitlines()[1]) == (400, expected)


def test_nobody_to_ask_for_is_refused_in_json(api):
    response = api.request("POST", "/v1/holdings/summary", json=BODY | {"owner_party_ids": []})
    assert (response.status_code, response.json()) == (
        400,
        {"error": "Expected 'partyIds' to contain at least one item, but contained none."},
    )
