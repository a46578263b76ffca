"""Joins as DuckDB wants them written."""

from sqlglot import Expr, exp


def cross(node: Expr) -> Expr:
    """INNER JOIN without a condition, as Snowpark writes a cross join."""
    is_inner = isinstance(node, exp.Join) and node.kind == "INNER"
    if is_inner and not node.args.get("on") and not node.args.get("using"):
        node.set("kind", "CROSS")
    return node
