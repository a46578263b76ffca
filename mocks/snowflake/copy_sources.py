"""Rows of a staged file, one class a format.

Each reads a file into an Arrow table and says what ``$1``, ``$2`` … of its rows are; the COPY's own
SELECT then runs over it.
"""

import gzip
import tempfile
import zlib
from dataclasses import dataclass
from typing import Protocol

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from fakesnow.copy_into import handle_csv
from sqlglot import Expr, exp

from mocks.snowflake import json_text
from mocks.snowflake.copy_options import FormatOptions
from mocks.snowflake.errors import StatementFailed, unsupported

MAX_LINE_BYTES = (
    128 * 2**20
)  # https://docs.snowflake.com/en/sql-reference/data-types-semistructured
_GZIP = b"\x1f\x8b"
_EXACT_JSON = {"COMPRESSION": ("AUTO", "GZIP", "NONE"), "STRIP_OUTER_ARRAY": ("FALSE",)}


@dataclass(frozen=True)
class File:
    """A staged file: its METADATA$FILENAME, its bytes."""

    path: str
    content: bytes


class Source(Protocol):
    """A file format."""

    def read(self, file: File) -> pa.Table:
        """The rows of a file, without its metadata columns."""
        ...

    def whole_row(self, table: pa.Table) -> list[Expr]:
        """Return the expressions that a COPY without a SELECT loads."""
        ...

    def column(self, number: int, path: str, table: pa.Table) -> Expr | None:
        """``$number``, or ``$number:path``; None leaves the path to be taken from ``$number``."""
        ...

    def explain(self, file: File) -> None:
        """Raise what is wrong with a file that could not be loaded, if it can be told."""
        ...


def source(options: FormatOptions | None) -> Source:
    """Return the reader of files of a format.

    Raises:
        StatementFailed: A format, or one of its options, that isn't exact here.
    """
    given = dict(options or {})
    kind = str(given.pop("TYPE", "CSV")).upper()
    made = {"JSON": JsonLines, "CSV": Csv, "PARQUET": Parquet}.get(kind)
    if made is None:
        raise unsupported(f"FILE_FORMAT = (TYPE = {kind})")
    return made(given)


class JsonLines:
    """One JSON value a line, as ``$1``."""

    def __init__(self, options: FormatOptions) -> None:
        for name, value in options.items():
            if str(value).upper() not in _EXACT_JSON.get(name, ()):
                raise unsupported(f"JSON option {name} = {value}")

    def read(self, file: File) -> pa.Table:
        """One column, ``$1``: a line each."""
        return pa.table({"$1": _text(file, _lines(file))})

    def whole_row(self, _: pa.Table) -> list[Expr]:
        """The value."""
        return [exp.ParseJSON(this=_quoted("$1"))]

    def column(self, number: int, path: str, _: pa.Table) -> Expr | None:
        """The value; its paths are taken from it."""
        if number != 1:
            raise unsupported(f"${number} of a JSON file", "a line is one value, $1")
        return None if path else exp.ParseJSON(this=_quoted("$1"))

    def explain(self, file: File) -> None:
        """Raise with the number of the first line that is no JSON."""
        for number, line in enumerate(_lines(file), 1):
            try:
                json_text.checked(line.decode())
            except json_text.BadJson as error:
                raise _bad_line(file, number, str(error)) from error


class Csv:
    """Fields as ``$1``, ``$2`` …, all of them text."""

    def __init__(self, options: FormatOptions) -> None:
        self._format = handle_csv(options)

    def read(self, file: File) -> pa.Table:
        """A column a field, by DuckDB's reader."""
        suffix = ".csv.gz" if file.content.startswith(_GZIP) else ".csv"
        with tempfile.NamedTemporaryFile(suffix=suffix) as copy, duckdb.connect() as duck:
            copy.write(file.content)
            copy.flush()
            reader = self._format.read_expression(copy.name)
            reader.append("expressions", self._format.make_eq("all_varchar", True))  # noqa: FBT003 -- fakesnow's signature
            sql = exp.select("*").from_(exp.Table(this=reader)).sql(dialect="duckdb")
            table = duck.sql(sql).to_arrow_table()
        return table.rename_columns([f"${n}" for n in range(1, table.num_columns + 1)])

    def whole_row(self, table: pa.Table) -> list[Expr]:
        """All fields in their order."""
        return [_quoted(name) for name in table.column_names]

    def column(self, number: int, _: str, table: pa.Table) -> Expr | None:
        """A field; NULL behind the last one."""
        return _quoted(f"${number}") if number <= table.num_columns else exp.null()

    def explain(self, file: File) -> None:
        """Nothing to add: DuckDB names the value."""


class Parquet:
    """Rows with typed columns; ``$1:name`` is a column."""

    _harmless = frozenset(
        {"COMPRESSION", "SNAPPY_COMPRESSION", "BINARY_AS_TEXT", "USE_LOGICAL_TYPE"}
    )

    def __init__(self, options: FormatOptions) -> None:
        if others := sorted(set(options) - self._harmless):
            raise unsupported(f"Parquet option {others[0]}")

    def read(self, file: File) -> pa.Table:
        """The file's columns."""
        return pq.read_table(pa.BufferReader(file.content))

    def whole_row(self, table: pa.Table) -> list[Expr]:
        """The row as one VARIANT."""
        pairs = [
            p for name in table.column_names for p in (exp.Literal.string(name), _quoted(name))
        ]
        return [exp.Anonymous(this="json_object", expressions=pairs)]

    def column(self, number: int, path: str, table: pa.Table) -> Expr | None:
        """A column with its own type; NULL for one that the file hasn't."""
        if number != 1:
            raise unsupported(f"${number} of a Parquet file", "a row is one value, $1")
        if not path:
            return self.whole_row(table)[0]
        return _quoted(path) if path in table.column_names else exp.null()

    def explain(self, file: File) -> None:
        """Nothing to add: pyarrow and DuckDB say what is wrong."""


def _quoted(name: str) -> exp.Column:
    return exp.column(name, quoted=True)


def _lines(file: File) -> list[bytes]:
    content = file.content
    if content.startswith(_GZIP):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            message = f"Error reading file '{file.path}': {error}"
            raise StatementFailed(100069, "22P02", message) from error
    lines = [line for line in content.split(b"\n") if line.strip()]
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE_BYTES:
            what = f"Error parsing JSON: document is too large, max size {MAX_LINE_BYTES} bytes"
            raise _bad_line(file, number, what)
    return lines


def _text(file: File, lines: list[bytes]) -> pa.Array:
    try:
        return pa.array(lines, pa.binary()).cast(pa.string())
    except pa.ArrowInvalid as error:
        message = f"Invalid UTF8 detected in file '{file.path}'"
        raise StatementFailed(100144, "22000", message) from error


def _bad_line(file: File, number: int, what: str) -> StatementFailed:
    return StatementFailed(100069, "22P02", f"{what}\n  File '{file.path}', line {number}")
