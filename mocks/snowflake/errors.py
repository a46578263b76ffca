"""What a statement fails with: Snowflake's number, SQLSTATE and message.

A client decides by ``errno`` whether it may try again, so every error of the engine (DuckDB,
sqlglot, fakesnow) becomes one of these. Numbers are Snowflake's own where one is known to fit; what
only the local Snowflake refuses says so and uses 2, Snowflake's "Unsupported feature".
"""

import errno as os_errno
import os
from dataclasses import dataclass
from typing import NoReturn

import duckdb
import snowflake.connector.errors
from sqlglot.errors import ParseError, TokenError, UnsupportedError


@dataclass
class StatementFailed(Exception):
    """A statement failed; the client gets exactly this."""

    errno: int
    sqlstate: str
    message: str

    def __str__(self) -> str:
        return f"{self.errno:06d} ({self.sqlstate}): {self.message}"


def compilation(errno: int, sqlstate: str, message: str) -> StatementFailed:
    """An error that Snowflake finds before it runs anything."""
    return StatementFailed(errno, sqlstate, f"SQL compilation error:\n{message}")


def unsupported(what: str, why: str = "") -> StatementFailed:
    """Snowflake can do it, the local one can't, and says so instead of doing something similar."""
    reason = f": {why}" if why else ""
    return compilation(2, "0A000", f"Unsupported feature '{what}' in the local Snowflake{reason}.")


def does_not_exist(kind: str, name: str) -> StatementFailed:
    """Snowflake's answer for an object that is not there, or not for you."""
    return compilation(2003, "42S02", f"{kind} '{name}' does not exist or not authorized.")


def invalid(message: str) -> StatementFailed:
    """A statement whose parts don't fit together."""
    return compilation(1003, "42000", message)


def transaction_aborted(reason: str) -> StatementFailed:
    """For every statement but ROLLBACK, and for COMMIT, once a transaction can't be kept whole."""
    return StatementFailed(
        9999,
        "40000",
        "The transaction was rolled back and nothing of it is kept, because a statement in it "
        f"failed: {reason} (Snowflake would keep its earlier statements, the local one can't.)",
    )


def lock_timeout(table: str, seconds: float) -> StatementFailed:
    """Another transaction kept a table's lock for longer than LOCK_TIMEOUT."""
    return StatementFailed(
        625,
        "57014",
        f"Statement was aborted: another transaction has locked table '{table}' and this lock has "
        f"not been released within LOCK_TIMEOUT ({seconds:.0f} seconds).",
    )


def deadlock(table: str) -> StatementFailed:
    """Two transactions wait for each other's locks; the one that noticed gives way."""
    return StatementFailed(
        628, "57014", f"Transaction was aborted by a deadlock on the lock of table '{table}'."
    )


def canceled() -> StatementFailed:
    """The client, or the end of its session, stopped the statement."""
    return StatementFailed(604, "57014", "SQL execution canceled")


def statement_timeout(seconds: float) -> StatementFailed:
    """STATEMENT_TIMEOUT_IN_SECONDS has passed."""
    return StatementFailed(
        630,
        "57014",
        f"Statement reached its statement or warehouse timeout of {seconds:.0f} second(s) and was "
        "canceled.",
    )


def internal(error: BaseException) -> StatementFailed:
    """A fault of ours: an answer that the connector raises, where it would retry an HTTP 500."""
    return StatementFailed(
        370001, "XX000", f"Internal error of the local Snowflake: {type(error).__name__}: {error}"
    )


_BY_TEXT = (  # part of DuckDB's message, then what Snowflake says
    ("Duplicate struct entry name", 100103, "22000"),
    ("Duplicate named argument", 100103, "22000"),
    ("Division by zero", 100051, "22012"),
    ("Numeric value out of range", 100039, "22003"),
    ("Malformed JSON", 100069, "22P02"),
    ("Error parsing JSON", 100069, "22P02"),
    ("NOT NULL constraint failed", 100072, "22000"),
    ("MERGE INTO affected the same row twice", 100090, "42P18"),
    ("multiple rows", 100090, "42P18"),
    ("Table Function with name", 2002, "42601"),
    ("already exists", 2002, "42710"),
    ("Conflict on", 625, "57014"),
    ("write-write conflict", 625, "57014"),
)
_BY_TYPE: tuple[tuple[type[duckdb.Error], int, str], ...] = (
    (duckdb.CatalogException, 2003, "42S02"),
    (duckdb.BinderException, 904, "42000"),
    (duckdb.ParserException, 1003, "42000"),
    (duckdb.ConversionException, 100038, "22018"),
    (duckdb.OutOfRangeException, 100039, "22003"),
    (duckdb.ConstraintException, 100072, "22000"),
    (duckdb.InvalidInputException, 100183, "22000"),
    (duckdb.NotImplementedException, 2, "0A000"),
    (duckdb.IOException, 300002, "58030"),
    (duckdb.OutOfMemoryException, 300005, "53200"),
    (duckdb.Error, 9999, "XX000"),
)
_COMPILATION = frozenset({904, 1003, 2002, 2003, 2, 100103})
_IN_PYTHON = "Python exception occurred while executing the UDF"
_PYTHON_FUNCTION_FAILED = (
    "PythonFunctionFailed: "  # python_functions.py raises it for a handler's error
)
NO_SPACE = os.strerror(os_errno.ENOSPC)


def from_duckdb(error: duckdb.Error) -> StatementFailed:
    """The Snowflake error for one of DuckDB's; the message stays DuckDB's first paragraph."""
    text = str(error).split("\n\nLINE ")[0].strip()
    if _IN_PYTHON in text and (named := text.partition(_PYTHON_FUNCTION_FAILED)[2]):
        return StatementFailed(100357, "P0000", named)
    if isinstance(error, duckdb.IOException) and os.strerror(os_errno.EFBIG) in text:
        text = f"{NO_SPACE}: {text}"  # a quota on file size is as full as a disk gets
    for part, number, sqlstate in _BY_TEXT:
        if part in text:
            return _failed(number, sqlstate, text)
    number, sqlstate = next((n, s) for kind, n, s in _BY_TYPE if isinstance(error, kind))
    return _failed(number, sqlstate, text)


def _failed(number: int, sqlstate: str, text: str) -> StatementFailed:
    make = compilation if number in _COMPILATION else StatementFailed
    return make(number, sqlstate, text)


def translate(error: Exception) -> NoReturn:
    """Raise what the client is to see for any error that running a statement can end in."""
    match error:
        case StatementFailed():
            raise error
        case duckdb.Error():
            raise from_duckdb(error) from error
        case snowflake.connector.errors.Error(__cause__=duckdb.Error() as cause):
            raise from_duckdb(cause) from error  # fakesnow's number for it is another one
        case snowflake.connector.errors.Error():  # fakesnow's; its `msg` repeats the number
            raise StatementFailed(
                error.errno or 9999, error.sqlstate or "99999", error.raw_msg or str(error)
            ) from error
        case ParseError() | TokenError():
            text = str(error).replace("\x1b[4m", "").replace("\x1b[0m", "")  # sqlglot underlines
            raise invalid(f"syntax error: {text}") from error
        case NotImplementedError() | UnsupportedError():  # sqlglot's and fakesnow's own refusals
            raise unsupported(str(error)) from error
        case _:
            raise internal(error) from error
