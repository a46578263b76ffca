"""Aggregates of nothing: an empty array, object or text, and NULL, where DuckDB has others."""

from sqlglot import Expr, exp

KINDS = (
    exp.ArrayAgg, exp.ArrayUniqueAgg, exp.Window, exp.WithinGroup, exp.GroupConcat, exp.Anonymous,
    exp.Count, exp.RegrSlope,
)  # fmt: skip
_OBJECT_AGG = "TO_JSON"  # what fakesnow makes of OBJECT_AGG: to_json(map(list(…), list(…)))


def write(node: Expr) -> Expr:
    """ARRAY_AGG as JSON, and all of them never NULL; COUNT of several values."""
    if isinstance(node, exp.Count):
        return _counted(node)
    if isinstance(node, exp.ArrayUniqueAgg):
        once = exp.Distinct(expressions=[node.this.copy()])
        return write(exp.ArrayAgg(this=once, nulls_excluded=True))
    called = node.this if isinstance(node, exp.Window) else node
    if isinstance(node.parent, exp.Window | exp.WithinGroup) or type(called) not in _WRITERS:
        return node
    return _WRITERS[type(called)](node, called)


def _array(node: Expr, called: Expr) -> Expr:
    listed = _without_nulls(called)
    if node is called:
        node = listed
    else:
        node.set("this", listed)
    return _or_empty(_json(node), "[]")


def _text(node: Expr, _: Expr) -> Expr:
    return exp.func("coalesce", node.copy(), exp.Literal.string(""))


def _slope(node: Expr, _: Expr) -> Expr:
    """REGR_SLOPE is NULL where all x are the same, of which DuckDB makes NaN."""
    none = exp.cast(exp.Literal.string("nan"), "double")
    return exp.Nullif(this=node.copy(), expression=none)


def _object(node: Expr, called: Expr) -> Expr:
    return _or_empty(node.copy(), "{}") if _is_object_agg(called) else node


_WRITERS = {
    exp.ArrayAgg: _array,
    exp.GroupConcat: _text,
    exp.RegrSlope: _slope,
    exp.WithinGroup: lambda node, called: (
        _text(node, called) if isinstance(called.this, exp.GroupConcat) else node
    ),
    exp.Anonymous: _object,
}


def _counted(node: exp.Count) -> Expr:
    """COUNT of several values: of the rows in which none of them is NULL."""
    is_distinct = isinstance(node.this, exp.Distinct)
    values = node.this.expressions if is_distinct else [node.this, *node.expressions]
    if len(values) < 2:
        return node
    are_there = exp.and_(
        *(exp.Not(this=exp.Is(this=exp.paren(v), expression=exp.null())) for v in values)
    )
    row: Expr = exp.Anonymous(this="row", expressions=[value.copy() for value in values])
    counted = exp.Case(ifs=[exp.If(this=are_there, true=row)])
    return exp.Count(this=exp.Distinct(expressions=[counted]) if is_distinct else counted)


def _without_nulls(node: Expr) -> Expr:
    """ARRAY_AGG leaves NULLs out; where it has no order, sqlglot writes that by itself."""
    if not isinstance(node.this, exp.Order):
        return node
    value = node.this.this
    value = value.expressions[0] if isinstance(value, exp.Distinct) else value
    is_there = exp.Not(this=exp.Is(this=exp.paren(value), expression=exp.null()))
    return exp.Filter(this=node.copy(), expression=exp.Where(this=is_there))


def _is_object_agg(node: Expr) -> bool:
    inside = node.expressions[0] if node.expressions else None
    is_map = isinstance(inside, exp.Anonymous) and str(inside.this).upper() == "MAP"
    return str(node.this).upper() == _OBJECT_AGG and is_map


def _json(node: Expr) -> Expr:
    return exp.Anonymous(this="to_json", expressions=[node.copy()])


def _or_empty(node: Expr, empty: str) -> Expr:
    nothing = exp.Anonymous(this="json", expressions=[exp.Literal.string(empty)])
    return exp.func("coalesce", node, nothing)
