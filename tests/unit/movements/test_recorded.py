"""The rules on 60 updates that MainNet really made."""

import json
from pathlib import Path

import pytest

from services.movements import cc_movements

SAMPLE = Path(__file__).parents[4] / "shared" / "canton" / "mainnet-updates-sample.json"


@pytest.fixture(scope="module")
def recorded():
    if not SAMPLE.exists():
        pytest.skip(f"recorded MainNet data is not part of the project: {SAMPLE} is absent")
    return json.loads(SAMPLE.read_text())["transactions"]


def test_sixty_recorded_updates_hold_exactly_three_mints(recorded):
    rows = [row for update in recorded for row in cc_movements(update) if row["movement_kind"]]
    assert len(recorded) == 60
    assert [
        (
            row["account"].partition("::")[0],
            row["direction"],
            row["movement_kind"],
            row["amount_cc"],
        )
        for row in rows
    ] == [
        ("Digital-Asset-2", "received", "mint", "10988.5749814750"),
        ("Digital-Asset-2", "received", "mint", "52.4469371427"),
        ("Cumberland-2", "received", "mint", "9445.3497274302"),
    ]


def test_every_recorded_update_is_readable_and_about_something_known(recorded):
    rows = [row for update in recorded for row in cc_movements(update)]
    assert [row for row in rows if row["problem"]] == []
    assert [row["update_kind"] for row in rows if not row["is_known"]] == []
