"""Refusal of other statements that change dynamic tables, and the end of a schema's objects."""

from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake import leftovers, statements
from mocks.snowflake.continuous.changes import Log
from mocks.snowflake.continuous.definitions import DynamicTable, Stream
from mocks.snowflake.errors import compilation, invalid, unsupported
from mocks.snowflake.results import Result, dropped

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session

_WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Copy)


def refuse(expression: Expr, session: "Session") -> None:
    """Return for a statement that leaves dynamic tables to the statements that are theirs.

    Raises:
        StatementFailed: 1003 for rows that it would change, 2203 or 2 for the table itself; 2
            where names are bound as an array, so that it isn't known which they are.
    """
    known = session.local.definitions
    is_tracked = known.of(DynamicTable) or known.of(Stream)
    if is_tracked and expression.find(exp.DynamicIdentifier):
        raise unsupported("array binds of IDENTIFIER beside streams or dynamic tables")
    if not known.of(DynamicTable):
        return
    for table in changed_tables(expression):
        path = statements.name_parts(table, session)
        if known.find(DynamicTable, path) is None:
            continue
        if isinstance(expression, exp.Drop):
            raise compilation(
                2203,
                "02000",
                "Object found is of type 'DYNAMIC_TABLE', not specified type 'TABLE'.",
            )
        if isinstance(expression, exp.Alter | exp.Create):
            raise unsupported(f"{expression.key.upper()} TABLE of a dynamic table")
        raise invalid(f"{path[2]} is a dynamic table: its rows are those of its query")


def changed_tables(expression: Expr) -> list[exp.Table]:
    """The tables that a statement changes, replaces, drops, clones or swaps."""
    if isinstance(expression, exp.MultitableInserts):
        return [statements.target_table(into.this) for into in expression.expressions]
    if isinstance(expression, exp.TruncateTable):
        return list(expression.find_all(exp.Table))
    if isinstance(expression, exp.Drop | exp.Alter | exp.Create):
        return _defined(expression)
    if isinstance(expression, _WRITES):
        target = (
            expression.this.this if isinstance(expression.this, exp.Schema) else expression.this
        )
        return [target] if isinstance(target, exp.Table) else []
    return []


def _defined(expression: Expr) -> list[exp.Table]:
    if str(expression.args.get("kind")).upper() not in ("TABLE", "VIEW"):
        return []
    if isinstance(expression, exp.Drop):
        return list(expression.args.get("tables") or [expression.this])
    others = [clone for clone in (expression.args.get("clone"),) if clone is not None]
    source = [other.this for other in (*others, *expression.find_all(exp.SwapTable))]
    is_kept = isinstance(expression, exp.Create) and not expression.args.get("replace")
    return source if is_kept else [statements.target_table(expression), *source]


def is_of_schema(expression: Expr) -> bool:
    """Tell whether a statement drops a schema, or replaces one."""
    is_schema = str(expression.args.get("kind")).upper() == "SCHEMA"
    is_replaced = isinstance(expression, exp.Create) and bool(expression.args.get("replace"))
    return is_schema and (isinstance(expression, exp.Drop) or is_replaced)


def run_schema(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """DROP SCHEMA and CREATE OR REPLACE SCHEMA: what it held is gone with it."""
    session = cursor.session
    name = statements.dropped(expression) if isinstance(expression, exp.Drop) else expression.this
    database = name.catalog or session.database
    identifier = name.args["db"]
    schema = identifier.name if identifier.args.get("quoted") else identifier.name.upper()

    is_gone = not session.local.has_schema(str(database).upper(), schema)
    if isinstance(expression, exp.Drop) and expression.args.get("exists") and is_gone:
        return dropped(schema, was_there=False)
    known, place = session.local.definitions, (str(database).upper(), schema)
    for stream in known.of(Stream):
        if stream.table[:2] == place != stream.path[:2]:
            raise unsupported("a schema with a table that a stream elsewhere follows")

    gone, done = known.in_schema(*place), []

    def drop() -> None:
        done.append(cursor.run_steps(expression, params))
        leftovers.forget_tables_of(session, *place)
        for one in gone:
            if isinstance(one, Stream):
                Log(session.duck, one.path, one.table, one.is_append_only).drop()

    is_there = session.local.has_schema(*place)
    known.drop(session, *gone, after=drop)
    if is_there:
        leftovers.forget_schema(session, *place)
    return done[0]
