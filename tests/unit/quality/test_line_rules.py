"""Each rule over landed lines: an update that trips it alone, and one that just doesn't."""

import tracemalloc

import pytest

from services.quality import Line, check_lines
from services.quality_rules import BATCH_RULES, LINE_RULES
from tests.updates import amulet, exercised, line, reassignment, record_time, transaction, update_id

ROOT, LEAF = f"{update_id(0)}:0", f"{update_id(0)}:1"


def tree(**changes):
    """An update with a root and a leaf, some of whose fields are others."""
    return transaction(exercised("Nest", {}, {}, exercised("Leaf"))) | changes


def treeless():
    """An update that has neither events nor roots to name."""
    return {
        name: value
        for name, value in tree().items()
        if name not in {"events_by_id", "root_event_ids"}
    }


def events(root=None, leaf=None):
    """The two events of `tree`, some of whose fields are others."""
    named = tree()["events_by_id"]
    return {ROOT: named[ROOT] | (root or {}), LEAF: named[LEAF] | (leaf or {})}


def late(minutes, seconds=0):
    """An update that the ledger dates after its record time."""
    at = f"2025-12-10T16:{23 + minutes}:{seconds:02}Z"
    return tree(effective_at=at)


TRIPPED = [
    *(
        pytest.param("update_id_is_a_hash", tree(update_id=odd), id=f"id {odd[:6]}")
        for odd in ("1", "1220" + "0" * 63, "1220" + "g" * 64, "1220" + "A" * 64, "0" * 68)
    ),
    pytest.param("event_tree_is_complete", tree(root_event_ids=[]), id="no roots"),
    pytest.param("event_tree_is_complete", tree(root_event_ids=[ROOT, LEAF]), id="named twice"),
    pytest.param("event_tree_is_complete", tree(root_event_ids=[ROOT, "gone"]), id="a root gone"),
    pytest.param("event_tree_is_complete", tree(root_event_ids=ROOT), id="a text for roots"),
    pytest.param("event_tree_is_complete", tree(root_event_ids=[[ROOT]]), id="a list for a root"),
    pytest.param("event_tree_is_complete", tree(events_by_id=[]), id="a list for events"),
    pytest.param("event_tree_is_complete", tree(events_by_id={ROOT: 1}), id="a number for events"),
    pytest.param(
        "event_tree_is_complete",
        tree(events_by_id=events(root={"child_event_ids": []})),
        id="a leaf that nobody names",
    ),
    pytest.param(
        "event_tree_is_complete",
        tree(events_by_id=events(root={"child_event_ids": []}, leaf={"child_event_ids": [LEAF]})),
        id="a leaf that only it itself names",
    ),
    pytest.param(
        "event_tree_is_complete",
        tree(events_by_id=events(leaf={"event_id": ROOT})),
        id="a leaf under another id",
    ),
    pytest.param(
        "event_tree_is_complete", tree(events_by_id=events(root={"child_event_ids": 1})), id="1"
    ),
    pytest.param(
        "event_tree_is_complete", tree(events_by_id=None, root_event_ids=None), id="nulls"
    ),
    pytest.param("event_tree_is_complete", treeless(), id="no tree"),
    pytest.param("effective_at_is_a_time", tree(effective_at="soon"), id="a word for a time"),
    pytest.param("effective_at_is_a_time", tree(effective_at=1765384000), id="seconds for a time"),
    pytest.param(
        "effective_at_is_a_time", tree(effective_at="2025-12-10T16:23:00"), id="a time of nowhere"
    ),
    pytest.param("no_fraction_is_a_json_number", tree(offset=0.5), id="a fraction"),
    pytest.param(
        "no_fraction_is_a_json_number",
        transaction(amulet("a", 1e22)),
        id="an exponent, deep inside",
    ),
    pytest.param("ledger_time_is_near", late(10, seconds=1), id="dated a second too late"),
    pytest.param(
        "ledger_time_is_near", tree(effective_at="2025-12-10T16:12:59Z"), id="a second too soon"
    ),
]

PASSED = [
    pytest.param(tree(), id="an ordinary update"),
    pytest.param(transaction(), id="an update without events"),
    pytest.param(transaction(*[exercised("Root")] * 12), id="more than ten events"),
    pytest.param(reassignment(), id="a reassignment"),
    pytest.param(tree(offset=12345678901234567890123456789012345678), id="a long integer"),
    pytest.param(late(10), id="dated as late as may be"),
    pytest.param(tree(effective_at="2025-12-10T16:13:00Z"), id="dated as early as may be"),
    pytest.param(tree(effective_at=record_time(1)), id="dated in microseconds"),
]


@pytest.mark.parametrize(("rule", "update"), TRIPPED)
def test_a_rule_finds_the_line_that_breaks_it_and_no_other_rule_does(rule, update):
    lines = [line(transaction(number=1)), line(update), line(transaction(number=2))]
    findings = check_lines(lines, LINE_RULES)
    broken = [one for one in findings if one.offenders]
    assert [(one.rule, one.lines) for one in broken] == [(rule, (1,))]


@pytest.mark.parametrize("update", PASSED)
def test_a_good_line_breaks_no_rule(update):
    assert [one.offenders for one in check_lines([line(update)], LINE_RULES)] == [0] * len(
        LINE_RULES
    )


MIB = 2**20
SIZES = [
    pytest.param(23_300_000, None, id="the largest that MainNet had"),
    pytest.param(64 * MIB - 1, None, id="just below half of a VARIANT"),
    pytest.param(64 * MIB, "update_is_far_from_the_limit", id="half of a VARIANT"),
    pytest.param(128 * MIB, "update_is_far_from_the_limit", id="a whole VARIANT"),
    pytest.param(128 * MIB + 1, "update_fits_a_variant", id="a byte too many"),
]


@pytest.mark.parametrize(("byte_count", "broken"), SIZES)
def test_an_update_warns_from_half_of_a_variant_on_and_stops_beyond_a_whole_one(byte_count, broken):
    sized = Line(bytes(byte_count), tree(), has_floats=False)  # zeros, which take no memory
    found = [rule.name for rule in LINE_RULES if rule.is_broken(sized)]
    assert found == ([broken] if broken else [])


def test_an_update_of_many_events_is_never_parsed_as_a_whole():
    content = line(transaction(*[exercised("Root", {"text": "x" * 1000})] * 1000))
    tracemalloc.start()
    assert not [one for one in check_lines([content], LINE_RULES) if one.offenders]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(content) > 1_000_000
    assert peak < len(content) / 2


def test_every_rule_is_tripped_here():
    tripped = {case.values[0] for case in TRIPPED} | {case.values[1] for case in SIZES}
    assert {rule.name for rule in LINE_RULES} == tripped - {None}


def test_what_can_be_repaired_or_released_stops_and_what_is_only_odd_warns():
    assert {rule.name: (rule.severity, rule.threshold) for rule in LINE_RULES} == {
        "update_id_is_a_hash": ("error", 0.0),
        "event_tree_is_complete": ("error", 0.0),
        "effective_at_is_a_time": ("error", 0.0),
        "no_fraction_is_a_json_number": ("error", 0.0),
        "update_fits_a_variant": ("error", 0.0),
        "update_is_far_from_the_limit": ("warn", 0.0),
        "ledger_time_is_near": ("warn", 0.01),
    }


def test_rules_over_batches_stop_where_money_is_concerned():
    rules = {(rule.layer, rule.name): (rule.severity, rule.threshold) for rule in BATCH_RULES}
    assert rules == {
        ("bronze", "pages_follow_one_another"): ("error", 0.0),
        ("bronze", "every_line_is_loaded"): ("error", 0.0),
        ("bronze", "updates_are_unique"): ("warn", 0.0),
        ("silver", "movements_are_readable"): ("warn", 0.0),
        ("silver", "rows_agree_with_contracts"): ("warn", 0.0),
        ("silver", "supply_changes_by_mints_and_burns"): ("warn", 0.0),
        ("silver", "dso_party_keeps_no_coin"): ("warn", 0.0),
        ("silver", "mints_use_up_rewards"): ("warn", 0.0),
        ("silver", "mints_are_worth_their_rewards"): ("warn", 0.0),
        ("silver", "coins_are_the_networks"): ("warn", 0.05),
        ("silver", "payments_have_two_sides"): ("warn", 0.01),
        ("silver", "templates_are_known"): ("warn", 0.05),
        ("silver", "silver_keys_are_unique"): ("error", 0.0),
        ("silver", "updates_lie_in_their_pages"): ("warn", 0.0),
        ("silver", "amounts_are_plausible"): ("warn", 0.0),
        ("silver", "prices_are_plausible"): ("warn", 0.0),
        ("gold", "gold_equals_silver"): ("error", 0.0),
        ("gold", "network_equals_its_parts"): ("error", 0.0),
        ("gold", "gold_keys_are_unique"): ("error", 0.0),
        ("gold", "rate_is_near_the_price"): ("warn", 0.0),
        ("gold", "volume_is_usual"): ("warn", 0.0),
    }
