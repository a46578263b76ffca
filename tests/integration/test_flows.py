"""The flows from the Scan to gold, on recorded MainNet updates."""

import json
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from flows.pipeline import pipeline_flow
from mocks.canton_scan.replay import Recording
from tests.integration.local_world import USD_RATE

SAMPLE = Path(__file__).parents[3] / "shared" / "canton" / "mainnet-updates-sample.json"
DIGITAL_ASSET, CUMBERLAND = "Digital-Asset-2", "Cumberland-2"
NOTHING = Decimal("0E-10")


@pytest.fixture
def recording():
    if not SAMPLE.exists():
        pytest.skip(f"recorded MainNet data is not part of the project: {SAMPLE} is absent")
    return Recording(SAMPLE)


def hint(party):
    return party.partition("::")[0]


def minute(text):
    return datetime.fromisoformat(text)


def rows(line, table, *names):
    return [tuple(row[name] for name in names) for row in line.table(table)]


def about(update):
    """Template and choice of an update's first root, as silver counts those that moved nothing."""
    root = update["events_by_id"][update["root_event_ids"][0]]
    return f"{root['template_id'].partition(':')[2]}/{root.get('choice') or 'create'}"


def test_recorded_updates_come_out_as_the_three_mints_they_hold(
    run_flow, pipeline, database, recording
):
    line = pipeline(recording, SNOWFLAKE_DATABASE=database)
    run_flow(pipeline_flow, max_age_minutes=0)

    updates = [json.loads(update) for update in recording.page(None, 1000)]
    bronze = rows(line, "bronze.canton_transactions_raw", "source_event_id", "raw_payload")
    assert sorted(bronze, key=lambda row: row[1]["record_time"]) == [
        (update["update_id"], update) for update in updates
    ]
    assert len(bronze) == 60

    mints = [
        (hint(account), *more)
        for account, *more in rows(
            line, "silver.canton_transactions",
            "account", "direction", "movement_kind", "counterparty", "amount_cc",
        )
    ]  # fmt: skip
    assert mints == [
        (DIGITAL_ASSET, "received", "mint", None, Decimal("10988.5749814750")),
        (DIGITAL_ASSET, "received", "mint", None, Decimal("52.4469371427")),
        (CUMBERLAND, "received", "mint", None, Decimal("9445.3497274302")),
    ]

    gold = [
        (at, hint(account), *more)
        for at, account, *more in rows(
            line, "gold.account_activity_minute",
            "minute_at", "account", "transaction_count", "minted_cc", "net_cc", "total_cc",
            "usd_rate", "usd_value", "ledger_price_usd",
        )
    ]  # fmt: skip
    price = Decimal("0.0729300000")
    assert gold == [
        (minute("2025-12-10 16:23"), DIGITAL_ASSET, 1, *[Decimal("10988.5749814750")] * 3,
         USD_RATE, Decimal("1648.2862472213"), price),
        (minute("2025-12-10 16:24"), CUMBERLAND, 1, *[Decimal("9445.3497274302")] * 3,
         USD_RATE, Decimal("1416.8024591145"), price),
        (minute("2025-12-10 16:24"), DIGITAL_ASSET, 1, *[Decimal("52.4469371427")] * 3,
         USD_RATE, Decimal("7.8670405714"), price),
    ]  # fmt: skip

    moving = {update_id for (update_id,) in rows(line, "silver.canton_transactions", "update_id")}
    quiet = Counter(about(update) for update in updates if update["update_id"] not in moving)
    batches = {
        layer: (update_count, row_count, counts)
        for layer, update_count, row_count, counts in rows(
            line, "ops.batches", "layer", "update_count", "row_count", "counts"
        )
    }
    assert batches == {
        "bronze": (60, 60, None),
        "silver": (60, 3, dict(quiet)),
        "gold": (60, 3, None),
    }
    assert sum(quiet.values()) == 57
