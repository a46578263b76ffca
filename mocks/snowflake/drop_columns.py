"""ALTER TABLE … DROP COLUMN: one or several, with all that is declared of them."""
# ruff: noqa: S608 -- names of our own tables; values are bound

from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake import foreign_keys, statements
from mocks.snowflake.alter_columns import LENGTHS, OF_COLUMN
from mocks.snowflake.declared_columns import Declarations, folded
from mocks.snowflake.dialect import pipeline
from mocks.snowflake.results import Result, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor


def is_drop(expression: Expr) -> bool:
    """Tell whether a statement drops columns."""
    actions = expression.args.get("actions") if isinstance(expression, exp.Alter) else None
    return bool(actions) and isinstance(actions[0], exp.Drop) and actions[0].kind == "COLUMN"


def run(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """ALTER TABLE … DROP COLUMN of one or several: all of them, with their keys, or none."""
    session = cursor.session
    (action,) = expression.args["actions"]
    name = statements.name_parts(expression.this, session)
    columns = [folded(next(one.find_all(exp.Identifier))) for one in action.args["tables"]]
    steps = [
        pipeline.rewrite(_dropping(expression, one), session, None) for one in action.args["tables"]
    ]
    temporary = session.temporary_tables.get(".".join(name))

    def drop() -> None:
        for step in steps:
            session.duck.execute(step.sql(dialect="duckdb"))
        for column in columns if temporary is None else ():
            Declarations(session.duck, name).forget(column)
            foreign_keys.forget_column(session.duck, name, column)

    def drop_all() -> Result:
        session.transaction.at_once(drop)
        for column in columns:
            if temporary is not None:
                temporary.pop(column, None)
            else:
                session.duck.execute(f"DELETE FROM {LENGTHS} WHERE {OF_COLUMN}", [*name, column])
        return status()

    return session.transaction.define(drop_all)


def _dropping(expression: Expr, column: Expr) -> Expr:
    one = expression.copy()
    one.args["actions"][0].set("tables", [column.copy()])
    return one
