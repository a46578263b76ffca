"""Arrays: a VARIANT's JSON here, where DuckDB has lists of one type."""

from sqlglot import Expr, exp

KINDS = (exp.Array, exp.ArrayConstructCompact, exp.ArrayConcat, exp.ArrayContains)
_LIST = exp.DataType.build("JSON[]", dialect="duckdb")


def write(node: Expr) -> Expr:
    """ARRAY_CONSTRUCT and its like over JSON."""
    match node:
        case exp.Array():
            return exp.Anonymous(this="json_array", expressions=node.expressions)
        case exp.ArrayConstructCompact():
            return _without_nulls(node)
        case exp.ArrayConcat():
            parts = [_list(part) for part in (node.this, *node.expressions)]
            return _json(exp.Anonymous(this="list_concat", expressions=parts))
        case exp.ArrayContains():
            value = node.expression.copy()
            return exp.Anonymous(this="list_contains", expressions=[_list(node.this), value])
    return node


def _without_nulls(node: exp.ArrayConstructCompact) -> Expr:
    values = [exp.Anonymous(this="to_json", expressions=[v]) for v in node.expressions]
    made = exp.Anonymous(this="list_value", expressions=values)
    is_value = exp.Lambda(
        this=exp.Not(this=exp.Is(this=exp.column("v"), expression=exp.null())),
        expressions=[exp.to_identifier("v")],
    )
    return _json(exp.Anonymous(this="list_filter", expressions=[made, is_value]))


def _list(node: Expr) -> Expr:
    return exp.cast(node.copy(), _LIST.copy(), copy=False)


def _json(node: Expr) -> Expr:
    return exp.Anonymous(this="to_json", expressions=[node])
