"""Checks that the README's statements about the local Snowflake are true."""

from pathlib import Path

import pytest

from tests.contract.snowflake.readme import Row, answer_to, make_tables, rows
from tests.contract.snowflake.sql import Sql

ROWS = rows()
EXAMPLES = [
    pytest.param(row, steps, id=f"{row.what} {number}" if number else row.what)
    for row in ROWS
    for number, steps in enumerate(row.examples)
]
TESTS = sorted({named for row in ROWS for named in row.tests})


@pytest.fixture(scope="module")
def shared(local_snowflake: object) -> Sql:
    """The examples' tables, for those that only read."""
    sql = Sql(local_snowflake.connect())  # type: ignore[attr-defined]
    sql("create schema canton.readme")
    make_tables(sql, "n j t g")
    return sql


@pytest.mark.parametrize(("row", "steps"), EXAMPLES)
def test_an_example_answers_as_written(
    row: Row, steps: tuple[str, ...], shared: Sql, request: pytest.FixtureRequest
) -> None:
    sql, schema = shared, "README"
    if not row.reads_only:
        schema = request.getfixturevalue("schema")
        sql = request.getfixturevalue("sql")
        make_tables(sql, " ".join(steps))
    found = answer_to(sql, steps, schema)

    assert row.fits(steps, found), f"{found!r} is not {row.answer!r}"


@pytest.mark.parametrize(("file", "test"), TESTS)
def test_a_test_that_is_named_exists(file: str, test: str) -> None:
    text = (Path(__file__).parent / file).read_text()

    assert f"def {test}(" in text


def test_every_row_says_how_it_is_tested() -> None:
    untested = [row.what for row in ROWS if not row.examples and not row.tests]

    assert (len(ROWS) > 100, untested) == (True, [])
