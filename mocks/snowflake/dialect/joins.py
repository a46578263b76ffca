"""Joins as DuckDB wants them written."""

from sqlglot import Expr, exp
from sqlglot.transforms import eliminate_join_marks

from mocks.snowflake.errors import unsupported


def cross(node: Expr) -> Expr:
    """INNER JOIN without a condition, as Snowpark writes a cross join; LEFT JOIN of a FLATTEN.

    sqlglot writes an outer join without a condition as one that loses rows.
    """
    if not isinstance(node, exp.Join) or node.args.get("on") or node.args.get("using"):
        return node
    if node.kind == "INNER":
        node.set("kind", "CROSS")
    elif node.side and not node.method:
        if node.side != "LEFT" or not isinstance(node.this, exp.Lateral | exp.TableFromRows):
            raise unsupported(f"{node.side} JOIN without a condition")
        node.set("on", exp.true())
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
