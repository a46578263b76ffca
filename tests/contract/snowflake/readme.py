"""The tables of `mocks/snowflake/README.md`, as cases to run."""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from snowflake.connector.errors import Error

from tests.contract.snowflake.sql import Sql
from tools.reference.markdown import rows_under

README = Path(__file__).parents[3] / "mocks/snowflake/README.md"
_SQL_BLOCK = re.compile(r"```sql\n(.*?)```", re.DOTALL)
_CODE = re.compile(r"`([^`]*)`")
_TEST = re.compile(r"(test_\w+\.py)::(test_\w+)")
_STEP = re.compile(r";(?=(?:[^']*'[^']*')*[^']*$)")
_TABLE = re.compile(r"(?:create table|insert into) (\w+)")


@dataclass(frozen=True)
class Row:
    """One row: its examples (each of one or more statements), the tests it names, its answer."""

    section: str
    what: str
    examples: tuple[tuple[str, ...], ...]
    tests: tuple[tuple[str, str], ...]
    answer: str

    @property
    def reads_only(self) -> bool:
        """Tell whether the examples only read data."""
        return all(
            step.startswith(("select", "with", "(select")) for e in self.examples for step in e
        )

    def fits(self, steps: tuple[str, ...], found: str) -> bool:
        """Tell whether an example answered as written; an answer is that of the last example."""
        if self.section == "Refused" or self.answer.startswith("error"):
            number, _, message = self.answer.partition(": ")
            found_number, _, found_message = found.partition(": ")
            return found_number == number and found_message.startswith(message.replace("⏎", "\n"))
        if steps == self.examples[-1]:
            return found.strip() == self.answer
        return not found.startswith("error ")


def setup() -> list[str]:
    """The statements that make the examples' tables."""
    (block,) = _SQL_BLOCK.findall(README.read_text())
    return [step.strip() for step in block.split(";\n") if step.strip()]


def make_tables(sql: Sql, mentioned: str) -> None:
    """Make the examples' tables that a text mentions, in the session's schema."""
    for statement in setup():
        table = _TABLE.match(statement)
        if table and re.search(rf"\b{table[1]}\b", mentioned):
            sql(statement)


def answer_to(sql: Sql, steps: tuple[str, ...], schema: str) -> str:
    """The last statement's answer as the README writes it: rows, or `error N: message`."""
    *before, last = [step.replace("${schema}", schema) for step in steps]
    for step in before:
        sql(step)
    try:
        return rendered(sql(last))
    except Error as error:
        return f"error {error.errno}: {error.raw_msg}"


def rows() -> list[Row]:
    """Every row of every table whose first column is ``What``."""
    return [_row(section, cells) for section, cells in rows_under(README.read_text(), "What")]


def _row(section: str, cells: list[str]) -> Row:
    what, example, answer, _ = cells
    examples = tuple(
        tuple(step.strip() for step in _STEP.split(code)) for code in _CODE.findall(example)
    )
    return Row(section, what, examples, tuple(_TEST.findall(example)), answer)


def rendered(rows_: list[tuple]) -> str:
    """Rows as the README writes them."""
    return " / ".join(", ".join(_value(value) for value in row) for row in rows_)


def _value(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.replace(tzinfo=None).isoformat(" ")
        case date():
            return value.isoformat()
    return in_one_line(str(value))


def in_one_line(text: str) -> str:
    """A VARIANT, which is displayed in lines, without blanks; other texts as they are."""
    if not text.startswith(("[\n", "{\n")):
        return text
    return json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)
