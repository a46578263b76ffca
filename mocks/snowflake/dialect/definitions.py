"""Definitions of tables: what Snowflake accepts and DuckDB would enforce or refuse."""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake import constraints, load_history, statements
from mocks.snowflake.declared_columns import folded
from mocks.snowflake.dialect.views import NAMED
from mocks.snowflake.errors import does_not_exist, invalid, unsupported

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

_TEXTS = frozenset({exp.DataType.Type.VARCHAR, exp.DataType.Type.CHAR, exp.DataType.Type.TEXT})

_TIMES = frozenset(
    {
        exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ, exp.DataType.Type.TIMESTAMPLTZ,
        exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIME,
    }
)  # fmt: skip
_CHAR, _ONE = exp.DataType.Type.CHAR, exp.Literal.number(1)  # CHAR is CHAR(1)

_NOT_ENFORCED = (
    exp.PrimaryKeyColumnConstraint,
    exp.UniqueColumnConstraint,
    exp.Reference,
    exp.ForeignKey,
)
_NOT_ENFORCED_OF_TABLE = (
    exp.PrimaryKey,
    exp.UniqueColumnConstraint,
    exp.ForeignKey,
    exp.Constraint,
)


def strip_constraints(node: Expr) -> Expr:
    """Snowflake enforces NOT NULL alone; keys are notes to the reader.

    https://docs.snowflake.com/en/sql-reference/constraints-overview
    """
    if isinstance(node, exp.ColumnDef):
        is_primary = _is_primary(node)
        kept = [c for c in node.constraints if not isinstance(c.args.get("kind"), _NOT_ENFORCED)]
        kept = [c for c in kept if not isinstance(c, _NOT_ENFORCED)]
        if is_primary and not any(
            isinstance(c.args.get("kind"), exp.NotNullColumnConstraint) for c in kept
        ):
            kept.append(exp.ColumnConstraint(kind=exp.NotNullColumnConstraint()))
        node.set("constraints", kept)
    elif isinstance(node, exp.Schema):
        if any(e.find(exp.CheckColumnConstraint) for e in node.expressions
               if not isinstance(e, exp.ColumnDef)):  # fmt: skip
            raise unsupported("CHECK")
        columns = [e for e in node.expressions if not isinstance(e, _NOT_ENFORCED_OF_TABLE)]
        node.set("expressions", columns)
    return node


def _is_primary(column: exp.ColumnDef) -> bool:
    """A PRIMARY KEY implies NOT NULL, which is enforced."""
    if any(
        isinstance(c.args.get("kind"), exp.PrimaryKeyColumnConstraint) for c in column.constraints
    ):
        return True
    schema = column.parent
    keys = schema.find_all(exp.PrimaryKey) if isinstance(schema, exp.Schema) else ()
    return any(column.name == name.name for key in keys for name in key.find_all(exp.Identifier))


def name_columns(expression: Expr) -> Expr:
    """``CREATE TABLE t (a, b) AS SELECT …``, where only names are given."""
    schema = expression.this
    if (
        isinstance(expression, exp.Create)
        and isinstance(schema, exp.Schema)
        and isinstance(expression.expression, exp.Query)
        and all(isinstance(column, exp.Identifier) for column in schema.expressions)
    ):
        expression.meta[NAMED] = [folded(column) for column in schema.expressions]
        alias = exp.TableAlias(this=exp.to_identifier("_Q"), columns=schema.expressions)
        query = exp.Subquery(this=expression.expression, alias=alias)
        expression.set("expression", exp.select("*").from_(query))
        expression.set("this", schema.this)
    return expression


def type_nulls(expression: Expr) -> Expr:
    """A column of a table or view that is NULL alone is text; DuckDB has a type for it."""
    query = expression.expression if isinstance(expression, exp.Create) else None
    for column in query.selects if isinstance(query, exp.Select) else ():
        if isinstance(column.unalias(), exp.Null):
            column.unalias().replace(exp.cast(exp.null(), "text"))
    return expression


def check_lengths(node: Expr) -> Expr:
    """VARCHAR(n) refuses longer texts; DuckDB ignores the length."""
    if not isinstance(node, exp.ColumnDef) or not isinstance(node.kind, exp.DataType):
        return node
    if any(isinstance(c.args.get("kind"), exp.CheckColumnConstraint) for c in node.constraints):
        raise unsupported("CHECK")
    if node.kind.this in _TIMES and node.kind.expressions and node.kind.expressions[0].name != "9":
        raise unsupported(
            f"a column of type {node.kind.sql(dialect='snowflake')}", "it would be (9)"
        )
    if node.kind.this in _TEXTS and (node.kind.expressions or node.kind.this == _CHAR):
        length = exp.Length(this=exp.column(node.this.copy()))
        most = node.kind.expressions[0].this.copy() if node.kind.expressions else _ONE.copy()
        fits = exp.LTE(this=length, expression=most)
        check = exp.ColumnConstraint(kind=exp.CheckColumnConstraint(this=exp.paren(fits)))
        node.set("constraints", [*node.constraints, check])
    return node


def qualify_view(expression: Expr, session: "Session") -> Expr:
    """A view's names mean what they meant where it was made, whoever asks it later."""
    if isinstance(expression, exp.Create) and str(expression.kind).upper() == "VIEW":
        own = statements.name_parts(statements.target_table(expression), session)[:2]
        for table in expression.expression.find_all(exp.Table) if expression.expression else ():
            is_lasting = statements.full_name(table, session) not in session.temporary_tables
            is_name = isinstance(table.this, exp.Identifier) and is_lasting
            if is_name and not statements.is_of_query(table):
                _qualify(table, session, own)
    return expression


def _qualify(table: exp.Table, session: "Session", own: tuple[str, str]) -> None:
    place = statements.name_parts(table, session)[:2]
    is_ambiguous = place == own and own[0] == own[1]  # to DuckDB, and found without them
    for part, name in zip(("catalog", "db"), place, strict=True):
        table.set(part, None if is_ambiguous else exp.to_identifier(name))


def information_schema(expression: Expr) -> None:
    """Let INFORMATION_SCHEMA have the views of Snowflake's that are answered, and no others.

    Raises:
        StatementFailed: 2003 for DuckDB's own views, and Snowflake's that aren't answered.
    """
    for table in expression.find_all(exp.Table):
        if table.db != "INFORMATION_SCHEMA" or not isinstance(table.this, exp.Identifier):
            continue
        if not table.alias and not isinstance(expression, exp.Describe):
            table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
        if table.name in _OWN_VIEWS:
            table.set("this", exp.to_identifier(_OWN_VIEWS[table.name]))
            table.set("db", exp.to_identifier("_FS_INFORMATION_SCHEMA"))
        elif table.name not in _VIEWS:
            raise does_not_exist("Object", f"INFORMATION_SCHEMA.{table.name}")


_OWN_VIEWS = {"LOAD_HISTORY": load_history.VIEW, **constraints.VIEWS}
_VIEWS = frozenset({"COLUMNS", "DATABASES", "SCHEMATA", "SEQUENCES", "TABLES", "VIEWS"})
"""Those that fakesnow answers, and `sequences`."""


def escape_comment(expression: Expr) -> None:
    """Double the quotes of a table's comment, which fakesnow writes into a statement as they are.

    Raises:
        StatementFailed: 1003 for a comment that is no text, but an expression.
    """
    if noted := expression.args.get("table_comment"):
        table, comment = noted
        if comment is not None and not isinstance(comment, str):
            raise invalid("syntax error: a comment is a text in quotes")
        expression.args["table_comment"] = (table, (comment or "").replace("'", "''"))
