"""Refusal of other statements that change dynamic tables."""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake import statements
from mocks.snowflake.continuous.definitions import DynamicTable, Stream
from mocks.snowflake.errors import compilation, invalid, unsupported

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

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
