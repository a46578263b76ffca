"""Aggregates of nothing: an empty array, object or text, where DuckDB has NULL."""

from sqlglot import Expr, exp

KINDS = (exp.ArrayAgg, exp.GroupConcat, exp.Anonymous)
_OBJECT_AGG = "TO_JSON"  # what fakesnow makes of OBJECT_AGG: to_json(map(list(…), list(…)))


def write(node: Expr) -> Expr:
    """ARRAY_AGG as JSON, and all of them never NULL."""
    if isinstance(node.parent, exp.Window | exp.WithinGroup):
        return node
    if isinstance(node, exp.ArrayAgg):
        return _or_empty(_json(_without_nulls(node)), "[]")
    if isinstance(node, exp.GroupConcat):
        return exp.func("coalesce", node.copy(), exp.Literal.string(""))
    if isinstance(node, exp.Anonymous) and _is_object_agg(node):
        return _or_empty(node.copy(), "{}")
    return node


def _without_nulls(node: exp.ArrayAgg) -> Expr:
    """ARRAY_AGG leaves NULLs out; where it has no order, sqlglot writes that by itself."""
    if not isinstance(node.this, exp.Order):
        return node
    value = node.this.this
    value = value.expressions[0] if isinstance(value, exp.Distinct) else value
    is_there = exp.Not(this=exp.Is(this=exp.paren(value), expression=exp.null()))
    return exp.Filter(this=node.copy(), expression=exp.Where(this=is_there))


def _is_object_agg(node: exp.Anonymous) -> bool:
    inside = node.expressions[0] if node.expressions else None
    is_map = isinstance(inside, exp.Anonymous) and str(inside.this).upper() == "MAP"
    return str(node.this).upper() == _OBJECT_AGG and is_map


def _json(node: Expr) -> Expr:
    return exp.Anonymous(this="to_json", expressions=[node.copy()])


def _or_empty(node: Expr, empty: str) -> Expr:
    nothing = exp.Anonymous(this="json", expressions=[exp.Literal.string(empty)])
    return exp.func("coalesce", node, nothing)
