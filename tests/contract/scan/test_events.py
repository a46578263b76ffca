"""The event history: the updates once more, with verdicts, and verdicts of what nobody sees."""

import json
from collections import Counter
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from mocks.canton_scan import private
from mocks.canton_scan.clock import SECOND, instant_text
from mocks.canton_scan.ids import private_id
from mocks.canton_scan.ledger import open_ledger
from mocks.canton_scan.state import State, StateFile
from mocks.canton_scan.timeline import Stretch
from tests.contract.scan.scan_api import NOON, StoppedClock, position

PATH = "/v0/events"
MALFORMED = "The request content was malformed:\n"
KEYS = ["update", "verdict", "traffic_summary", "app_activity_records"]


class _Event(msgspec.Struct):
    update: Raw


class _Page(msgspec.Struct):
    events: list[_Event]


@pytest.fixture(scope="module")
def private_verdicts(events):
    return [one["verdict"] for one in events if one["update"] is None]


@pytest.fixture
def clock():
    return StoppedClock()


@pytest.fixture
def reopen(tmp_path, over):
    """A small ledger that grows; started again, with another rate if need be."""

    def start(clock, gap=SECOND):
        return open_ledger(tmp_path / "state.json", "events", history=60, gap=gap, clock=clock)

    return start


@pytest.fixture(scope="module")
def small(tmp_path_factory, over):
    """300 updates around the switch from migration 3 to 4, and the verdicts between them."""
    state = tmp_path_factory.mktemp("small") / "state.json"
    return over(open_ledger(state, "small", history=300, gap=500_000, clock=StoppedClock()))


@pytest.fixture(scope="module")
def straight(small):
    return small.page(1000, of=PATH)


def test_every_update_is_an_event_with_the_same_bytes(generated, ledger):
    body = generated.request("POST", PATH, json={"page_size": 1000}).content
    updates = [bytes(one.update) for one in msgspec.json.decode(body, type=_Page).events]
    seen = [update for update in updates if update != b"null"]
    assert seen == [ledger.update(index) for index in range(len(seen))]
    assert len(seen) > 400


def test_all_updates_occur_once_and_in_order(events, updates):
    assert [one["update"] for one in events if one["update"] is not None] == updates


def test_events_stand_in_the_order_of_migration_and_record_time(events):
    positions = [position(event) for event in events]
    assert positions == sorted(set(positions))


def test_all_parts_are_there_even_if_null(events):
    assert all(list(event) == KEYS for event in events)


def test_a_transaction_was_accepted_and_a_reassignment_has_no_verdict(events):
    reassigned = 0
    for event in events:
        update, verdict = event["update"], event["verdict"]
        if update is not None and "event" in update:
            assert [event[name] for name in KEYS[1:]] == [None, None, None]
            reassigned += 1
        elif update is not None:
            assert verdict["verdict_result"] == "VERDICT_RESULT_ACCEPTED"
            same = ("update_id", "record_time", "migration_id")
            assert [verdict[name] for name in same] == [update[name] for name in same]
            assert verdict["domain_id"] == update["synchronizer_id"]
    assert reassigned >= 4


def test_a_transaction_was_submitted_by_those_who_act_at_its_roots(events):
    for event in events:
        update = event["update"]
        if update is not None and "event" not in update:
            roots = [update["events_by_id"][one] for one in update["root_event_ids"]]
            actors = {party for root in roots for party in root["acting_parties"]}
            assert set(event["verdict"]["submitting_parties"]) == actors


def test_nearly_half_of_the_events_are_verdicts_alone(events, private_verdicts):
    assert 0.40 < len(private_verdicts) / len(events) < 0.50


def test_some_private_transactions_were_rejected(private_verdicts):
    results = Counter(verdict["verdict_result"] for verdict in private_verdicts)
    assert set(results) == {"VERDICT_RESULT_ACCEPTED", "VERDICT_RESULT_REJECTED"}
    assert 0.10 < results["VERDICT_RESULT_REJECTED"] / len(private_verdicts) < 0.20


def test_a_private_transaction_is_no_update(generated, private_verdicts):
    ids = {verdict["update_id"] for verdict in private_verdicts}
    assert len(ids) == len(private_verdicts)
    for update_id in sorted(ids)[:20]:
        assert generated.request("GET", f"/v2/updates/{update_id}").status_code == 404


def test_a_verdict_comes_after_its_transaction_and_its_views_form_a_tree(events):
    for verdict in (event["verdict"] for event in events if event["verdict"]):
        assert verdict["record_time"] < verdict["finalization_time"]
        views = verdict["transaction_views"]
        below = [child for view in views["views"] for child in view["sub_views"]]
        assert sorted(views["root_views"] + below) == [view["view_id"] for view in views["views"]]


def test_traffic_adds_up_and_is_told_in_the_live_migration_alone(events):
    told = Counter()
    for event in events:
        verdict, traffic = event["verdict"], event["traffic_summary"]
        if verdict is not None:
            told[verdict["migration_id"], traffic is not None] += 1
            if traffic is not None:
                envelopes = traffic["envelope_traffic_summaries"]
                costs = [envelope["traffic_cost"] for envelope in envelopes]
                assert traffic["total_traffic_cost"] == sum(costs)
    assert set(told) == {(3, False), (4, True)}


def test_only_accepted_transactions_have_records_of_app_activity(events):
    told = {
        (event["verdict"]["verdict_result"], event["app_activity_records"] is not None)
        for event in events
        if event["verdict"] and event["verdict"]["migration_id"] == 4
    }
    assert told == {("VERDICT_RESULT_ACCEPTED", True), ("VERDICT_RESULT_REJECTED", False)}


def test_an_event_is_found_by_the_id_of_its_transaction(generated, events):
    for event in events[:40]:
        update_id = (event["update"] or event["verdict"])["update_id"]
        response = generated.request("GET", f"{PATH}/{update_id}")
        assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
        assert json.loads(response.content) == event


@pytest.mark.parametrize("update_id", ["1220" + "ab" * 32, "nonsense", "1220"])
def test_an_unknown_id_is_not_found(api, update_id):
    response = api.request("GET", f"{PATH}/{update_id}")
    assert response.status_code == 404
    assert response.json() == {"error": f"Event with id {update_id} not found"}


def test_an_event_that_has_not_happened_yet_is_not_found(generated, ledger):
    ahead = json.loads(ledger.update(ledger.count()))["update_id"]
    assert generated.request("GET", f"{PATH}/{ahead}").status_code == 404


def test_an_id_that_no_private_transaction_has_is_not_found(generated, ledger, events):
    after_first = len(private.between(ledger, 0))
    never = private_id(ledger.seed, 0, after_first)
    assert generated.request("GET", f"{PATH}/{never}").status_code == 404


def test_a_private_transaction_is_known_once_the_update_after_it_has_happened(reopen, clock, over):
    ledger = reopen(clock)
    head = ledger.count() - 1
    while not private.between(ledger, head):
        clock.now += SECOND
        head = ledger.count() - 1
    update_id = private.between(ledger, head)[0].update_id
    api = over(ledger)
    assert api.request("GET", f"{PATH}/{update_id}").status_code == 404
    newest = api.page(1000, of=PATH)[-1]
    assert newest["update"] is not None
    clock.now = ledger.position(head + 1).record_time
    assert api.request("GET", f"{PATH}/{update_id}").json()["verdict"]["update_id"] == update_id
    later = api.page(1000, position(newest), of=PATH)
    assert later[0]["verdict"]["update_id"] == update_id
    assert later[-1]["update"] is not None


def test_nothing_comes_to_stand_behind_what_was_served(reopen, clock, over):
    ledger = reopen(clock)
    served = over(ledger).page(1000, of=PATH)
    for gap in (SECOND, SECOND, SECOND // 10, SECOND // 10):
        clock.now += 5 * SECOND
        later = over(reopen(clock, gap)).page(1000, of=PATH)
        assert later[: len(served)] == served
        assert len(later) > len(served)
        served = later


@pytest.mark.parametrize("seed", ["a", "b", "c", "d", "e", "f"])
def test_no_private_transaction_stands_between_two_migrations(tmp_path, over, seed):
    """An hour passes between them: room enough."""
    path, live_from = tmp_path / "state.json", NOON - 64 * SECOND
    stretches = (
        Stretch(3, 0, live_from - 3_600 * SECOND, SECOND),
        Stretch(4, 10, live_from, SECOND),
    )
    StateFile(path).write(State(seed, stretches, count=20))
    ledger = open_ledger(path, seed, gap=SECOND, clock=StoppedClock())
    events = over(ledger).page(1000, of=PATH)
    ends = [one for one, other in pairwise(events) if position(one)[0] != position(other)[0]]
    assert [one["update"] is None for one in ends] == [False]


def test_a_crowded_ledger_has_room_for_fewer_private_transactions(tmp_path, over):
    """Updates every two microseconds: there is room for one at most, often for none."""
    state = tmp_path / "crowded.json"
    crowded = open_ledger(state, "crowded", history=300, gap=2, clock=StoppedClock())
    events = list(over(crowded).walk(100, of=PATH))
    positions = [position(event) for event in events]
    assert positions == sorted(set(positions))
    assert 0 < sum(event["update"] is None for event in events) < 200  # 245 with room enough


def test_recorded_updates_have_no_verdicts(recorded, recorded_updates):
    expected = [dict.fromkeys(KEYS) | {"update": update} for update in recorded_updates]
    assert list(recorded.walk(7, of=PATH)) == expected
    update_id = recorded_updates[5]["update_id"]
    assert recorded.request("GET", f"{PATH}/{update_id}").json() == expected[5]


def test_any_place_in_a_year_of_events_is_served_without_what_came_before(tmp_path, over):
    year, clock = 365 * 24 * 3600 * 2, StoppedClock()
    ledger = open_ledger(tmp_path / "s.json", "year", history=year, gap=SECOND // 2, clock=clock)
    after = ledger.position(year - 3)
    page = over(ledger).page(1000, (after.migration_id, instant_text(after.record_time)), of=PATH)
    updates = [msgspec.json.decode(ledger.update(index)) for index in (year - 2, year - 1)]
    assert [one["update"] for one in page if one["update"]] == updates


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(3, 150), min_size=1, max_size=20))
def test_any_sequence_of_page_sizes_yields_every_event_once_and_in_order(small, straight, sizes):
    after, read = None, []
    while len(read) < len(straight):
        page = small.page(sizes[len(read) % len(sizes)], after, of=PATH)
        read += page
        after = position(page[-1])
    assert read == straight
    assert small.page(1, after, of=PATH) == []


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([3, 4]), st.integers(NOON - 200 * SECOND, NOON + SECOND), st.integers(1, 5))
def test_any_cursor_leads_to_what_a_straight_walk_has_there(small, straight, migration, at, size):
    after = (migration, instant_text(at))
    expected = [event for event in straight if position(event) > after][:size]
    assert small.page(size, after, of=PATH) == expected


def test_a_cursor_at_a_private_transaction_leads_to_what_follows_it(small, straight):
    places = [index for index, event in enumerate(straight) if event["update"] is None]
    for index in places[:40]:
        assert small.page(2, position(straight[index]), of=PATH) == straight[index + 1 : index + 3]


def test_the_same_seed_makes_the_same_events(generated, tmp_path, over):
    again = open_ledger(
        tmp_path / "s.json", "pinned", history=3_000, gap=500_000, clock=StoppedClock()
    )
    body = {"page_size": 50}
    first = generated.request("POST", PATH, json=body).content
    assert over(again).request("POST", PATH, json=body).content == first


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"page_size": 0}, 400, '{"error":"Limit must be at least 1."}'),
        ({"page_size": 1001}, 400, '{"error":"Exceeded limit maximum (1001 > 1000)."}'),
        (
            {},
            400,
            f"{MALFORMED}DecodingFailure at .page_size: Missing required field",
        ),
        (
            {"page_size": 1, "daml_value_encoding": "protobuf_json"},
            501,
            '{"error":"This mock serves daml_value_encoding compact_json only."}',
        ),
    ],
)
def test_requests_are_refused_as_those_for_updates(api, body, status, text):
    for path in (PATH, "/v2/updates"):
        response = api.request("POST", path, json=body)
        assert (response.status_code, response.text) == (status, text)
