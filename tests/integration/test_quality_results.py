"""Evaluations as they are kept and shown, and the trial of a rule on history."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services import __main__ as command_line
from services import silver
from services.catalog import LAYERS
from services.layers import commit_window
from services.quality import BatchRule, judge
from services.quality_results import (
    KEPT_BATCHES,
    KEPT_DAYS,
    TREND,
    Evaluated,
    latest_results,
    record,
    short_results,
)
from services.quality_rules import BATCH_RULES, LINE_RULES, PAGE_RULE, rules_of
from services.quality_trial import find_rule, try_rule
from tests.updates import ALICE, tap, transaction

RULE = BatchRule("made_up", "silver", "warn", 0.1, "movements", "a rule of this test")
RESULTS = "select * from ops.quality_results where network = %(network)s order by layer, batch_id"


@pytest.fixture
def line(pipeline, scan):
    """A network with an update of 5 CC."""
    scan.add(transaction(tap(ALICE, "5.0"), number=1))
    return pipeline(scan)


def keep(line, batch_id, offenders, run_id="run-1", layer="silver"):
    """Record one evaluation of the rule that is made up, of 10 things."""
    with line.services.warehouse.session() as session:
        finding = judge(RULE, offenders, 10, ["a", "it's"], seconds=0.25)
        record(session, Evaluated(line.network, layer, batch_id, run_id), [finding])


def test_a_result_is_kept_as_it_was_found_and_replaced_by_the_same_run_alone(line):
    keep(line, 1, 1)
    keep(line, 1, 2)
    keep(line, 1, 0, run_id="run-2")
    first, second = sorted(line.rows(RESULTS), key=lambda row: row["run_id"])
    assert abs((datetime.now(UTC).replace(tzinfo=None) - first["evaluated_at"]).seconds) < 600
    assert {name: value for name, value in first.items() if name != "evaluated_at"} == {
        "network": line.network,
        "layer": "silver",
        "batch_id": 1,
        "rule": "made_up",
        "severity": "warn",
        "threshold": Decimal("0.1"),
        "offenders": 2,
        "total": 10,
        "is_broken": True,
        "sample_keys": ["a", "it's"],
        "report": None,
        "seconds": Decimal("0.25"),
        "run_id": "run-1",
    }
    assert (second["run_id"], second["offenders"], second["is_broken"]) == ("run-2", 0, False)


def test_results_of_old_batches_and_of_old_days_are_deleted_with_the_next_of_their_layer(line):
    keep(line, 1, 1)
    keep(line, 1, 1, layer="gold")
    keep(line, 2, 1)
    keep(line, 3, 1)
    line.execute(
        f"""update ops.quality_results set evaluated_at = dateadd('day', {-KEPT_DAYS - 1},
                current_timestamp()::timestamp_ntz)
            where network = %(network)s and batch_id = 3"""
    )
    keep(line, KEPT_BATCHES + 1, 1)
    assert [(row["layer"], row["batch_id"]) for row in line.rows(RESULTS)] == [
        ("gold", 1), ("silver", 2), ("silver", KEPT_BATCHES + 1),
    ]  # fmt: skip


def test_a_batch_is_recorded_in_its_transaction_whatever_others_record_meanwhile(line):
    keep(line, 1, 1)
    warehouse = line.services.warehouse
    with warehouse.session() as session, session.transaction(is_committed=lambda: False):
        touch = "update ops.cdc_watermarks set updated_at = null where network = %(network)s"
        session.execute(touch, {"network": line.network})
        keep(line, 1, 2, layer="gold")
        record(
            session, Evaluated(line.network, "silver", 1, "run-1"), [judge(RULE, 3, 10, ["it's"])]
        )
    assert [(row["layer"], row["offenders"]) for row in line.rows(RESULTS)] == [
        ("gold", 2),
        ("silver", 3),
    ]


def test_each_run_adds_a_row_for_each_rule_and_the_latest_comes_with_its_trend(line, capsys):
    line.run()
    kept = line.rows(RESULTS)
    rules = [rule.name for rule in (PAGE_RULE, *LINE_RULES, *BATCH_RULES)]
    assert [row["batch_id"] for row in kept] == [1] * len(rules)
    assert sorted(row["rule"] for row in kept) == sorted(rules)
    assert not [row["rule"] for row in kept if row["is_broken"]]
    (judged,) = [row for row in kept if row["rule"] == "rows_agree_with_contracts"]
    assert judged["report"] == "judged 1 of 1 updates with coin"

    for batch_id in range(1, TREND + 3):
        keep(line, batch_id, batch_id % 3)
    with line.services.warehouse.session() as session:
        results = [row for row in latest_results(session) if row["network"] == line.network]
    (latest,) = [row for row in results if row["rule"] == "made_up"]
    assert (latest["batch_id"], latest["trend"]) == (12, [0, 1, 2, 0, 1, 2, 0, 1, 2, 0])
    (known,) = [row for row in results if row["rule"] == "ledger_time_is_near"]
    assert [(row["threshold"], row["owner"]) for row in short_results([known, latest])] == [
        ("1 %", "ingestion"),
        ("10 %", None),
    ]
    (short,) = short_results([latest])
    assert {name: short[name] for name in ("layer", "rule", "result", "batch", "trend")} == {
        "layer": "silver",
        "rule": "made_up",
        "result": "passed",
        "batch": 12,
        "trend": "0 1 2 0 1 2 0 1 2 0",
    }

    capsys.readouterr()
    assert command_line.main(["quality", "--json"]) == 0
    printed = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    (mine,) = [row for row in printed if (row["network"], row["rule"]) == (line.network, "made_up")]
    assert (mine["trend"], mine["sample_keys"]) == (latest["trend"], ["a", "it's"])


def test_a_rule_is_tried_on_history_and_nothing_is_recorded(line, scan, capsys):
    line.run()
    scan.add(transaction(tap(ALICE, "1.0"), number=2, effective_at="2025-12-10T15:00:00Z"))
    line.run()
    line.execute(
        """delete from bronze.canton_transactions_raw
           where network = %(network)s and batch_id = 1"""
    )
    before = line.rows(RESULTS)
    landing, warehouse = line.services.landing, line.services.warehouse

    def tried(name):
        return [
            (row["batch_id"], row["offenders"], row["total"], row["is_broken"], row["sample_keys"])
            for row in try_rule(landing, warehouse, find_rule(name))
            if row["network"] == line.network
        ]

    assert tried("every_line_is_loaded") == [
        (1, 1, 1, True, ["the batch holds 0 rows of 1 lines"]),
        (2, 0, 1, False, []),
    ]
    odd = transaction(number=2)["update_id"]
    assert tried("ledger_time_is_near")[1] == (2, 1, 1, True, [f"update {odd}"])
    assert tried("gold_equals_silver")[1][3] is False
    capsys.readouterr()
    assert command_line.main(["try-rule", "--json", "every_line_is_loaded"]) == 0
    printed = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert {row["rule"] for row in printed} == {"every_line_is_loaded"}
    for name in ("nothing_is_wrong", PAGE_RULE.name):
        assert command_line.main(["try-rule", name]) == 1
        assert f"no rule {name} judges what is committed" in capsys.readouterr().err
    for layer in LAYERS:
        ((batch, offenders, total, is_broken, (sample,)),) = tried(f"{layer}_is_fresh")
        assert (batch, offenders, total, is_broken) == (2, 1, 1, True)
        assert sample.endswith("it should be at most 90")
    assert line.rows(RESULTS) == before


def test_a_rule_on_trial_is_recorded_and_nobody_is_told(line):
    line.load()
    line.execute(
        "update bronze.canton_transactions_raw set cdc_to_ts = '2025-12-10 16:00:00'"
        " where network = %(network)s"
    )
    window = line.window(silver.LAYER)
    (tried,) = [
        replace(rule, severity="trial")
        for rule in rules_of("silver")
        if rule.name == "updates_lie_in_their_pages"
    ]
    built = commit_window(line.services.warehouse, silver.LAYER, window, "run-1", [tried])
    assert built.warnings == ()
    (kept,) = [row for row in line.rows(RESULTS) if row["layer"] == "silver"]
    assert (kept["rule"], kept["severity"], kept["is_broken"]) == (tried.name, "trial", True)
