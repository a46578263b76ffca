"""Rows of a staged file, one class a format: JSON here, CSV and Parquet by DuckDB's own readers."""

import gzip
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import duckdb
import pyarrow as pa
from sqlglot import exp, parse_one

from mocks.snowflake import json_text
from mocks.snowflake.copy_options import CopyOptions
from mocks.snowflake.dialect import pipeline
from mocks.snowflake.errors import StatementFailed, unsupported

if TYPE_CHECKING:
    from mocks.snowflake.copy_into import Copy
    from mocks.snowflake.cursor import LocalCursor

MAX_LINE_BYTES = (
    128 * 2**20
)  # https://docs.snowflake.com/en/sql-reference/data-types-semistructured
_GZIP = b"\x1f\x8b"
_LINES = parse_one(
    """SELECT parse_json("line") AS "$1", "file" AS "METADATA$FILENAME",
       "number" AS "METADATA$FILE_ROW_NUMBER" FROM "_copied_lines" """,
    read="snowflake",
)


@dataclass(frozen=True)
class File:
    """A staged file: its URL, its METADATA$FILENAME, its bytes."""

    url: str
    path: str
    content: bytes


class Source(Protocol):
    """Loads one file into the table of a COPY."""

    def load(self, cursor: "LocalCursor", file: File, copy: "Copy") -> int:
        """Insert the file's rows; how many they are."""
        ...


def source(options: CopyOptions) -> Source:
    """What reads files of the format that a COPY names.

    Raises:
        StatementFailed: A format, or one of its options, that isn't exact here.
    """
    given = dict(options.file_format or {})
    kind = str(given.pop("TYPE", "CSV")).upper()
    if kind == "JSON":
        return JsonLines(given)
    raise unsupported(f"FILE_FORMAT = (TYPE = {kind})")


class JsonLines:
    """One JSON value a line, as ``$1``."""

    def __init__(self, options: dict[str, object]) -> None:
        for name, value in options.items():
            if (name, str(value).upper()) not in _EXACT_JSON_OPTIONS:
                raise unsupported(f"JSON option {name} = {value}")

    def load(self, cursor: "LocalCursor", file: File, copy: "Copy") -> int:
        """Insert the file's rows; how many they are."""
        lines = _lines(file)
        table = pa.table(
            {
                "line": _text(file, lines),
                "file": pa.array([file.path] * len(lines), pa.string()),
                "number": pa.array(range(1, len(lines) + 1), pa.int64()),
            }
        )
        duck = cursor.session.duck
        duck.register("_copied_lines", table)
        try:
            insert = pipeline.rewrite(_insert(copy), cursor.session, None)
            (count,) = duck.execute(insert.sql(dialect="duckdb")).fetchall()[0]
        except duckdb.InvalidInputException:
            _find_bad_line(file, lines)
            raise
        duck.unregister("_copied_lines")  # after an error the rollback does it
        return count


_EXACT_JSON_OPTIONS = frozenset(
    {
        ("COMPRESSION", "AUTO"),
        ("COMPRESSION", "GZIP"),
        ("COMPRESSION", "NONE"),
        ("STRIP_OUTER_ARRAY", "FALSE"),
    }
)


def _lines(file: File) -> list[bytes]:
    content = file.content
    if content.startswith(_GZIP):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise StatementFailed(
                100069, "22P02", f"Error reading file '{file.path}': {error}"
            ) from error
    lines = [line for line in content.split(b"\n") if line.strip()]
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE_BYTES:
            raise _bad_line(
                file,
                number,
                f"Error parsing JSON: document is too large, max size {MAX_LINE_BYTES} bytes",
            )
    return lines


def _text(file: File, lines: list[bytes]) -> pa.Array:
    try:
        return pa.array(lines, pa.binary()).cast(pa.string())
    except pa.ArrowInvalid as error:
        raise StatementFailed(
            100144, "22000", f"Invalid UTF8 detected in file '{file.path}'"
        ) from error


def _find_bad_line(file: File, lines: list[bytes]) -> None:
    """Raise with the number of the first line that is no JSON, if there is one."""
    for number, line in enumerate(lines, 1):
        try:
            json_text.checked(line.decode())
        except json_text.BadJson as error:
            raise _bad_line(file, number, str(error)) from error


def _bad_line(file: File, number: int, what: str) -> StatementFailed:
    return StatementFailed(100069, "22P02", f"{what}\n  File '{file.path}', line {number}")


def _insert(copy: "Copy") -> exp.Insert:
    """``INSERT INTO table (columns) SELECT … FROM lines`` for the COPY's own SELECT."""
    columns = [column.copy() for column in copy.select.expressions] if copy.select else []
    select = exp.select(*(columns or [exp.column("$1", quoted=True)]))
    for parameter in list(select.find_all(exp.Parameter)):
        if parameter.name != "1":
            raise unsupported(f"${parameter.name} of a JSON file", "a line is one value, $1")
        whole = parameter.parent if isinstance(parameter.parent, exp.Column) else parameter
        whole.replace(exp.column("$1", quoted=True))
    return exp.Insert(this=copy.target.copy(), expression=select.from_(_LINES.copy().subquery("f")))
