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


INEXACT = (exp.Median, exp.PercentileCont, exp.Floor, exp.Ceil, exp.Anonymous)


def whole_arguments(node: Expr) -> Expr:
    """Cast positions and lengths to what DuckDB's functions take."""
    for name in WHOLE.get(type(node), ()):
        argument = node.args.get(name)
        if isinstance(argument, Expr) and not isinstance(argument, exp.Literal | exp.Neg):
            node.set(name, exp.cast(argument, "bigint"))
    return node


def type_of(node: Expr) -> Expr:
    """TYPEOF tells what a VARIANT holds.

    https://docs.snowflake.com/en/sql-reference/functions/typeof
    """
    if isinstance(node, exp.Typeof):
        return exp.Anonymous(this="_variant_type", expressions=[node.this.copy()])
    return node


def object_keys(node: Expr) -> Expr:
    """OBJECT_KEYS is an ARRAY, and so JSON here."""
    if isinstance(node, exp.JSONKeys) and not isinstance(node.parent, exp.Anonymous):
        return exp.Anonymous(this="to_json", expressions=[node.copy()])
    return node


def refuse_inexact(node: Expr) -> Expr:
    """Functions that would answer, and differently."""
    if isinstance(node, exp.Median | exp.PercentileCont):
        raise unsupported(node.sql_name(), "DuckDB interpolates in another scale")
    if isinstance(node, exp.Floor | exp.Ceil) and node.args.get("decimals"):
        raise unsupported(f"{node.sql_name()} with a scale")
    if isinstance(node, exp.Anonymous) and str(node.this).upper() in ("HASH", "HASH_AGG"):
        raise unsupported(str(node.this).upper(), "Snowflake's function is not public")
    return node
