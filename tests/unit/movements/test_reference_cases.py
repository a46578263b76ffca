"""The rules on the project's reference cases, where these are at hand."""

import json
from pathlib import Path

import pytest

from services.movements import cc_movements
from tests.coin.case import sums

REFERENCE = Path(__file__).parents[4] / "shared" / "canton" / "cases.json"


@pytest.fixture(scope="module")
def reference():
    if not REFERENCE.exists():
        pytest.skip(f"the reference cases are not part of the project: {REFERENCE} is absent")
    return json.loads(REFERENCE.read_text())


def test_every_reference_case_gives_its_movements_and_its_problems(reference):
    wrong = {}
    for case in reference:
        rows = cc_movements(case["update"])
        is_flagged = any(row["problem"] or not row["is_known"] for row in rows)
        has_problem = any(row["problem"] for row in rows)
        told = is_flagged if case.get("flag") else not has_problem
        if sums(rows) != sums(case["movements"]) or not told:
            wrong[case["name"]] = rows
    assert wrong == {}
    assert len(reference) >= 117
