"""Rows of a staged file, one class a format.

Each reads a file into an Arrow table and says what ``$1``, ``$2`` … of its rows are; the COPY's own
SELECT then runs over it.
"""

import contextlib
import gzip
import json
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import Expr, exp

from mocks.snowflake import copy_csv, json_text, variant_values
from mocks.snowflake.copy_options import FormatOptions
from mocks.snowflake.errors import StatementFailed, unsupported

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LINE_BYTES = (
    128 * 2**20
)  # https://docs.snowflake.com/en/sql-reference/data-types-semistructured
METADATA = "METADATA$"
"""The prefix of the columns about a row's file."""
_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FALSE, _EITHER = ("FALSE",), ("TRUE", "FALSE")
_EXACT_JSON = {
    "COMPRESSION": ("AUTO", "GZIP", "NONE"), "STRIP_OUTER_ARRAY": _EITHER,
    "STRIP_NULL_VALUES": _EITHER, "ALLOW_DUPLICATE": _FALSE, "ENABLE_OCTAL": _FALSE,
    "IGNORE_UTF8_ERRORS": _FALSE, "REPLACE_INVALID_CHARACTERS": _FALSE, "TRIM_SPACE": _FALSE,
    "SKIP_BYTE_ORDER_MARK": ("TRUE",), "DATE_FORMAT": ("AUTO",), "TIME_FORMAT": ("AUTO",),
    "TIMESTAMP_FORMAT": ("AUTO",), "BINARY_FORMAT": ("HEX", "BASE64", "UTF-8", "UTF8"),
    "MULTI_LINE": ("TRUE",),
}  # fmt: skip


@dataclass(frozen=True)
class File:
    """A staged file: its METADATA$FILENAME, its bytes, when it was last changed (UTC)."""

    path: str
    content: bytes
    modified: datetime | None = None


@dataclass(frozen=True)
class Rows:
    """The rows of a file, without its metadata columns."""

    table: pa.Table
    lines: list[int]
    """The number of the line on which each row begins; empty where it is the row's own number."""
    faults: dict[int, StatementFailed] = field(default_factory=dict)
    """Rows that can't be loaded, by their index."""

    def line(self, index: int) -> int:
        """The number of a row's first line, from 1."""
        return self.lines[index] if self.lines else index + 1


class Source(Protocol):
    """A file format."""

    def read(self, file: File, width: int | None = None) -> Rows:
        """The rows of a file.

        Args:
            file: What to read.
            width: The number of columns that each row has to have; None for any.
        """
        ...

    def by_name(self, file: File, *, ignores_case: bool) -> Rows:
        """The rows with a column for each name that the file has, for MATCH_BY_COLUMN_NAME.

        The names are in capitals if case doesn't count.
        """
        ...

    def named(self, name: str) -> Expr:
        """The value of a column that `by_name` made."""
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
        self._compression = _compression(options)
        self._strips_array = str(options.get("STRIP_OUTER_ARRAY")).upper() == "TRUE"
        self._strips_null = str(options.get("STRIP_NULL_VALUES")).upper() == "TRUE"

    def read(self, file: File, width: int | None = None) -> Rows:
        """One column, ``$1``: a line each."""
        if width not in (None, 1):
            raise StatementFailed(
                2019, "22000",
                "SQL compilation error:\nJSON file format can produce one and only one column of "
                "variant, object, or array type. Load data into separate columns using the "
                "MATCH_BY_COLUMN_NAME copy option or copy with transformation.",
            )  # fmt: skip
        return Rows(pa.table({"$1": _text(file, self._values(file))}), [])

    def by_name(self, file: File, *, ignores_case: bool) -> Rows:
        """A column for each attribute, with the JSON of its values."""
        objects = [
            _folded(self._attributes(file, number, value), ignores_case=ignores_case)
            for number, value in enumerate(self._values(file), 1)
        ]
        names = dict.fromkeys(name for attributes in objects for name in attributes)
        columns = {name: _text(file, [o.get(name) for o in objects]) for name in names}
        if not columns:
            columns = {"": pa.nulls(len(objects), pa.string())}
        return Rows(pa.table(columns), [])

    def _attributes(self, file: File, number: int, value: bytes) -> dict[str, bytes]:
        try:
            return {n: bytes(v) for n, v in _decode_object(value).items()}
        except msgspec.MsgspecError as error:
            raise _bad_line(file, number, f"Error parsing JSON: {error}") from error

    def named(self, name: str) -> Expr:
        """The value of an attribute."""
        return exp.ParseJSON(this=_quoted(name))

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
        for number, line in enumerate(self._values(file), 1):
            try:
                json_text.checked(line.decode())
            except json_text.BadJson as error:
                raise _bad_line(file, number, str(error)) from error
            except StatementFailed as error:
                raise StatementFailed(
                    error.errno, error.sqlstate, _at_line(file, number, error.message)
                ) from error

    def _values(self, file: File) -> list[bytes]:
        lines = self._elements(file) if self._strips_array else _lines(file, self._compression)
        values = [value for line in lines for value in _documents(line)]
        return [_without_nulls(value) for value in values] if self._strips_null else values

    def _elements(self, file: File) -> list[bytes]:
        """The elements of each array of the file, which may span lines."""
        content = _unpacked(file, self._compression)
        try:
            return [bytes(element) for element in _decode_array(content)]
        except msgspec.MsgspecError:
            lines = _lines(file, self._compression)
            return [element for line in lines for element in _elements_of(line)]


def _documents(line: bytes) -> list[bytes]:
    """The objects or arrays on a line; one that is no JSON is refused later."""
    with contextlib.suppress(msgspec.DecodeError):
        _skip(line)
        return [line]
    text, decode, found, at = line.decode(errors="replace"), json.JSONDecoder().raw_decode, [], 0
    try:
        while at < len(text):
            start, (value, at) = at, decode(text, at)
            if not isinstance(value, dict | list):
                return [line]
            found.append(text[start:at].encode())
            at += len(text[at:]) - len(text[at:].lstrip())
    except json.JSONDecodeError:
        return [line]
    return found


def _folded(attributes: dict[str, bytes], *, ignores_case: bool) -> dict[str, bytes]:
    if not ignores_case:
        return attributes
    folded = {name.upper(): value for name, value in attributes.items()}
    if len(folded) != len(attributes):
        raise unsupported("MATCH_BY_COLUMN_NAME of names that differ in case alone")
    return folded


def _elements_of(line: bytes) -> list[bytes]:
    try:
        return [bytes(element) for element in _decode_array(line)]
    except msgspec.MsgspecError:
        return [line]  # a value that is no array stays; one that is no JSON is refused later


_decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
_skip = msgspec.json.Decoder(msgspec.Raw).decode
_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def _without_nulls(value: bytes) -> bytes:
    return variant_values.compact(_stripped(variant_values.read(value.decode()))).encode()


def _stripped(value: object) -> object:
    if isinstance(value, dict):
        return {name: _stripped(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        if None in value:
            raise unsupported("STRIP_NULL_VALUES of an array with null")
        return [_stripped(inner) for inner in value]
    return value


class Csv:
    """Fields as ``$1``, ``$2`` …, all of them text."""

    def __init__(self, options: FormatOptions) -> None:
        self._compression = _compression(options)
        self._format = copy_csv.CsvFormat.of(options)

    def read(self, file: File, width: int | None = None) -> Rows:
        """A column a field."""
        if self._format.parse_header:
            raise unsupported("PARSE_HEADER without MATCH_BY_COLUMN_NAME")
        return self._rows(file, list(self._lines(file)), width)

    def by_name(self, file: File, *, ignores_case: bool) -> Rows:
        """The columns by the names of the header."""
        if not self._format.parse_header:
            raise unsupported("MATCH_BY_COLUMN_NAME of a CSV without PARSE_HEADER = TRUE")
        header, *lines = list(self._lines(file)) or [copy_csv.Line([], 1)]
        names = list(_folded({str(n): b"" for n in header.fields}, ignores_case=ignores_case))
        rows = self._rows(file, lines, len(names))
        return Rows(rows.table.rename_columns(names), rows.lines, rows.faults)

    def _lines(self, file: File) -> "Iterator[copy_csv.Line]":
        try:
            content = _unpacked(file, self._compression)
            yield from copy_csv.read(content.decode(), self._format)
        except UnicodeDecodeError as error:
            raise _not_utf8(file) from error

    def _rows(self, file: File, lines: list[copy_csv.Line], width: int | None) -> Rows:
        faults = {}
        if width is not None and self._format.error_on_column_count_mismatch:
            faults = {
                index: _other_count(file, line, width)
                for index, line in enumerate(lines)
                if len(line.fields) != width
            }
        count = max((len(line.fields) for line in lines), default=0) if width is None else width
        columns = [
            [line.fields[n] if n < len(line.fields) else None for line in lines]
            for n in range(count)
        ]
        table = pa.table({f"${n}": pa.array(c, pa.string()) for n, c in enumerate(columns, 1)})
        return Rows(table, [line.number for line in lines], faults)

    def named(self, name: str) -> Expr:
        """The field below a header."""
        return _quoted(name)

    def whole_row(self, table: pa.Table) -> list[Expr]:
        """All fields in their order."""
        return [_quoted(name) for name in table.column_names]

    def column(self, number: int, _: str, table: pa.Table) -> Expr | None:
        """A field; NULL behind the last one."""
        is_there = f"${number}" in table.column_names
        return _quoted(f"${number}") if is_there else exp.cast(exp.null(), "text")

    def explain(self, file: File) -> None:
        """Nothing to add: DuckDB names the value."""


class Parquet:
    """Rows with typed columns; ``$1:name`` is a column."""

    _harmless = frozenset(
        {"COMPRESSION", "SNAPPY_COMPRESSION", "BINARY_AS_TEXT", "USE_LOGICAL_TYPE",
         "USE_VECTORIZED_SCANNER"}
    )  # fmt: skip

    def __init__(self, options: FormatOptions) -> None:
        if others := sorted(set(options) - self._harmless):
            raise unsupported(f"Parquet option {others[0]}")
        self._binary_as_text = str(options.get("BINARY_AS_TEXT", "TRUE")).upper() == "TRUE"

    def read(self, file: File, width: int | None = None) -> Rows:  # noqa: ARG002 -- a row is one value
        """The file's columns; those of bytes are text by default, as on Snowflake."""
        table = pq.read_table(pa.BufferReader(file.content))
        fields = [
            field.with_type(pa.string())
            if self._binary_as_text and pa.types.is_binary(field.type)
            else field
            for field in table.schema
        ]
        try:
            return Rows(table.cast(pa.schema(fields)), [])
        except pa.ArrowInvalid as error:
            raise _not_utf8(file) from error

    def by_name(self, file: File, *, ignores_case: bool) -> Rows:
        """The file's columns."""
        table = self.read(file).table
        names = _folded(dict.fromkeys(table.column_names, b""), ignores_case=ignores_case)
        return Rows(table.rename_columns(list(names)), [])

    def named(self, name: str) -> Expr:
        """A column."""
        return _quoted(name)

    def whole_row(self, table: pa.Table) -> list[Expr]:
        """The row as one VARIANT.

        Raises:
            StatementFailed: A column of bytes, which a VARIANT has no text for here.
        """
        fields = [field for field in table.schema if not field.name.startswith(METADATA)]
        if binary := [field.name for field in fields if pa.types.is_binary(field.type)]:
            raise unsupported(f"the bytes {binary[0]} of a Parquet file in a VARIANT")
        names = [field.name for field in fields]
        pairs = [part for name in names for part in (exp.Literal.string(name), _quoted(name))]
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


def _compression(options: FormatOptions) -> str:
    return str(options.get("COMPRESSION", "AUTO")).upper()


def _unpacked(file: File, compression: str) -> bytes:
    """The content of a file; with AUTO its first bytes tell whether it is compressed."""
    is_packed = compression == "GZIP" or file.content.startswith(_GZIP)
    if compression == "NONE" or not is_packed:
        return file.content
    try:
        return gzip.decompress(file.content)
    except (OSError, EOFError, zlib.error) as error:
        message = f"Error reading file '{file.path}': {error}"
        raise StatementFailed(100069, "22P02", message) from error


def _lines(file: File, compression: str) -> list[bytes]:
    content = _unpacked(file, compression).removeprefix(_BYTE_ORDER_MARK)
    lines = [line for line in content.split(b"\n") if line.strip()]
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE_BYTES:
            what = f"Error parsing JSON: document is too large, max size {MAX_LINE_BYTES} bytes"
            raise _bad_line(file, number, what)
    return lines


def _text(file: File, lines: list[bytes] | list[bytes | None]) -> pa.Array:
    try:
        return pa.array(lines, pa.binary()).cast(pa.string())
    except pa.ArrowInvalid as error:
        raise _not_utf8(file) from error


def _not_utf8(file: File) -> StatementFailed:
    return StatementFailed(100144, "22000", f"Invalid UTF8 detected in file '{file.path}'")


def _other_count(file: File, line: copy_csv.Line, width: int) -> StatementFailed:
    return StatementFailed(
        100080,
        "22000",
        f"Number of columns in file ({len(line.fields)}) does not match that of the corresponding "
        f"table ({width}), use file format option error_on_column_count_mismatch=false to ignore "
        f"this error\n  File '{file.path}', line {line.number}",
    )


def _bad_line(file: File, number: int, what: str) -> StatementFailed:
    return StatementFailed(100069, "22P02", _at_line(file, number, what))


def _at_line(file: File, number: int, what: str) -> str:
    return f"{what}\n  File '{file.path}', line {number}"
