"""Statements about one object that sqlglot doesn't parse, and SHOW of what such ones define."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from mocks.snowflake import names, results, statements
from mocks.snowflake.continuous.definitions import D, Path
from mocks.snowflake.errors import does_not_exist, invalid, missing
from mocks.snowflake.results import Result, rows
from mocks.snowflake.session_statements import like

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

_PART = r'(?:"[^"]+"|[a-z_][\w$]*)'
NAME = rf"{_PART}(?:\.{_PART}){{0,2}}"
_NAMED = re.compile(
    rf"""\w+\s+(?:dynamic\s+table|stream|task)\s+(?P<exists>if\s+exists\s+)?(?P<name>{NAME})
    (?:\s+(?P<rest>.*?))?\s*;?\s*""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_SHOW = re.compile(
    rf"""show\s+[a-z]+(?:\s+(?:tables|functions))?(?:\s+like\s+'(?P<like>[^']*)')?
    (?:\s+in\s+(?:(?P<kind>account|database|schema)\b)?\s*(?P<name>{NAME})?)?
    (?:\s+starts\s+with\s+'(?P<prefix>[^']*)')?(?:\s+limit\s+(?P<limit>\d+))?\s*;?\s*""",
    re.IGNORECASE | re.VERBOSE,
)


def path_of(name: str, session: "Session") -> Path:
    """Database, schema and name of an object, as the session resolves it.

    Raises:
        StatementFailed: 2003 for a schema that isn't there, or the engine's own.
    """
    table = exp.to_table(name, dialect="snowflake")
    names.refuse_tables(table)
    path = statements.name_parts(table, session)
    if not session.local.has_schema(*path[:2]):
        raise does_not_exist("Schema", ".".join(path[:2]))
    return path


def named(session: "Session", text: str, kind: type[D]) -> tuple[Path, D | None, str]:
    """The path that a statement names, the object, and the words behind it.

    The object is None where IF EXISTS stands and there is none.

    Raises:
        StatementFailed: 2003 for an object that isn't there.
    """
    asked = _NAMED.fullmatch(text)
    if asked is None:
        raise invalid("syntax error: expected the name of an object")
    known, path = session.local.definitions, path_of(asked["name"], session)
    found = known.find(kind, path) if asked["exists"] else known.get(kind, path)
    return path, found, asked["rest"] or ""


def dropped(session: "Session", text: str, kind: type[D], drop: Callable[[D], object]) -> Result:
    """The answer of a DROP, once `drop` has removed the object if it is there."""
    path, found, rest = named(session, text, kind)
    if rest:
        raise invalid(f"syntax error: unexpected '{rest}'")
    if found is not None:
        drop(found)
    return results.dropped(path[2], was_there=found is not None)


def shown(
    session: "Session",
    text: str,
    columns: Mapping[str, str],
    values: Sequence[tuple[Path, tuple]],
) -> Result:
    """The rows that a SHOW asks for, of all objects of its kind with their paths.

    Without IN these are the objects of the current database, as Snowflake documents it.

    Raises:
        StatementFailed: 2043 for a schema or database that isn't there.
    """
    asked = _SHOW.fullmatch(text)
    if asked is None:
        raise invalid("syntax error: SHOW … [LIKE '…'] [IN …] [STARTS WITH '…'] [LIMIT n]")
    scope = _scope(session, asked)
    is_like = like(asked["like"] or "%")
    prefix = asked["prefix"] or ""
    found = [
        row
        for path, row in values
        if path[: len(scope)] == scope and is_like(path[2]) and path[2].startswith(prefix)
    ]
    return rows(list(columns), found[: int(asked["limit"] or len(found))], list(columns.values()))


def _scope(session: "Session", asked: re.Match[str]) -> tuple[str, ...]:
    kind, name = (asked["kind"] or "schema").lower(), asked["name"]
    current = tuple(filter(None, (session.database, session.schema)))
    if kind == "account":
        return ()
    if name is None:
        return current if asked["kind"] and kind == "schema" else current[:1]
    parts = statements.name_parts(exp.to_table(f"{name}._", dialect="snowflake"), session)[:2]
    scope = parts[1:] if kind == "database" else parts
    if not session.local.has_schema(scope[0], next(iter(scope[1:]), None)):
        raise missing()
    return scope
