"""Dynamic tables: tables that hold the rows of a query, brought up to date by ALTER … REFRESH.

TARGET_LAG is kept and shown, and nothing is refreshed by itself.
https://docs.snowflake.com/en/user-guide/dynamic-tables-about
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
from sqlglot import Expr, exp

from mocks.snowflake import admission, description, isolation, statements, tables
from mocks.snowflake.continuous.definitions import DynamicTable, Stream
from mocks.snowflake.continuous.dynamic_table_options import checked_lag, options
from mocks.snowflake.continuous.listing import dropped, named, path_of, shown
from mocks.snowflake.dialect.row_counts import rows_of
from mocks.snowflake.errors import already_exists, invalid, unsupported
from mocks.snowflake.results import Result, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session

_ACTION = re.compile(r"(\w+)\b\s*(.*)", re.DOTALL)
_SET = re.compile(r"\s*(\w+)\s*=\s*('[^']*'|\w+)\s*,?", re.IGNORECASE)
_COLUMNS = {
    "created_on": "TIMESTAMP", "name": "VARCHAR", "database_name": "VARCHAR",
    "schema_name": "VARCHAR", "cluster_by": "VARCHAR", "rows": "BIGINT", "bytes": "BIGINT",
    "owner": "VARCHAR", "target_lag": "VARCHAR", "refresh_mode": "VARCHAR",
    "refresh_mode_reason": "VARCHAR", "warehouse": "VARCHAR", "comment": "VARCHAR",
    "text": "VARCHAR", "automatic_clustering": "VARCHAR", "scheduling_state": "VARCHAR",
    "last_suspended_on": "TIMESTAMP", "is_clone": "VARCHAR", "is_replica": "VARCHAR",
    "is_iceberg": "VARCHAR", "data_timestamp": "TIMESTAMP", "owner_role_type": "VARCHAR",
}  # fmt: skip


def create(cursor: "Cursor", text: str) -> Result:
    """CREATE DYNAMIC TABLE: its rows are there when the statement is over (INITIALIZE = ON_CREATE).

    Raises:
        StatementFailed: An option or a part of the query isn't answered here, the name is taken.
    """
    session = cursor.session
    made = statements.parse(text)
    if not isinstance(made, exp.Create) or not isinstance(made.expression, exp.Query):
        raise invalid("syntax error: CREATE DYNAMIC TABLE name TARGET_LAG = … WAREHOUSE = … AS …")
    if not isinstance(made.this, exp.Table):
        raise unsupported("a dynamic table with a list of columns", "name them in its query")
    path = path_of(made.this.sql(dialect="snowflake"), session)
    table = DynamicTable(
        path, text, (session.database or "", session.schema or ""), **options(made)
    )
    known = session.local.definitions
    is_there = session.has_table(path)
    if is_there and made.args.get("exists"):
        return status(f"{path[2]} already exists, statement succeeded.")
    is_replaced = made.args.get("replace") and known.find(DynamicTable, path)
    if known.find(Stream, path) or (is_there and not is_replaced):
        raise already_exists(path[2])
    query = _query(table)
    _refuse_sources(query, session)
    target = exp.table_(path[2], path[1], path[0], quoted=True)
    plain = exp.Create(
        this=target, kind="TABLE", expression=query, replace=bool(made.args.get("replace"))
    )
    admission.refuse(plain, "", session)
    table = msgspec.structs.replace(table, refreshed_at=datetime.now(UTC))
    known.keep(session, table, after=lambda: tables.run_create(cursor, plain, None))
    if table.comment:
        comment = exp.Literal.string(table.comment)
        cursor.run_steps(exp.Comment(this=target.copy(), kind="TABLE", expression=comment), None)
    return status(f"Dynamic table {path[2]} successfully created.")


def alter(cursor: "Cursor", text: str) -> Result:
    """ALTER DYNAMIC TABLE … REFRESH, SUSPEND, RESUME and SET."""
    session = cursor.session
    _, table, rest = named(session, text, DynamicTable)
    asked = _ACTION.fullmatch(rest)
    if asked is None:
        raise invalid("syntax error: ALTER DYNAMIC TABLE name REFRESH | SUSPEND | RESUME | SET …")
    if table is None:
        return status()
    action = asked[1].upper()
    if action == "REFRESH" and not asked[2]:
        _refresh(cursor, table)
        return status()
    session.local.definitions.keep(session, _altered(session, table, action, asked[2]))
    return status()


def drop(cursor: "Cursor", text: str) -> Result:
    """DROP DYNAMIC TABLE."""
    session = cursor.session

    def with_rows(table: DynamicTable) -> None:
        database, schema, name = table.path
        plain = exp.Drop(tables=[exp.table_(name, schema, database, quoted=True)], kind="TABLE")
        session.local.definitions.drop(
            session, table, after=lambda: tables.run_drop(cursor, plain, None)
        )

    return dropped(session, text, DynamicTable, with_rows)


def show(cursor: "Cursor", text: str) -> Result:
    """SHOW DYNAMIC TABLES."""
    session = cursor.session
    found = [
        (table.path, _row(session, table)) for table in session.local.definitions.of(DynamicTable)
    ]
    return shown(session, text, _COLUMNS, found)


def marked(session: "Session", table: pa.Table) -> pa.Table:
    """The answer of SHOW TABLES or SHOW OBJECTS, which tells dynamic tables from others."""
    names = ("database_name", "schema_name", "name", "is_dynamic")
    if not set(names) <= set(table.column_names):
        return table
    known = session.local.definitions
    told = [
        "Y" if known.find(DynamicTable, path[:3]) else "N"
        for path in zip(*(table.column(name).to_pylist() for name in names), strict=True)
    ]
    return table.set_column(table.column_names.index("is_dynamic"), "is_dynamic", pa.array(told))


def _query(table: DynamicTable) -> Expr:
    """The query of a dynamic table, its tables named in full."""
    query = statements.parse(table.text).expression
    statements.qualify_tables(query, *table.made_in)
    return query


def _refuse_sources(query: Expr, session: "Session") -> None:
    """Return for a query of tables and views alone, which answers the same in every session."""
    if query.find(exp.Placeholder, exp.Parameter):
        raise unsupported("variables and bound values in the query of a dynamic table")
    for source in query.find_all(exp.Table):
        is_named = isinstance(source.this, exp.Identifier)
        if not is_named or statements.full_name(source, session) in session.temporary_tables:
            raise unsupported("stages and temporary tables in the query of a dynamic table")
        if session.local.definitions.find(Stream, statements.name_parts(source, session)):
            raise unsupported("streams in the query of a dynamic table")
    calls = {call.name.upper() for call in query.find_all(exp.Anonymous)}
    if "RESULT_SCAN" in calls:
        raise unsupported("RESULT_SCAN in the query of a dynamic table")


def _refresh(cursor: "Cursor", table: DynamicTable) -> None:
    """Bring a dynamic table up to date, and what it reads from before: all of them or none."""
    session = cursor.session
    order = list(dict.fromkeys(_with_upstream(session, table)))

    def refresh() -> None:
        for one in order:
            place = exp.table_(one.path[2], one.path[1], one.path[0], quoted=True)
            _refuse_other_columns(cursor, one, place)
            cursor.run_steps(exp.Delete(this=place.copy()), None)
            cursor.run_steps(exp.Insert(this=place.copy(), expression=_query(one)), None)

    now, names = datetime.now(UTC), [".".join(one.path) for one in order]
    session.local.definitions.keep(
        session,
        *(msgspec.structs.replace(one, refreshed_at=now) for one in order),
        after=refresh,
        locking=names,
    )
    session.transaction.wrote(names)


def _refuse_other_columns(cursor: "Cursor", table: DynamicTable, place: exp.Table) -> None:
    now, then = (
        description.query_columns(cursor, query)
        for query in (_query(table), exp.select("*").from_(place.copy()))
    )
    if (now.table.column_names, now.types) != (then.table.column_names, then.types):
        raise unsupported(
            "REFRESH of a dynamic table whose query has other columns by now",
            "CREATE OR REPLACE it",
        )


def _with_upstream(session: "Session", table: DynamicTable) -> Iterator[DynamicTable]:
    """A dynamic table after all those that it reads from."""
    for one in _upstream(session, _query(table)):
        yield from _with_upstream(session, one)
    yield table


def _upstream(session: "Session", query: Expr) -> Iterator[DynamicTable]:
    """The dynamic tables that a query reads from, itself or through views."""
    for source in query.find_all(exp.Table):
        if not source.catalog:
            continue
        path = statements.name_parts(source, session)
        if (found := session.local.definitions.find(DynamicTable, path)) is not None:
            yield found
        elif (view := isolation.view(session, path)) is not None:
            yield from _upstream(session, view)


def _is_suspended(session: "Session", table: DynamicTable) -> bool:
    return any(one.is_suspended for one in _with_upstream(session, table))


def _altered(session: "Session", table: DynamicTable, action: str, rest: str) -> DynamicTable:
    if action == "SUSPEND" and not rest:
        return msgspec.structs.replace(table, is_suspended=True)
    if action == "RESUME" and not rest:
        resumed = msgspec.structs.replace(table, is_suspended=False)
        upstream = (one for one in _with_upstream(session, table) if one.path != table.path)
        if any(one.is_suspended for one in upstream):
            raise invalid(f"{table.path[2]} can't be resumed: what it reads from is suspended")
        return resumed
    given = {name.upper(): value.strip("'") for name, value in _SET.findall(rest)}
    if (
        action != "SET"
        or _SET.sub("", rest).strip()
        or not given.keys() <= {"TARGET_LAG", "WAREHOUSE"}
    ):
        raise unsupported(f"ALTER DYNAMIC TABLE … {action} {rest}".strip())
    before = {"TARGET_LAG": table.target_lag, "WAREHOUSE": table.warehouse}
    lag, warehouse = (before | given).values()
    return msgspec.structs.replace(table, target_lag=checked_lag(lag), warehouse=warehouse.upper())


def _row(session: "Session", table: DynamicTable) -> tuple:
    database, schema, name = table.path
    with session.probe() as duck:
        count = rows_of(duck, table.path)
    mode = "INCREMENTAL" if table.refresh_mode == "INCREMENTAL" else "FULL"
    state = "SUSPENDED" if _is_suspended(session, table) else "ACTIVE"
    made, refreshed = (at.replace(tzinfo=None) for at in (table.created_at, table.refreshed_at))
    return (
        made, name, database, schema, "", count, None, "SYSADMIN", table.target_lag, mode, None,
        table.warehouse, table.comment, table.text, "OFF", state, None, "false", "false", "false",
        refreshed, "ROLE",
    )  # fmt: skip
