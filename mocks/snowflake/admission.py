"""The rules by which a statement runs, is accepted without effect, or is refused.

A statement that DuckDB would run with another meaning is refused here by name; one that nobody
knows is refused as well. The README lists all of them, and a test runs every row.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake import (
    copy_options,
    file_formats,
    grammar,
    names,
    object_options,
    stages,
    statements,
)
from mocks.snowflake.errors import compilation, invalid, unsupported

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

_ACCOUNT_OBJECTS = (
    r"(warehouse|role|database\s+role|"
    r"((storage|notification|api|security|catalog|external\s+access)\s+)?integration|"
    r"resource\s+monitor|network\s+policy|network\s+rule|share)"
)
_WITHOUT_EFFECT = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"(grant|revoke)\b",
        rf"(create|alter|drop)\s+(or\s+replace\s+)?{_ACCOUNT_OBJECTS}\b",
        r"use\s+secondary\s+roles\b",
    )
)
_REFUSED_BY_TEXT = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), what)
    for pattern, what in (
        (r"create\s+(or\s+replace\s+)?(temp\s+|temporary\s+)?macro\b", "MACRO"),
        (r"create\s+or\s+alter\b", "CREATE OR ALTER"),
        (r"set\s+(global|local|session)\s+\w", "SET of a scope"),
        (r"set\s+\w+\s+to\b", "SET … TO"),
        (r"insert\s+overwrite\s+(all|first|when)\b", "INSERT OVERWRITE ALL"),
    )
)  # fmt: skip
_QUERY_WITHOUT_AS = re.compile(
    r"create\s+(or\s+replace\s+)?(\w+\s+)?table\s+(if\s+not\s+exists\s+)?[\w.\"]+\s*\(\s*select\b",
    re.IGNORECASE,
)
_BY_TARGET = re.compile(r"\bnot\s+matched\s+by\s+target\b", re.IGNORECASE)
_TOLD = re.compile(r"""'[^']*'|"[^"]*"|(?:--|//)[^\n]*|/\*.*?\*/""", re.DOTALL)
"""Texts, quoted names and comments."""
_TRIED_WITH_OPTION = re.compile(  # of which sqlglot doesn't keep the option
    r"\btry_parse_json\s*\((?:[^()']|'[^']*'|\([^()]*\))*,\s*'\w*'\s*\)", re.IGNORECASE
)
COMMENTS = r"(\s+|--[^\n]*(\n|$)|/\*.*?\*/)*"
_COMMENTS = re.compile(COMMENTS, re.DOTALL)
_COMMANDS = ("USER FUNCTIONS", "PARAMETERS", "TRANSACTIONS", "LOCKS", "EXPORTED KEYS")
"""SHOW statements that sqlglot doesn't parse, and that are answered nevertheless."""
_REFUSED_BY_KIND: tuple[tuple[Callable[[Expr], bool], str], ...] = (
    (lambda e: isinstance(e, exp.Undrop), "UNDROP"),
    (  # of which the connector would upload each in place of the one before
        lambda e: isinstance(e, exp.Put) and "*" in e.this.name and e.args["target"].name == "?",
        "PUT of several files to a stage that is a bound value",
    ),
    (
        lambda e: isinstance(e, exp.Put) and e.args["target"].name.startswith("@~"),
        stages.USER_STAGE,
    ),
)
_KINDS = (
    exp.Query, exp.Values, exp.Insert, exp.MultitableInserts, exp.Update, exp.Delete, exp.Merge,
    exp.TruncateTable,
    exp.Create, exp.Drop, exp.Alter, exp.Comment, exp.Undrop, exp.Copy, exp.Put, exp.ListStage,
    exp.Describe, exp.Show, exp.Use, exp.Set, exp.Alias, exp.Command,
    exp.Transaction, exp.Commit, exp.Rollback,
)  # fmt: skip
"""The kinds that sqlglot may make of a statement; DuckDB's own are none of them."""


def is_without_effect(text: str) -> bool:
    """Tell whether a statement has no effect here, such as one about roles or warehouses.

    Raises:
        StatementFailed: 1420 for an option that Snowflake hasn't.
    """
    statement = head(text)
    object_options.check_account_object(statement)
    return any(pattern.match(statement) for pattern in _WITHOUT_EFFECT)


def head(text: str) -> str:
    """The statement without the comments before it."""
    return text[_COMMENTS.match(text).end() :]  # type: ignore[union-attr]


def refuse(expression: Expr, text: str, session: "Session") -> None:
    """Return for statements that may run.

    Raises:
        StatementFailed: 2, naming the feature; 2140 or 2003 for names that Snowflake has not.
    """
    for pattern, what in _REFUSED_BY_TEXT:
        if pattern.match(head(text)):
            raise unsupported(what)
    if _TRIED_WITH_OPTION.search(text):
        raise unsupported("TRY_PARSE_JSON with an option")
    if isinstance(expression, exp.Merge) and _BY_TARGET.search(_TOLD.sub(" ", text)):
        raise invalid("syntax error: unexpected 'BY': WHEN NOT MATCHED BY TARGET")
    if _QUERY_WITHOUT_AS.match(head(text)):
        raise invalid("syntax error: unexpected 'select'; a table is created AS a query")
    _refuse_kinds(expression)
    _refuse_parts(expression)
    _refuse_moves(expression, session)
    grammar.refuse(expression)
    names.refuse_foreign(expression, session)


def _refuse_kinds(expression: Expr) -> None:
    if isinstance(expression, exp.Command):
        _refuse_command(expression)
    is_word = isinstance(expression, exp.Alias) and expression.this.name.upper() != "UNSET"
    if is_word or not isinstance(expression, _KINDS):
        _refuse_kind(expression.this if is_word else expression)
    for is_kind, what in _REFUSED_BY_KIND:
        if is_kind(expression):
            raise unsupported(what)
    if isinstance(expression, exp.Describe):
        _refuse_description(expression)
    if isinstance(expression, exp.Create):
        _refuse_definition(expression)


def _refuse_command(expression: exp.Command) -> None:
    words = f"{expression.this} {expression.expression or ''}".upper().split()
    is_answered = words[0] == "SHOW" and " ".join(words[1:]).startswith(_COMMANDS)
    if words[0] not in _VERBS:
        raise invalid(f"syntax error: unexpected '{words[0]}'")
    if not is_answered and words[0] not in ("REMOVE", "RM", "GET"):
        raise unsupported(" ".join(words[:2]).replace("'", ""))


_VERBS = frozenset(
    {"ALTER", "CALL", "CREATE", "DESC", "DESCRIBE", "DROP", "EXECUTE", "EXPLAIN", "GET", "GRANT",
     "LIST", "LS", "PUT", "REMOVE", "REVOKE", "RM", "SET", "SHOW", "TRUNCATE", "UNDROP", "UNSET"}
)  # fmt: skip
"""The words that begin a statement of Snowflake's which sqlglot may not parse."""


def _refuse_kind(expression: Expr) -> None:
    if isinstance(expression, exp.Column):  # as sqlglot reads a word that begins no statement
        raise invalid(f"syntax error: unexpected '{expression.name}'")
    if isinstance(expression, exp.Block):
        raise unsupported("BLOCK")
    raise invalid(f"syntax error: unexpected '{type(expression).__name__.upper()}'")


def _refuse_description(expression: exp.Describe) -> None:
    kind = str(expression.args.get("kind") or "").upper()
    if kind not in ("TABLE", "VIEW"):
        raise unsupported(f"DESCRIBE {kind}".strip())
    for option in expression.expressions:
        if option.args["value"].name.upper() != "COLUMNS":
            raise unsupported(f"DESCRIBE with TYPE = {option.args['value'].name.upper()}")


def _refuse_definition(expression: exp.Create) -> None:
    kind = str(expression.kind).upper()
    if expression.args.get("replace") and expression.args.get("exists"):
        raise compilation(1004, "0A000", "options IF NOT EXISTS and OR REPLACE are incompatible.")
    if kind == "DATABASE" and expression.args.get("clone"):
        raise unsupported("CLONE of a database")
    if kind == "SCHEMA" and expression.this.db.upper() == names.OWN_SCHEMA:
        raise unsupported("a schema with the name MAIN", "DuckDB has one")
    given = expression.args.get("properties")
    if kind == "FILE FORMAT" and given:
        options = copy_options.format_options(given.expressions)
        file_formats.check({n: value for n, value in options.items() if n != "COMMENT"})
    for option in given.expressions if given and kind in _WITH_OPTIONS else ():
        if type(option) is exp.Property:
            object_options.check(kind, option.name.upper())


_WITH_OPTIONS = ("DATABASE", "SCHEMA", "SEQUENCE", "STAGE", "TABLE", "VIEW")


def _refuse_parts(expression: Expr) -> None:
    if expression.find(exp.HistoricalData):
        raise unsupported("time travel (AT, BEFORE)")


def _refuse_moves(expression: Expr, session: "Session") -> None:
    """Refuse RENAME into another schema; without one, the new name is of the current schema."""
    rename = expression.find(exp.AlterRename)
    if rename is None or not isinstance(expression.this, exp.Table):
        return
    old, new = (statements.name_parts(table, session) for table in (expression.this, rename.this))
    if old[:2] != new[:2]:
        raise unsupported(f"RENAME into another schema: {'.'.join(old)} to {'.'.join(new)}")
