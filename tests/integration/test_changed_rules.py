"""Rules that change: what they no longer find is gone from silver and from gold."""

from decimal import Decimal
from pathlib import Path

import pytest

from services import gold, movements, silver
from services.migrate import function_name
from tests.updates import ALICE, BOB, summary, tap, transaction, transfer

TAP_RULE = '    (_AMULET_RULES, "", "AmuletRules_DevNet_Tap"): _tapped,\n'
NOW = movements.RULES_VERSION
NEXT = NOW + 1


def at(number, clock, *events):
    time = f"2025-12-10T{clock}Z"
    return transaction(*events, number=number, record_time=time, effective_at=time)


@pytest.fixture
def line(pipeline, scan, database):
    """A tap, then a payment, then both in one update; a minute each."""
    paid = transfer(ALICE, [(BOB, "2.0")], summary(inputs="2.0"))
    scan.add(
        at(1, "16:23:00", tap(ALICE, "5.0")),
        at(2, "16:24:00", paid),
        at(3, "16:25:00", tap(BOB, "7.0"), paid),
    )
    opened = pipeline(scan, SNOWFLAKE_DATABASE=database)
    opened.run()
    return opened


def without_taps():
    """The next version of the movement rules, which knows no taps."""
    source = Path(movements.__file__).read_text()
    assert source.count(TAP_RULE) == 1
    return source.replace(TAP_RULE, "").replace(f"RULES_VERSION = {NOW}", f"RULES_VERSION = {NEXT}")


def moved(line):
    names = ("movement_kind", "direction", "account", "amount_cc", "rules_version")
    return [tuple(row[name] for name in names) for row in line.table("silver.canton_transactions")]


def total(line, table, *names):
    return [
        (row["minute_at"].strftime("%H:%M"), *(row[name] for name in names))
        for row in line.table(table)
    ]


def payment(rules_version):
    amount = Decimal("2.0000000000")
    return [
        ("transfer", "sent", ALICE, amount, rules_version),
        ("transfer", "received", BOB, amount, rules_version),
    ]


def test_a_rule_that_finds_less_leaves_nothing_stale(line):
    assert moved(line) == [
        ("devnet_tap", "received", ALICE, Decimal(5), NOW),
        *payment(NOW),
        ("devnet_tap", "received", BOB, Decimal(7), NOW),
        *payment(NOW),
    ]
    line.execute(
        f"create or replace function {function_name()}(raw variant) returns array language python"
        f" runtime_version = '3.11' handler = 'cc_movements' as $$\n{without_taps()}$$"
    )
    assert line.build(silver.LAYER) is None, "batches are consumed once, unless asked otherwise"
    rebuilt = line.build(silver.LAYER, rebuild_from=1).batch
    line.build(gold.LAYER)

    assert (rebuilt.kind, rebuilt.update_count, rebuilt.row_count) == ("replay", 3, 4)
    assert moved(line) == [*payment(NEXT), *payment(NEXT)]
    assert total(line, "gold.account_activity_minute", "account", "net_cc") == [
        ("16:24", ALICE, Decimal(-2)), ("16:24", BOB, Decimal(2)),
        ("16:25", ALICE, Decimal(-2)), ("16:25", BOB, Decimal(2)),
    ]  # fmt: skip
    assert total(line, "gold.network_activity_minute", "update_count", "minted_cc") == [
        ("16:23", 1, 0), ("16:24", 1, 0), ("16:25", 1, 0),
    ]  # fmt: skip


def test_a_rebuild_consumes_what_was_not_consumed_yet_as_well(pipeline, scan):
    scan.add(at(1, "16:23:00", tap(ALICE, "5.0")))
    line = pipeline(scan)
    line.load()
    window = line.window(silver.LAYER, rebuild_from=2)
    assert (window.after, window.upto) == (0, 1)
