"""ALTER TABLE … ADD COLUMN: all columns or none, with lengths, keys, comments and types.

https://docs.snowflake.com/en/sql-reference/sql/alter-table
"""

from typing import TYPE_CHECKING

from fakesnow import info_schema
from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake import column_defaults, column_types, foreign_keys, statements
from mocks.snowflake.declared_columns import Declarations, comment_on, folded, of_definition
from mocks.snowflake.dialect import pipeline
from mocks.snowflake.errors import does_not_exist, unsupported
from mocks.snowflake.results import Result, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session

Name = tuple[str, str, str]


def is_addition(expression: Expr) -> bool:
    """Tell whether a statement adds columns to a table and does nothing else."""
    actions = expression.args.get("actions") if isinstance(expression, exp.Alter) else None
    return bool(actions) and all(isinstance(action, exp.ColumnDef) for action in actions)


def run(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """ADD COLUMN [IF NOT EXISTS] of one column or several."""
    session = cursor.session
    name = statements.name_parts(expression.this, session)
    known = session.column_names(name)
    if not known and not expression.args.get("exists"):
        raise does_not_exist("Table", ".".join(name))
    if not known:
        return status()
    added = _new(expression, known)
    schema = exp.Schema(expressions=[column.copy() for column in added])
    if schema.find(*_COUNTED):
        raise unsupported("ADD COLUMN with AUTOINCREMENT or IDENTITY")
    for column in added:
        column_defaults.check_added(column)
    if ".".join(name) in session.temporary_tables:
        return _add_to_temporary(cursor, expression, schema, params)
    steps = [pipeline.rewrite(_alone(expression, one), session, params) for one in added]
    return session.transaction.define(lambda: _add(session, name, schema, steps))


def _add(session: "Session", name: Name, schema: exp.Schema, steps: list[Expr]) -> Result:
    declared = of_definition(schema)
    keys = foreign_keys.of_definition(schema, name, session)

    def add() -> None:
        column_types.add(session.duck, name, [step.args["actions"][0] for step in steps])
        declarations = Declarations(session.duck, name)
        declarations.keep([*declarations.read().values(), *declared])
        foreign_keys.add(session.duck, name, keys)
        for column in declared:
            comment_on(session.duck, name, column.column, column.comment)

    session.transaction.at_once(add)
    for lengths in (step.args.get("text_lengths") for step in steps):
        if lengths:
            session.duck.execute(info_schema.insert_text_lengths_sql(*name, lengths))
    return status()


_COUNTED = (exp.AutoIncrementColumnConstraint, exp.GeneratedAsIdentityColumnConstraint)


def _new(expression: Expr, known: list[str]) -> list[exp.ColumnDef]:
    """The columns that a statement adds, without those that IF NOT EXISTS leaves out."""
    return [
        column
        for column in expression.args["actions"]
        if not (column.args.get("exists") and folded(column.this) in known)
    ]


def _add_to_temporary(
    cursor: "Cursor", expression: Expr, schema: exp.Schema, params: MutableParams | None
) -> Result:
    if of_definition(schema, lengths=True) or len(schema.expressions) > 1:
        raise unsupported("ADD COLUMN to a temporary table of more than one column, or a length")

    def add() -> Result:
        for column in schema.expressions:
            cursor.run_steps(_alone(expression, column), params)
        return status()

    return cursor.session.transaction.define(add)


def _alone(expression: Expr, column: Expr) -> Expr:
    one = expression.copy()
    one.set("actions", [column.copy()])
    one.args["actions"][0].set("exists", None)
    return one
