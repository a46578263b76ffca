"""Delimited text as COPY INTO, SELECT from a stage and unloading read and write it.

https://docs.snowflake.com/en/sql-reference/sql/create-file-format#type-csv
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mocks.snowflake.errors import StatementFailed, invalid, unsupported

_BOM = "\ufeff"
_WRITTEN = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\\\": "\\"}
_HARMLESS = {
    "ENCODING": ("UTF8", "UTF-8"),
    "DATE_FORMAT": ("AUTO",),
    "TIME_FORMAT": ("AUTO",),
    "TIMESTAMP_FORMAT": ("AUTO",),
    "BINARY_FORMAT": ("HEX",),
    "REPLACE_INVALID_CHARACTERS": ("FALSE",),
    "VALIDATE_UTF8": ("TRUE",),
    "SKIP_BYTE_ORDER_MARK": ("TRUE",),
    "COMPRESSION": ("AUTO", "GZIP", "NONE"),
    "MULTI_LINE": ("TRUE",),
}
"""Options that have one right value here, beside those that `CsvFormat` has a field for."""


@dataclass(frozen=True)
class CsvFormat:
    """The options of a CSV file format, with Snowflake's defaults."""

    field_delimiter: str = ","
    record_delimiter: str = "\n"
    skip_header: int = 0
    parse_header: bool = False
    skip_blank_lines: bool = False
    field_optionally_enclosed_by: str = ""
    escape: str = ""
    escape_unenclosed_field: str = "\\"
    null_if: tuple[str, ...] = ("\\N",)
    empty_field_as_null: bool = True
    trim_space: bool = False
    error_on_column_count_mismatch: bool = True

    @classmethod
    def of(cls, options: Mapping[str, object]) -> "CsvFormat":
        """The format of these options.

        Raises:
            StatementFailed: 2 for one that isn't exact here, 1003 for two that exclude each other.
        """
        found: dict[str, object] = {}
        for name, value in options.items():
            field = name.lower()
            if name in _HARMLESS:
                if str(value).upper() not in _HARMLESS[name]:
                    raise unsupported(f"CSV option {name} = {value}")
            elif field in cls.__dataclass_fields__:
                found[field] = _option(field, value)
            elif name != "TYPE":
                raise unsupported(f"CSV option {name}")
        made = cls(**found)  # type: ignore[arg-type]
        if made.parse_header and made.skip_header:
            raise invalid("SKIP_HEADER and PARSE_HEADER exclude each other")
        return made


def _option(field: str, value: object) -> object:
    if field == "null_if":
        return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
    default = getattr(CsvFormat, field)
    if isinstance(default, bool):
        return str(value).upper() == "TRUE"
    if isinstance(default, int):
        return int(str(value))
    text = str(value)
    if text.upper() == "NONE":
        return ""
    if text.startswith(("\\x", "0x")) or re.match(r"\\\d", text):
        raise unsupported(f"the character {text} by its number", "write the character")
    return _WRITTEN.get(text, text)


Record = list[str | None]


@dataclass(frozen=True)
class Line:
    """A record of a file: its fields, and the number of the line on which it begins."""

    fields: Record
    number: int


def read(text: str, form: CsvFormat) -> Iterator[Line]:
    """The records of a file without its skipped lines; a header to be parsed is the first one.

    Raises:
        StatementFailed: A field isn't closed or followed by what is no delimiter, or an escape
            isn't known here.
    """
    reader = _Reader(text.removeprefix(_BOM), form)
    for number, fields in enumerate(reader.records()):
        if number >= form.skip_header:
            yield Line(fields, reader.began)


class _Reader:
    """Takes a text apart; where it is, by character and line."""

    def __init__(self, text: str, form: CsvFormat) -> None:
        self._text = text
        self._form = form
        self._at = 0
        self._line = 1
        self.began = 1
        quote, delimiter = form.field_optionally_enclosed_by, re.escape(form.field_delimiter)
        ends = re.escape(form.record_delimiter)
        ends = rf"\r?{ends}|\r" if form.record_delimiter == "\n" else ends
        escape = re.escape(form.escape_unenclosed_field)
        escaped = rf"{escape}(?s:.)|" if escape else ""
        before_delimiter = rf"(?!{delimiter})" if delimiter else ""
        closer_look = rf"(?:{escaped}(?!{ends}){before_delimiter}(?s:.))*"
        self._plain = re.compile(rf"[^{_marks(form)}]*{closer_look}")
        self._after = re.compile(rf"(?P<field>{delimiter or '(?!)'})|(?P<record>{ends})")
        marks = re.escape(quote)
        skipped = rf"{re.escape(form.escape)}(?s:.)|" if form.escape else ""
        self._enclosed = (
            re.compile(rf"{marks}((?:{skipped}{marks}{marks}|[^{marks}])*){marks}")
            if quote
            else None
        )

    def records(self) -> Iterator[Record]:
        """Each record's fields."""
        while self._at < len(self._text):
            self.began = self._line
            fields = self._record()
            is_blank = fields in ([None], [""])
            if not (is_blank and self._form.skip_blank_lines):
                yield fields

    def _record(self) -> Record:
        fields: Record = []
        while True:
            fields.append(self._field())
            after = self._after.match(self._text, self._at)
            if after is None:
                if self._at < len(self._text):
                    raise _misplaced(self._text[self._at], self._form, self._line)
                return fields
            self._at = after.end()
            if after["record"] is not None:
                self._line += 1
                return fields

    def _field(self) -> str | None:
        form = self._form
        self._skip_spaces()
        if self._enclosed and self._text.startswith(form.field_optionally_enclosed_by, self._at):
            found = self._enclosed.match(self._text, self._at)
            if found is None:
                raise _unclosed(self._line)
            self._at = found.end()
            self._line += found[0].count("\n")
            self._skip_spaces()
            mark = form.field_optionally_enclosed_by
            value = found[1].replace(mark + mark, mark)
            return None if value in form.null_if else self._unescaped(value, form.escape)
        found = self._plain.match(self._text, self._at)
        self._at = found.end()  # type: ignore[union-attr] # it matches nothing, too
        value = found[0]  # type: ignore[index]
        self._line += value.count("\n")
        value = value.strip(" ") if form.trim_space else value
        if value in form.null_if or (not value and form.empty_field_as_null):
            return None
        return self._unescaped(value, form.escape_unenclosed_field)

    def _skip_spaces(self) -> None:
        """Go past the spaces around a field, if the format has them trimmed."""
        while self._form.trim_space and self._text.startswith(" ", self._at):
            self._at += 1

    def _unescaped(self, value: str, escape: str) -> str:
        if not escape or escape not in value:
            return value
        literal = {
            self._form.field_delimiter,
            "\n",
            escape,
            self._form.field_optionally_enclosed_by,
        }

        def character(found: re.Match[str]) -> str:
            if found[1] not in literal:
                raise unsupported(
                    f"the escape {found[0]} in a CSV field",
                    "the format's ESCAPE_UNENCLOSED_FIELD = NONE takes it as it is",
                )
            return found[1]

        return re.sub(re.escape(escape) + "((?s:.))", character, value)


def _marks(form: CsvFormat) -> str:
    """The characters at which a field may end or is escaped, for a set of a pattern."""
    marks = form.field_delimiter + form.record_delimiter + form.escape_unenclosed_field + "\r"
    return "".join(re.escape(mark) for mark in marks)


def _misplaced(character: str, form: CsvFormat, line: int) -> StatementFailed:
    return StatementFailed(
        100016,
        "22000",
        f"Found character '{character}' instead of field delimiter '{form.field_delimiter}'\n"
        f"  line {line}",
    )


def _unclosed(line: int) -> StatementFailed:
    message = f"Found an enclosed field without its end\n  line {line}"
    return StatementFailed(100132, "22000", message)


def write(rows: Iterable[Record], form: CsvFormat) -> str:
    """The text of records, as unloading writes it."""
    lines = (form.field_delimiter.join(_written(v, form) for v in row) for row in rows)
    return "".join(line + form.record_delimiter for line in lines)


def _written(value: str | None, form: CsvFormat) -> str:
    mark = form.field_optionally_enclosed_by
    if value is None:
        return form.null_if[0] if form.null_if else ""
    if mark:
        return mark + value.replace(mark, mark + mark) + mark
    escape = form.escape_unenclosed_field
    for special in filter(None, (escape, form.field_delimiter, form.record_delimiter)):
        if special in value and not escape:
            raise unsupported(
                "unloading a text with a delimiter in it", "set FIELD_OPTIONALLY_ENCLOSED_BY"
            )
        value = value.replace(special, escape + special)
    return value
