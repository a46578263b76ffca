"""Functions that DuckDB has as well, with another meaning or other types of arguments."""

from sqlglot import Expr, exp

from mocks.snowflake.errors import unsupported

WHOLE = {  # arguments that DuckDB takes as BIGINT alone, where NUMBER(38,0) is HUGEINT
    exp.Substring: ("start", "length"),
    exp.Left: ("expression",),
    exp.Right: ("expression",),
    exp.Repeat: ("times",),
    exp.Pad: ("expression",),
    exp.SplitPart: ("part_index",),
    exp.Round: ("decimals",),
    exp.Trunc: ("decimals",),
}


INEXACT = (exp.Median, exp.PercentileCont, exp.Floor, exp.Ceil)


def whole_arguments(node: Expr) -> Expr:
    """Cast positions and lengths to what DuckDB's functions take."""
    for name in WHOLE.get(type(node), ()):
        argument = node.args.get(name)
        if isinstance(argument, Expr) and not isinstance(argument, exp.Literal | exp.Neg):
            node.set(name, exp.cast(argument, "bigint"))
    return node


def list_of_texts(node: Expr) -> Expr:
    """LISTAGG of nothing is an empty text, not NULL."""
    if isinstance(node, exp.GroupConcat) and not _is_covered(node):
        return exp.func("coalesce", node.copy(), exp.Literal.string(""))
    return node


def _is_covered(node: Expr) -> bool:
    return isinstance(node.parent, exp.Coalesce | exp.Window | exp.WithinGroup)


def type_of(node: Expr) -> Expr:
    """TYPEOF tells what a VARIANT holds.

    https://docs.snowflake.com/en/sql-reference/functions/typeof
    """
    if isinstance(node, exp.Typeof):
        return exp.Anonymous(this="_variant_type", expressions=[node.this.copy()])
    return node


def refuse_inexact(node: Expr) -> Expr:
    """Functions that would answer, and differently."""
    if isinstance(node, INEXACT) and _has_scale(node):
        raise unsupported(f"{node.sql_name()} with a scale, or of a NUMBER")
    return node


def _has_scale(node: Expr) -> bool:
    return isinstance(node, exp.Median | exp.PercentileCont) or bool(node.args.get("decimals"))
