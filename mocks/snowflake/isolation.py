"""READ COMMITTED, over DuckDB's one snapshot of a transaction that has written.

A query that reads nothing of its own transaction's runs on another connection of the session, which
sees what is committed by now; so do the rows that INSERT … SELECT and MERGE write. DELETE and
UPDATE run where what others have changed since makes no difference to them. What needs both the
transaction's own rows and others' of after its first write is refused.
https://docs.snowflake.com/en/sql-reference/transactions#isolation-level
"""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import duckdb
from fakesnow.params import MutableParams
from sqlglot import Expr, exp, parse_one

from mocks.snowflake import result_scan, sql_functions, statements
from mocks.snowflake.continuous.definitions import Stream
from mocks.snowflake.errors import unsupported

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session

_ROWS = "_committed"
_SLOTS = {exp.Insert: "expression", exp.MultitableInserts: "source", exp.Merge: "using"}
"""The part of a statement that holds the rows it writes."""


@contextlib.contextmanager
def connection(session: "Session", query: Expr) -> Iterator[duckdb.DuckDBPyConnection]:
    """The connection on which a query sees what is committed, and what its transaction wrote.

    Raises:
        StatementFailed: 2 when no connection sees both.
    """
    transaction = session.transaction
    if not (transaction.has_written and isinstance(query, exp.Query)):
        yield session.duck
        return
    read = tables_read(session, query)
    # Temporary tables are listed on their own connection alone.
    is_of_catalog = any(".INFORMATION_SCHEMA." in name for name in read)
    if is_of_catalog or read & _own(session):
        _refuse_stale(read & _stale(session))
        yield session.duck
        return
    with session.probe() as duck:
        yield duck


@contextlib.contextmanager
def committed(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Iterator[None]:
    """Give a statement that writes the rows that are committed by now, in place of its query.

    Raises:
        StatementFailed: 2 when it reads what was changed by others in any other place.
    """
    session = cursor.session
    is_late = session.transaction.has_written and not isinstance(expression, exp.Query)
    if not (is_late and _stale(session)):
        yield
        return
    for table in statements.locked_tables(expression, session):
        session.transaction.hold(table)
    stale = _stale(session)
    with contextlib.ExitStack() as lent:
        source = _source(expression)
        if source is not None and _can_be_lent(session, expression, source, stale):
            is_table = isinstance(expression, exp.Merge)
            query = exp.select("*").from_(source.copy()) if is_table else source.copy()
            result = cursor.run_steps(query, params)
            rows: Expr = lent.enter_context(result_scan.typed_rows(session, result, _ROWS))
            source.replace(exp.Subquery(this=rows, alias=_alias(source)) if is_table else rows)
        read = _read_by_write(session, expression) & stale
        if read and not _changes_the_same(cursor, expression, params, stale):
            _refuse_stale(read)
        yield


def tables_read(session: "Session", expression: Expr) -> set[str]:
    """Full names of the tables that a statement names, itself or through views and functions."""
    found: set[str] = set()
    for table in sql_functions.write(expression.copy(), session).find_all(exp.Table):
        is_named = isinstance(table.this, exp.Identifier) and not statements.is_of_query(table)
        if not is_named or not (table.db or session.schema):
            continue
        path = statements.name_parts(table, session)
        found.add(".".join(path))
        if (query := view(session, path)) is not None:
            found |= tables_read(session, query)
    return found


def view(session: "Session", path: tuple[str, str, str]) -> Expr | None:
    """The query of a view (database, schema, name), its tables named in full; None for no view."""
    with session.probe() as duck:
        found = duck.execute(
            """SELECT sql FROM duckdb_views()
               WHERE database_name = ? AND schema_name = ? AND view_name = ?""",
            path,
        ).fetchone()
    if not found:
        return None
    query = parse_one(found[0], read="duckdb").expression
    statements.qualify_tables(query, *path[:2])  # DuckDB leaves out what they share with the view
    return query


def _own(session: "Session") -> set[str]:
    """The tables whose rows another connection doesn't see as this one does."""
    return session.transaction.written | session.temporary_tables.keys()


def _stale(session: "Session") -> set[str]:
    """The tables that others have changed since the transaction's snapshot."""
    return session.local.commits.since(session.transaction.mark)


def _refuse_stale(tables: set[str]) -> None:
    if tables:
        raise unsupported(
            f"reading {min(tables)}, which another transaction has changed since this one's first "
            "write, together with what this one wrote",
            "COMMIT first",
        )


def _can_be_lent(session: "Session", expression: Expr, source: Expr, stale: set[str]) -> bool:
    """Tell whether the rows that a statement writes can, and have to be, read apart from it."""
    read = tables_read(session, source)
    streams = {".".join(stream.path) for stream in session.local.definitions.of(Stream)}
    is_apart = bool(read & stale) and not read & (_own(session) | streams)
    return is_apart and _has_all_values(expression, source)


def _has_all_values(expression: Expr, part: Expr) -> bool:
    """Tell whether all places of bound values are in a part, which can then be run alone."""
    everywhere, inside = (len(list(e.find_all(exp.Placeholder))) for e in (expression, part))
    return everywhere == inside


def _changes_the_same(
    cursor: "Cursor", expression: Expr, params: MutableParams | None, stale: set[str]
) -> bool:
    """Tell whether a DELETE or UPDATE changes the same rows with and without what others did."""
    where = expression.args.get("where")
    further = expression.args.get("using") or expression.args.get("from_")
    if not isinstance(expression, exp.Delete | exp.Update) or where is None or further:
        return False
    session = cursor.session
    if not _has_all_values(expression, where) or tables_read(session, expression) & _own(session):
        return False
    written = exp.select(*(assignment.expression.copy() for assignment in expression.expressions))
    if tables_read(session, written) & stale:
        return False
    columns = ["rowid"] if isinstance(expression, exp.Delete) else ["rowid", "*"]
    rows = exp.select(*columns).from_(expression.this.copy()).order_by("rowid")
    rows.set("where", where.copy())
    seen = session.transaction.read(lambda: cursor.run_steps(rows.copy(), params, session.duck))
    with session.probe() as duck:
        return seen.table.equals(cursor.run_steps(rows, params, duck).table)


def _read_by_write(session: "Session", expression: Expr) -> set[str]:
    """The tables that a statement reads; an INSERT doesn't read those that it writes."""
    if not isinstance(expression, exp.Insert | exp.MultitableInserts | exp.Copy):
        return tables_read(session, expression)
    source = _source(expression)
    return tables_read(session, source) if source is not None else set()


def _source(expression: Expr) -> Expr | None:
    """The part of a statement that holds the rows it writes, if it has one."""
    return expression.args.get(_SLOTS.get(type(expression), ""))


def _alias(source: Expr) -> exp.TableAlias:
    alias = source.args.get("alias")
    return alias.copy() if alias else exp.TableAlias(this=source.this.copy())
