"""MERGE as one native DuckDB statement: atomic, also in a transaction, an error if ambiguous.

fakesnow writes a temporary table, then updates and inserts from it.
https://docs.snowflake.com/en/sql-reference/sql/merge
"""

from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from fakesnow.transforms.merge import operations
from sqlglot import Expr, exp

from mocks.snowflake import activity, statements
from mocks.snowflake.dialect import pipeline
from mocks.snowflake.results import Result, counts

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor

_ACTIONS = {"inserted": "INSERT", "updated": "UPDATE", "deleted": "DELETE"}


def run(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """Run a MERGE; one count for each thing that it may do, as Snowflake answers."""
    performed = [name for name, clauses in operations(expression).items() if clauses]  # type: ignore[arg-type]
    session = cursor.session

    def merge() -> Result:
        cursor.check_db_and_schema(expression)
        if (conditions := _of_deletes(expression)) is not None:
            deleted = cursor.run_steps(_delete(expression, conditions), params).rowcount
            return counts({"number of rows deleted": deleted})
        statement = _without_target_in_set(pipeline.rewrite(expression, session, params))
        sql = f"{statement.sql(dialect='duckdb')} RETURNING merge_action"
        activity.note(sql)
        actions = [action for (action,) in session.duck.execute(sql, params).fetchall()]
        return counts({f"number of rows {p}": actions.count(_ACTIONS[p]) for p in performed})

    return session.transaction.write(merge, locking=statements.locked_tables(expression, session))


def _of_deletes(expression: Expr) -> list[Expr] | None:
    """The conditions of a MERGE that does nothing but delete; None for any other.

    It may match a row twice: what is left is the same.
    """
    whens = expression.args["whens"].expressions
    deletes = [when for when in whens if when.args.get("matched") and _is_delete(when)]
    if len(deletes) != len(whens):
        return None
    return [when.args.get("condition") or exp.true() for when in deletes]


def _is_delete(when: Expr) -> bool:
    then = when.args.get("then")
    return isinstance(then, exp.Var) and then.name.upper() == "DELETE"


def _delete(expression: Expr, conditions: list[Expr]) -> exp.Delete:
    where = exp.and_(expression.args["on"].copy(), exp.or_(*(c.copy() for c in conditions)))
    return exp.Delete(
        this=expression.this.copy(),
        using=[expression.args["using"].copy()],
        where=exp.Where(this=where),
    )


def _without_target_in_set(expression: Expr) -> Expr:
    """``SET t.v = …`` as ``SET v = …``: DuckDB knows the target already."""
    for update in expression.find_all(exp.Update):
        for assignment in update.expressions:
            if isinstance(assignment.this, exp.Column):
                assignment.this.set("table", None)
    return expression
