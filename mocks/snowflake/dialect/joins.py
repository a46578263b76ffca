"""Joins as DuckDB wants them written."""

from sqlglot import Expr, exp
from sqlglot.transforms import eliminate_join_marks

from mocks.snowflake.errors import unsupported


def cross(node: Expr) -> Expr:
    """INNER JOIN without a condition, as Snowpark writes a cross join."""
    is_inner = isinstance(node, exp.Join) and node.kind == "INNER"
    if is_inner and not node.args.get("on") and not node.args.get("using"):
        node.set("kind", "CROSS")
    return node


def spell_out_marks(expression: Expr) -> Expr:
    """``WHERE a.x = b.x(+)`` as an outer join.

    https://docs.snowflake.com/en/sql-reference/constructs/where#joins-in-the-where-clause
    """
    marked = [c for c in expression.find_all(exp.Column) if c.args.get("join_mark")]
    for select in {id(s): s for c in marked if (s := c.find_ancestor(exp.Select))}.values():
        where = select.args.get("where")
        if where is None or any(not column.table for column in where.find_all(exp.Column)):
            raise unsupported("(+) beside columns without the name of their table")
    return eliminate_join_marks(expression) if marked else expression
