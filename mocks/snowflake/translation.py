"""Errors of the engine (DuckDB, sqlglot, fakesnow) as Snowflake's."""

import errno as os_errno
import os
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import NoReturn

import duckdb
import snowflake.connector.errors
from sqlglot.errors import ParseError, TokenError, UnsupportedError

from mocks.snowflake import arguments
from mocks.snowflake.duck_types import in_snowflakes_words
from mocks.snowflake.errors import (
    UNRECOGNIZED,
    StatementFailed,
    already_exists,
    ambiguous,
    compilation,
    does_not_exist,
    duplicate_column,
    internal,
    invalid,
    invalid_column_list,
    unknown_function,
    unsupported,
)
from mocks.snowflake.time_format import unrecognized

NO_SPACE = os.strerror(os_errno.ENOSPC)
TOO_BIG = os.strerror(os_errno.EFBIG)
_FAILED = re.compile(r"(\d{6}) \((\w+)\): (.*)", re.DOTALL)
_UNDERLINED = re.compile(r"\x1b\[\dm")
"""Marks of sqlglot around what it didn't expect."""
_BY_NAME = re.compile(r"\b(?:update|insert)\s+all\s+by\s+name\b", re.IGNORECASE)
_PYTHON = "Python exception occurred while executing the UDF: "
_Match = re.Match[str]


def translate(error: Exception, text: str = "") -> NoReturn:
    """Raise what the client is to see for any error that running a statement can end in.

    Args:
        error: The error.
        text: The statement, which tells what it calls.
    """
    match error:
        case StatementFailed():
            raise error
        case duckdb.Error():
            raise from_duckdb(error, text) from error
        case snowflake.connector.errors.Error(__cause__=duckdb.Error() as cause):
            raise from_duckdb(cause, text) from error  # fakesnow's number for it is another one
        case snowflake.connector.errors.Error():  # fakesnow's; its `msg` repeats the number
            raise StatementFailed(
                error.errno or 9999, error.sqlstate or "99999", error.raw_msg or str(error)
            ) from error
        case ParseError() | TokenError():
            if _BY_NAME.search(_UNDERLINED.sub("", str(error))):
                raise unsupported("MERGE … ALL BY NAME") from error
            raise _not_parsed(error) from error
        case NotImplementedError() | UnsupportedError():  # sqlglot's and fakesnow's own refusals
            raise unsupported(str(error)) from error
        case _:
            raise internal(error) from error


def _not_parsed(error: ParseError | TokenError) -> StatementFailed:
    """A syntax error's place in the text, without sqlglot's reason: that names its own classes."""
    (told, *_) = getattr(error, "errors", None) or ({},)
    if not told.get("line"):
        return invalid("syntax error: the text ends within a constant, a name or a comment")
    where = f"line {told['line']} at position {told['col']}"
    return invalid(f"syntax error {where} unexpected '{told.get('highlight') or '<EOF>'}'.")


def from_duckdb(error: duckdb.Error, statement: str = "") -> StatementFailed:
    """The Snowflake error for one of DuckDB's, which a statement ends in."""
    text = str(error).split("\n\nLINE ")[0].strip()
    if _PYTHON in text:
        return _from_python(text.partition(_PYTHON)[2], statement)
    for pattern, make in _BY_TEXT:
        if found := pattern.search(text):
            return make(found)
    if isinstance(error, duckdb.IOException) or any(full in text for full in (NO_SPACE, TOO_BIG)):
        return _from_io(text)
    text = text.partition(" Error: ")[2] or text
    text = in_snowflakes_words(_ADVICE.sub("", text))
    for kind, make_of_text in _BY_TYPE:
        if isinstance(error, kind):
            return make_of_text(text)
    return StatementFailed(9999, "XX000", text)


def _from_python(raised: str, statement: str) -> StatementFailed:
    """Rebuild what our function raised in DuckDB, which passes on only class and message."""
    kind, _, message = raised.partition(": ")
    if kind == "StatementFailed" and (failed := _FAILED.fullmatch(message)):
        return StatementFailed(int(failed[1]), failed[2], failed[3])
    return {
        "PythonFunctionFailed": lambda: StatementFailed(100357, "P0000", message),
        "BadJson": lambda: StatementFailed(100069, "22P02", message),
        "ZeroDivisionError": lambda: _DIVISION_BY_ZERO,
        "OverflowError": lambda: StatementFailed(100046, "22003", message),
    }.get(kind, lambda: _of_arguments(kind, raised, statement))()


def _of_arguments(kind: str, raised: str, statement: str) -> StatementFailed:
    """An error of a function of ours that is called with what it wasn't made for."""
    called = arguments.called(statement)
    if kind not in _OF_VALUES or not called:
        return internal(RuntimeError(raised))
    return unsupported(f"{' or '.join(called)} with these arguments")


_OF_VALUES = frozenset(
    {"AttributeError", "IndexError", "InvalidOperation", "JSONDecodeError", "KeyError", "TypeError",
     "UnicodeDecodeError", "ValueError"}
)  # fmt: skip


def _from_io(text: str) -> StatementFailed:
    if TOO_BIG in text:  # a limit on file size: as full as a disk gets
        text = f"{NO_SPACE}: {text}"
    return StatementFailed(300002, "58030", f"Processing aborted by an error of storage: {text}")


def _not_converted(found: _Match) -> StatementFailed:
    value, kind = found["value"].partition(UNRECOGNIZED)[0], found["kind"]
    if kind == "BOOL":
        return StatementFailed(100037, "22018", f"Boolean value '{value}'{UNRECOGNIZED}")
    if not kind.startswith(("DECIMAL", "INT", "HUGEINT", "BIGINT", "DOUBLE")):
        return unrecognized(value, kind.title())
    try:
        is_number = Decimal(found["value"].strip()).is_finite()
    except InvalidOperation:
        is_number = False
    if not is_number:
        return StatementFailed(100038, "22018", f"Numeric value '{value}'{UNRECOGNIZED}")
    return StatementFailed(100039, "22003", f"Numeric value '{value}' is out of range")


def _identifier(found: _Match) -> StatementFailed:
    name = next(part for part in found.groups() if part)
    if name.lower() == "rowid":  # which no statement may name itself; see grammar.py
        return unsupported("SEQ of a table function over the rows of a view")
    return compilation(904, "42000", f"invalid identifier '{name}'")


_ADVICE = re.compile(
    r"\s*(Candidate (bindings|functions)|Did you mean|- an explicit cast)\b.*", re.DOTALL
)
"""DuckDB's hints, which are about DuckDB's functions and types."""
_LIMIT = re.compile(r"/(\S+ \S+) used\)")
_DIVISION_BY_ZERO = StatementFailed(100051, "22012", "Division by zero")
DUPLICATE_ROW = StatementFailed(100090, "42P18", "Duplicate row detected during DML action")
_NO_SUCH_OBJECT = compilation(2003, "42S02", "Object does not exist or not authorized.")
_OTHER_COLUMNS = "View definition declared another number of columns than its query produces."
_REPRESENTABLE = "Number out of representable range"


def _null(found: _Match) -> StatementFailed:
    return StatementFailed(100072, "22000", f"NULL result in a non-nullable column: {found[1]}")


def _exists(found: _Match) -> StatementFailed:
    return already_exists(found[1])


def _missing(found: _Match) -> StatementFailed:
    return does_not_exist("Schema" if found[1] == "Schema" else "Object", found[2])


def _unknown_function(found: _Match) -> StatementFailed:
    return unknown_function(found[1].upper())


def _of_text(found: _Match) -> StatementFailed:
    return unsupported(f"{found[1].upper()} of a text", "cast it")


def _of_types(found: _Match) -> StatementFailed:
    """A call of types that DuckDB's function doesn't take; Snowflake may convert them."""
    called = "a function" if found[1].startswith("_") else found[1].upper()
    return unsupported(f"{called} of {in_snowflakes_words(found[2])}", "cast it")


def _no_constant(found: _Match) -> StatementFailed:
    return unsupported(
        f"{(found[1] or found[2]).upper()} to a number of digits that is no constant"
    )


def _not_grouped(found: _Match) -> StatementFailed:
    return compilation(979, "42601", f"[{found[1]}] is not a valid group by expression")


def _has_column(found: _Match) -> StatementFailed:
    return compilation(1430, "42601", f"column '{found[1]}' already exists")


def _other_kind(found: _Match) -> StatementFailed:
    kind, wanted = found[1].upper(), found[2].upper()
    told = f"Object found is of type '{kind}', not specified type '{wanted}'."
    return compilation(2203, "02000", told)


def _no_cast(found: _Match) -> StatementFailed:
    kind, wanted = map(in_snowflakes_words, found.groups())
    return compilation(1007, "22023", f"invalid type: {kind} can't be cast to {wanted}")


def _ambiguous(found: _Match) -> StatementFailed:
    return compilation(2028, "42601", f"ambiguous column name '{found[1]}'")


def _other_number(found: _Match) -> StatementFailed:
    columns, values = (found[1], found[2]) if found[1] else (found[3], found[4])
    told = f"Insert value list does not match column list expecting {columns} but got {values}"
    return compilation(2020, "42601", told)


def _twice(found: _Match) -> StatementFailed:
    return duplicate_column(found[1] or found[2])


def _malformed(found: _Match) -> StatementFailed:
    return StatementFailed(100069, "22P02", f"Error parsing JSON: {found[0]}")


def _zone(found: _Match) -> StatementFailed:
    return unsupported(f"a text with the offset or zone {found[1]} as a timestamp", "cast it")


def _conflict(found: _Match) -> StatementFailed:
    return StatementFailed(
        625, "57014", f"Statement was aborted: another transaction holds its lock ({found[0]})."
    )


def _out_of_memory(text: str) -> StatementFailed:
    """Without DuckDB's advice, which is about settings that no client has."""
    limit = _LIMIT.search(text)
    told = f" ({limit[1]})" if limit else ""
    return StatementFailed(
        300005,
        "53200",
        f"The statement needs more memory than the local Snowflake has{told}: read fewer rows at"
        " once, or start it with a larger --memory.",
    )


def _too_long(_: _Match) -> StatementFailed:
    return StatementFailed(100078, "22000", "String is too long and would be truncated")


_UNKNOWN_NAME = (
    r'Referenced (?:column|table) "(.*?)" (?:was )?not found|Column with name (\S+) does not exist'
    r'|does not have a column (?:named|with name) "(.*?)"'
    r"|Referenced update column (\S+) not found|Cannot extract field '(.*?)' from"
    r'|Column "+(.*?)"+ (?:in (?:EXCLUDE|REPLACE|RENAME) list|referenced in UNPIVOT'
    r"|does not exist on \w+ side)"
)
_PATTERNS: dict[str, Callable[[_Match], StatementFailed]] = {
    r"'.*' is not a valid day of the week": lambda found: invalid(found[0]),
    r"Not a UUID: .*": lambda found: StatementFailed(100183, "22000", found[0]),
    r"Invalid escape string|pattern must not end with escape": lambda _: invalid(
        "invalid escape of LIKE: one character, and another one behind it"
    ),
    r'Could not decode string "(.*)" as base64': lambda found: StatementFailed(
        100115, "22000", f"The following string is not a legal base64-encoded value: '{found[1]}'"
    ),
    r'(?:Cannot cast to list of JSON\. Input "|Expected ARRAY, but got \w+: )(.*?)"?$': (
        lambda found: StatementFailed(
            100107, "22000", f"Invalid argument: expected an array, got {found[1]}"
        )
    ),
    r"Wrong number of arguments provided to (\w+) function": lambda found: unsupported(
        f"{found[1]} with these arguments"
    ),
    r'"quantile" argument in function': lambda _: unsupported("a percentile that is no constant"),
    r"Period must be greater than 0": lambda _: compilation(
        1008, "22023", "invalid value for parameter 'TIME_SLICE': it must be 1 or more"
    ),
    r"Unsupported feature '(.+?)'": lambda found: unsupported(found[1]),
    r"More than one row returned by a subquery": lambda _: StatementFailed(
        90150, "22000", "Single-row subquery returns more than one row."
    ),
    r"has (\d+) columns but (\d+) values were|expected (\d+) columns but (\d+) values were": (
        _other_number
    ),
    r"No columns found to join on in NATURAL JOIN": lambda _: unsupported(
        "NATURAL JOIN of tables that share no column", "CROSS JOIN"
    ),
    r'Duplicate column name "(.*?)" in INSERT|Multiple assignments to same column "(.*?)"': _twice,
    r"Division by zero": lambda _: _DIVISION_BY_ZERO,
    r"Invalid floating point operation: .*": lambda found: StatementFailed(
        100046, "22003", found[0]
    ),
    r"Could not convert string (?P<quote>[\"'])(?P<value>.*?)(?P=quote) to (?P<kind>\w+)": (
        _not_converted
    ),
    r'Casting value "(?P<value>\S+)" to type (?P<kind>\w+)': _not_converted,
    r'(?P<kind>timestamp|date|time) field [^"]*"(?P<value>.*?)"': _not_converted,
    r"Could not cast value (?P<value>\S+)(?: with type \w+)? to (?P<kind>\w+)": _not_converted,
    r"Unknown TimeZone '(.*?)'": _zone,
    r"has \d+ columns available but \d+ columns specified": lambda _: invalid_column_list(),
    r'Ambiguous reference to table "(.*?)"': lambda found: unsupported(
        f"several sources that are {found[1]} but for the case of their names", "give them aliases"
    ),
    r"Map keys must be unique": lambda _: StatementFailed(100103, "22000", "Duplicate field key"),
    r"Malformed JSON.*": _malformed,
    r"CHECK constraint failed|String is too long": _too_long,
    r"NOT NULL constraint failed: (\S+)": _null,
    r"Set operations can only apply to expressions with the same number": (
        lambda _: compilation(2057, "42601", _OTHER_COLUMNS)
    ),
    r'Cannot drop entry "(.*?)"': lambda found: unsupported(
        f"DROP of {found[1]}, on which others depend", "drop those first"
    ),
    r"same target row more than once": lambda _: DUPLICATE_ROW,
    r'(?:Table|View|Schema|Sequence) with name "?(\S+?)"? already exists': _exists,
    r'(?:Scalar|Aggregate|Table) Function with name "?(\S+?)"? does not exist': _unknown_function,
    r'(Table|View|Schema|Catalog|Sequence) with name "?(\S+?)"? does not exist': _missing,
    _UNKNOWN_NAME: _identifier,
    r'column "?(\S+?)"? must appear in the GROUP BY': _not_grouped,
    r'Column with name "?(\S+?)"? already exists': _has_column,
    r'Existing object ".*?" is of type (\w+), trying to \w+ (?:with )?type (\w+)': _other_kind,
    r"Unimplemented type for cast \((.+?) -> (.+?)\)": _no_cast,
    r'Ambiguous reference to column name "(.*?)"': _ambiguous,
    r"STAR expression is only": lambda _: invalid("syntax error: unexpected '*'"),
    r"Conflict on \w+|write-write conflict": _conflict,
    r"argument in function \"(round)\" must be a constant"
    r"|types '(trunc)\(\w+\S*, HUGEINT\)'": _no_constant,
    r'best candidate function .* "(\w+)\(.*STRING_LITERAL': _of_text,
    r"(?:argument types '|function call \")([^('\"]+)\((.*?)\)['\"]": _of_types,
    r'Attempting to write to database "(\w+)" .* already modified database "(\w+)"': (
        lambda found: unsupported(f"writing to {found[2]} and {found[1]} in one transaction")
    ),
    r'Ambiguous reference to column name "(\S+?)"': lambda found: ambiguous(found[1]),
    r"not a legal hex-encoded value: .*": lambda found: StatementFailed(
        100115, "22000", f"The following string is {found[0]}"
    ),
    # of lambdas, as in OBJECT_CONSTRUCT; a column is refused before
    r"DEFAULT value cannot contain": lambda _: unsupported("this expression as a DEFAULT"),
    r"Ambiguous reference to catalog or schema": lambda _: unsupported(
        "a view in another schema on a table of the schema that has its database's name"
    ),
    r'Alias "+(.*?)"+ referenced - but the expression has side effects': (
        lambda found: unsupported(f"the alias {found[1]} in another column", "use a subquery")
    ),
    r"not allowed inside the TRY|TRY can not be used": lambda _: unsupported(
        "TRY_… of an aggregate or a query under another name", "use a subquery in FROM"
    ),
    r"Collation with name \S+ does not exist": lambda _: unsupported("this collation"),
}
_BY_TEXT = tuple((re.compile(pattern, re.DOTALL), make) for pattern, make in _PATTERNS.items())
_BY_TYPE: tuple[tuple[type[duckdb.Error], Callable[[str], StatementFailed]], ...] = (
    (duckdb.CatalogException, lambda text: compilation(2003, "42S02", text)),
    (duckdb.BinderException, lambda text: compilation(1044, "42P13", text)),
    (duckdb.ParserException, invalid),
    (duckdb.ConversionException, lambda text: StatementFailed(100038, "22018", text)),
    (
        duckdb.OutOfRangeException,
        lambda text: StatementFailed(100046, "22003", f"{_REPRESENTABLE}: {text}"),
    ),
    (duckdb.ConstraintException, lambda text: StatementFailed(100072, "22000", text)),
    (duckdb.InvalidInputException, lambda text: StatementFailed(100183, "22000", text)),
    (duckdb.NotImplementedException, unsupported),
    (duckdb.PermissionException, lambda _: _NO_SUCH_OBJECT),  # a path as a name
    (duckdb.OutOfMemoryException, _out_of_memory),
)
