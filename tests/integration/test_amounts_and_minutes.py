"""Amounts to the last digit and times to the microsecond, from the Scan to gold.

The client runs in Auckland, half a day ahead of UTC.
"""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from services import gold, silver
from services.errors import QualityFailed
from services.gold import ensure_rate
from tests.integration.conftest import dso_of
from tests.integration.scans import Updates
from tests.updates import ALICE, BOB, CAROL, DSO, created, summary, tap, transaction, transfer

PRICE = "0.0729300000"
LARGEST = "9999999999999999999999999999.9999999999"  # NUMBER(38, 10) holds no larger one


def at(instant, *events):
    """The update at an instant, ``2025-12-10 16:23:29.999999``."""
    text = instant.replace(" ", "T") + "Z"
    number = int(datetime.fromisoformat(text).timestamp() * 1_000_000)
    return transaction(*events, number=number % 60_000_000, update_id=f"1220{number:064x}",
                       record_time=text, effective_at=text)  # fmt: skip


HISTORY = (
    at("2025-12-10 16:23:29.999999", tap(CAROL, "0.0000000010")),
    at("2025-12-10 16:23:30.000000", tap(CAROL, "0.0333333333")),
    at("2025-12-10 16:24:29.999999", transfer(
        ALICE, [(BOB, "1.5"), (BOB, "2.5"), (CAROL, "0E-10")], summary(inputs="4.0"))),
    at("2025-12-10 16:26:00.000000", tap(BOB, LARGEST)),
    at("2025-12-31 23:59:29.999999", tap(CAROL, "0.0000000030")),
    at("2025-12-31 23:59:30.000000", tap(CAROL, "1E-10")),
)  # fmt: skip


@pytest.fixture(scope="module")
def loaded(module_pipeline):
    updates = Updates(dso_of(__name__), HISTORY)
    line = module_pipeline(updates)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Pacific/Auckland")
        time.tzset()
        line.run()
        yield line
    time.tzset()


BEYOND = "5000000000000000000000000000.0"  # twice, it is the first number with 39 digits


def test_a_sum_that_no_column_holds_names_account_and_minute(pipeline, scan):
    scan.add(
        at("2025-12-10 16:26:00.000000", tap(BOB, BEYOND)),
        at("2025-12-10 16:26:01.000000", tap(BOB, BEYOND)),
        at("2025-12-10 16:27:00.000000", tap(BOB, BEYOND)),
    )
    line = pipeline(scan)
    line.load()
    line.build(silver.LAYER)
    with pytest.raises(QualityFailed) as refused:
        line.build(gold.LAYER)
    assert str(refused.value).splitlines() == [
        "sums have more than 28 digits before the point:",
        f"- account {BOB}, minute 2025-12-10 16:26:00.000",
        "- all accounts, minute 2025-12-10 16:26:00.000",
    ]
    assert line.table("gold.account_activity_minute") == []


def test_a_value_that_no_column_holds_names_account_minute_and_rate(pipeline, scan, database):
    scan.add(at("2025-12-10 16:26:00.000000", tap(BOB, BEYOND)))
    line = pipeline(scan, SNOWFLAKE_DATABASE=database)
    line.load()
    line.build(silver.LAYER)
    line.execute("update ops.usd_rates set usd_rate = 2")
    with pytest.raises(QualityFailed) as refused:
        line.build(gold.LAYER)
    assert str(refused.value).splitlines() == [
        "sums have more than 28 digits before the point:",
        f"- account {BOB}, minute 2025-12-10 16:26:00.000, in USD at 2.00000000",
        "- all accounts, minute 2025-12-10 16:26:00.000, in USD at 2.00000000",
        "Is the rate right? `update ops.usd_rates` corrects one that is in force",
    ]
    line.execute("update ops.usd_rates set usd_rate = 1.99")
    line.build(gold.LAYER)
    assert columns(line, "gold.account_activity_minute", "usd_value") == [
        (Decimal(BEYOND) * Decimal("1.99"),)
    ]


def test_a_sum_within_an_update_that_no_column_holds_is_a_problem_and_the_rest_goes_on(
    pipeline, scan
):
    update = at("2025-12-10 16:26:00.000000", tap(BOB, BEYOND), tap(BOB, BEYOND))
    scan.add(update, at("2025-12-10 16:26:01.000000", tap(CAROL, "1.0")))
    line = pipeline(scan)
    line.run()
    (problem,) = columns(line, "silver.canton_problems", "update_id", "event_id", "problem")
    _, second_tap = update["root_event_ids"]
    assert problem[:2] == (update["update_id"], second_tap)
    assert problem[2].endswith(" CC are received: too much for a sum")
    assert columns(line, "gold.account_activity_minute", "account", "total_cc") == [
        (CAROL, Decimal(1))
    ]


def columns(line, table, *names):
    return [tuple(row[name] for name in names) for row in line.table(table)]


def instant(text):
    return datetime.fromisoformat(text)


def test_two_payments_to_one_account_in_one_event_are_two_rows_a_side(loaded):
    legs = [
        (leg, direction, account, str(amount))
        for leg, direction, account, amount, kind in columns(
            loaded, "silver.canton_transactions",
            "leg", "direction", "account", "amount_cc", "movement_kind",
        )
        if kind == "transfer"
    ]  # fmt: skip
    assert legs == [
        (0, "sent", ALICE, "1.5000000000"), (1, "received", BOB, "1.5000000000"),
        (2, "sent", ALICE, "2.5000000000"), (3, "received", BOB, "2.5000000000"),
    ]  # fmt: skip


def test_times_are_utc_to_the_microsecond_wherever_the_client_runs(loaded):
    expected = [instant(update["record_time"].removesuffix("Z")) for update in HISTORY]
    assert columns(loaded, "silver.canton_updates", "record_time", "effective_at") == [
        (one, one) for one in expected
    ]
    assert columns(loaded, "bronze.canton_transactions_raw", "cdc_to_ts") == [(expected[-1],)] * 6
    (row,) = loaded.rows("select current_timestamp()::timestamp_ntz as at")
    assert abs(row["at"] - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=5)


def test_minutes_are_the_nearest_and_values_are_rounded_once_half_away_from_zero(loaded):
    found = columns(
        loaded, "gold.account_activity_minute",
        "minute_at", "account", "transaction_count", "net_cc", "total_cc", "usd_value",
    )  # fmt: skip
    assert [
        (minute, account, count, *(format(amount, "f") for amount in amounts))
        for minute, account, count, *amounts in found
    ] == [
        # 0.15 times 10 units of the last place: 1.5 units
        (instant("2025-12-10 16:23"), CAROL, 1, *["0.0000000010"] * 2, "0.0000000002"),
        (instant("2025-12-10 16:24"), ALICE, 1, "-4.0000000000", "4.0000000000", "0.6000000000"),
        (instant("2025-12-10 16:24"), BOB, 1, *["4.0000000000"] * 2, "0.6000000000"),
        # half a cent, less half a unit
        (instant("2025-12-10 16:24"), CAROL, 1, *["0.0333333333"] * 2, "0.0050000000"),
        (instant("2025-12-10 16:26"), BOB, 1, *[LARGEST] * 2, f"15{'0' * 26}.0000000000"),
        # 4.5 units; a rounding to even would give 4
        (instant("2025-12-31 23:59"), CAROL, 1, *["0.0000000030"] * 2, "0.0000000005"),
        (instant("2026-01-01 00:00"), CAROL, 1, *["0.0000000001"] * 2, "0.0000000000"),
    ]  # fmt: skip


def test_the_last_price_on_the_ledger_is_carried_to_minutes_without_one(loaded):
    price = Decimal(PRICE)
    assert columns(loaded, "gold.network_activity_minute", "minute_at", "ledger_price_usd") == [
        (instant("2025-12-10 16:23"), None),
        (instant("2025-12-10 16:24"), price),
        (instant("2025-12-10 16:26"), price),
        (instant("2025-12-31 23:59"), None),  # a day without any: it is not known any more
        (instant("2026-01-01 00:00"), None),
    ]


def opened(price, opens_at):
    arguments = {"dso": DSO, "amuletPrice": price, "opensAt": opens_at}
    return created("Splice.Round:OpenMiningRound", arguments)


def test_a_rounds_price_counts_from_when_the_round_opens(pipeline, scan):
    scan.add(
        at("2025-12-10 16:20:00", opened("0.0700000000", "2025-12-10T16:21:00Z")),
        at("2025-12-10 16:29:00", opened("0.0800000000", "2025-12-10T16:39:32Z")),
        at("2025-12-10 16:30:00", opened("0.0900000000", "2027-12-10T16:39:32Z")),
        at("2025-12-10 16:39:00", tap(ALICE, "1.0")),
        at("2025-12-10 16:41:00", tap(ALICE, "1.0")),
    )
    line = pipeline(scan)
    line.run()
    assert columns(line, "gold.network_activity_minute", "minute_at", "ledger_price_usd") == [
        (instant("2025-12-10 16:20"), None),
        (instant("2025-12-10 16:29"), Decimal("0.07")),
        (instant("2025-12-10 16:30"), Decimal("0.07")),
        (instant("2025-12-10 16:39"), Decimal("0.07")),
        (instant("2025-12-10 16:41"), Decimal("0.08")),
    ]


def build_with_rates_between(line, scan, first, rates, second):
    """A coin in each of two minutes; between them come the rates, and then all is built again."""
    scan.add(at(str(first), tap(ALICE, "1.0")))
    line.run()
    for rate in rates:
        ensure_rate(line.services.warehouse, Decimal(rate), line.run_id)
    scan.add(at(str(second), tap(ALICE, "1.0")))
    line.load()
    line.build(silver.LAYER)
    line.build(gold.LAYER, rebuild_from=1)


def test_a_new_rate_values_later_minutes_and_leaves_history_alone(pipeline, scan, database):
    """Minutes lie around now, which is when a rate comes into force."""
    now = datetime.now(UTC).replace(second=0, microsecond=0, tzinfo=None)
    before, after = now - timedelta(minutes=5), now + timedelta(minutes=5)
    line = pipeline(scan, SNOWFLAKE_DATABASE=database)
    build_with_rates_between(line, scan, before, ("0.16", "0.16"), after)
    assert columns(line, "gold.account_activity_minute", "minute_at", "usd_rate", "usd_value") == [
        (before, Decimal("0.15"), Decimal("0.15")),
        (after, Decimal("0.16"), Decimal("0.16")),
    ]
    assert line.rows("select count(*) as n from ops.usd_rates") == [{"n": 2}]


def test_a_minute_that_is_built_keeps_its_rate_though_it_is_to_come(pipeline, scan, database):
    """Build with a ledger whose clock is ahead; consecutive rates stay in their order."""
    now = datetime.now(UTC).replace(second=0, microsecond=0, tzinfo=None)
    built, later = now + timedelta(hours=6), now + timedelta(hours=7)
    line = pipeline(scan, SNOWFLAKE_DATABASE=database, CANTON_CLOCK="simulated")
    build_with_rates_between(line, scan, built, ("0.16", "0.17"), later)
    assert columns(line, "gold.account_activity_minute", "minute_at", "usd_rate") == [
        (built, Decimal("0.15")),
        (later, Decimal("0.17")),
    ]
