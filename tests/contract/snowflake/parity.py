"""``python -m tests.contract.snowflake.parity``: measure the local Snowflake for its page.

The corpus consists of the README's examples and of the expressions that the tests hold.
"""

import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from importlib.metadata import version
from pathlib import Path

from snowflake.connector import SnowflakeConnection
from snowflake.connector.errors import Error

from local.embedded.children import Children
from tests.contract.snowflake import readme, test_dialect, test_functions
from tests.contract.snowflake.server import start
from tests.contract.snowflake.sql import Sql
from tools.reference.coverage import MEASURED, PAGE, SNOWFLAKE
from tools.reference.markdown import anchor, table

OUTCOMES = ("right", "refused", "otherwise", "wrong")
_REFUSALS = (2, 2140)  # not supported here, unknown function
_AS_WRITTEN = {"Refused": "refused", "Emulated loosely": "otherwise"}
_EXPRESSIONS = {
    "NUMBER": [(test_dialect, test_dialect.NUMBERS)],
    "VARIANT": [(test_dialect, test_dialect.VARIANTS)],
    "Time": [(test_dialect, test_dialect.TIMES)],
    "Texts": [(test_dialect, test_dialect.TEXTS)],
    "ARRAY": [(test_dialect, test_dialect.ARRAYS)],
    "Functions": [(test_functions, test_functions.ANSWERS)],
}
_HEAD = """\
Release {release} with fakesnow {fakesnow} and DuckDB {duckdb} answered the examples of the
[README](../../{readme}) and the expressions of the tests:
as Snowflake does (right), with an error that says what isn't supported (refused), differently, as
the README says (otherwise), or with another answer than is written (wrong). The last column counts
the README's rows that have tests of their own. `python -m tests.contract.snowflake.parity` measures
again; a test compares.

"""
Connect = Callable[[], SnowflakeConnection]


def measured(connect: Connect) -> dict[str, Counter[str]]:
    """The number of outcomes per area, on the server where `connect` opens sessions."""
    areas: dict[str, Counter[str]] = {row.section: Counter() for row in readme.rows()}
    with closing(connect()) as connection:
        sql = _in_schema(connection, "PARITY_READS", "n j t g")
        for row in readme.rows():
            areas[row.section].update(_example(row, e, sql, connect) for e in row.examples)
        for area, tables in _EXPRESSIONS.items():
            areas.setdefault(area, Counter()).update(
                _outcome(lambda m=module, a=asked: m.answer_to(sql, a), answer.__eq__)
                for module, answers in tables
                for asked, answer in answers
            )
    return areas


def part_of_page(areas: dict[str, Counter[str]]) -> str:
    """The measured part of the page."""
    head = _HEAD.format(
        release=tomllib.loads(Path("pyproject.toml").read_text())["project"]["version"],
        fakesnow=version("fakesnow"),
        duckdb=version("duckdb"),
        readme=SNOWFLAKE,
    )
    tested = Counter(row.section for row in readme.rows() if row.tests)
    sections = {row.section for row in readme.rows()}
    counted = [
        _cells(f"[{a}](../../{SNOWFLAKE}#{anchor(a)})" if a in sections else a, found, tested[a])
        for a, found in areas.items()
    ]
    total = _cells("all", sum(areas.values(), Counter[str]()), tested.total())
    return head + table(["Area", *OUTCOMES, "rows with tests"], [*counted, total])


def _cells(area: str, found: Counter[str], tested: int) -> list[str]:
    return [area, *(str(found[outcome]) for outcome in OUTCOMES), str(tested)]


def _example(row: readme.Row, steps: tuple[str, ...], sql: Sql, connect: Connect) -> str:
    """The outcome of one example; one that writes has a session and a schema of its own."""
    schema = "PARITY_READS" if row.reads_only else "PARITY"
    with ExitStack() as opened:
        if not row.reads_only:
            own = opened.enter_context(closing(connect()))
            sql = _in_schema(own, schema, " ".join(steps))
        found = _outcome(
            lambda: readme.answer_to(sql, steps, schema), lambda answer: row.fits(steps, answer)
        )
    return _AS_WRITTEN.get(row.section, found) if found == "right" else found


def _in_schema(connection: SnowflakeConnection, schema: str, mentioned: str) -> Sql:
    sql = Sql(connection)
    sql(f"create or replace schema canton.{schema}")
    sql(f"use schema canton.{schema}")
    readme.make_tables(sql, mentioned)
    return sql


def _outcome(ask: Callable[[], str], fits: Callable[[str], bool]) -> str:
    try:
        answer = ask()
    except Error as error:
        answer = f"error {error.errno}: {error.raw_msg}"
    if fits(answer):
        return "right"
    number = answer.removeprefix("error ").partition(":")[0]
    return "refused" if number in map(str, _REFUSALS) else "wrong"


def main() -> None:
    """Start a server, measure it, and write the page's part anew."""
    with tempfile.TemporaryDirectory() as folder, Children(Path(folder) / "logs") as children:
        server = start(children, Path(folder) / "data")
        part = part_of_page(measured(server.connect))
    PAGE.write_text(MEASURED.sub(lambda _: part, PAGE.read_text()))


if __name__ == "__main__":
    main()
