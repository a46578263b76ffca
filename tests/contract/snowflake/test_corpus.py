"""Statements whose answers others recorded from accounts of Snowflake, where they are at hand."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.snowflake.server import PASSWORD, USER, LocalSnowflake

_SHARED = Path(__file__).parents[4] / "shared"
_TOOL = _SHARED / "tools" / "snowflake-conformance"
_CORPUS = _SHARED / "facts" / "snowflake-conformance.jsonl"
_LEAST_RIGHT = 0.9


@pytest.mark.timeout(600)
def test_a_recorded_statement_is_answered_right_or_refused(
    local_snowflake: LocalSnowflake, tmp_path: Path
) -> None:
    if not (_TOOL.exists() and _CORPUS.exists()):
        pytest.skip(f"needs {_CORPUS}: what others recorded is not part of the project")
    failures = tmp_path / "failures.jsonl"
    asked = [
        _CORPUS,
        "--port",
        str(local_snowflake.port),
        "--failures",
        failures,
        "--timeout",
        "120",
    ]
    login = ["--user", USER, "--password", PASSWORD]
    subprocess.run([sys.executable, _TOOL, *asked, *login], check=True, capture_output=True)
    rows = len(_CORPUS.read_text().splitlines())
    others = [json.loads(line) for line in failures.read_text().splitlines()]

    wrong = [o for o in others if o["outcome"] not in ("refused", "code")]
    assert wrong == []  # "code": refused as on Snowflake, with another number
    assert [o for o in others if o["why"]] == []  # a refusal that doesn't say what isn't supported
    assert rows > 800
    assert 1 - len(others) / rows >= _LEAST_RIGHT
