"""The errors that a statement fails with: Snowflake's number, SQLSTATE and message.

A client decides by ``errno`` whether it may try again. Numbers are Snowflake's own where one is
known to fit; what only the local Snowflake refuses says so and uses 2, Snowflake's "Unsupported
feature". What the engine raises becomes one of these in `translation`.
"""

from dataclasses import dataclass

UNSUPPORTED = 2
"""The number of what Snowflake can do, and the local one can't."""


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
    told = f"Unsupported feature '{what}' in the local Snowflake{reason}. ({REFUSALS})"
    return compilation(UNSUPPORTED, "0A000", told)


def unknown_function(name: str, kind: str = "function") -> StatementFailed:
    """A function that neither Snowflake nor the schema has, or that isn't answered here."""
    return compilation(2140, "42601", f"Unknown {kind} {name}. ({REFUSALS})")


REFUSALS = "mocks/snowflake/README.md, 'Refused'"
"""The file and the heading under which users find what is refused."""


UNRECOGNIZED = " is not recognized"
"""The suffix that keeps DuckDB from taking a text for a number which is none on Snowflake."""


def does_not_exist(kind: str, name: str) -> StatementFailed:
    """Snowflake's answer for an object that is not there, or not for you."""
    return compilation(2003, "42S02", f"{kind} '{name}' does not exist or not authorized.")


def already_exists(name: str) -> StatementFailed:
    """Snowflake's answer for a name that is taken."""
    return compilation(2002, "42710", f"Object '{name}' already exists.")


def missing() -> StatementFailed:
    """Snowflake's answer for a schema or database that is not there, or not for you."""
    text = "Object does not exist, or operation cannot be performed."
    return compilation(2043, "02000", text)


def ambiguous(column: str) -> StatementFailed:
    """A column's name that several columns have."""
    return compilation(2028, "42601", f"ambiguous column name '{column}'")


def duplicate_column(name: str) -> StatementFailed:
    """A column that is named twice where each has to have a name of its own."""
    return compilation(2025, "42S21", f"duplicate column name '{name}'")


def invalid_column_list() -> StatementFailed:
    """A list of names that isn't as long as that of the columns it names."""
    return compilation(2026, "42601", "Invalid column definition list")


def invalid(message: str) -> StatementFailed:
    """A statement whose parts don't fit together."""
    return compilation(1003, "42000", message)


def transaction_aborted(reason: str) -> StatementFailed:
    """Return the error of any statement but ROLLBACK in a transaction that can't be kept whole."""
    return StatementFailed(
        UNSUPPORTED,
        "40000",
        "The transaction was rolled back and nothing of it is kept, because a statement in it "
        f"failed: {reason} (Snowflake would keep its earlier statements, the local one can't.)",
    )


def transaction_ended(number: int, why: str) -> StatementFailed:
    """Another session, or Snowflake itself, rolled the transaction back.

    The number as users of Snowflake report it (snowflake-connector-net, issue 560).
    """
    return StatementFailed(
        615, "57014", f"Transaction '{number}' was aborted, SQL execution canceled: {why}."
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
