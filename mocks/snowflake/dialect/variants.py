"""VARIANT where Snowflake converts it: casts, comparisons, text functions.

DuckDB's JSON is text that is known to be JSON: cast to text it keeps its quotes, and a text that
it's compared with is read as JSON. Snowflake takes the value out, or makes a VARIANT of the other
side.
https://docs.snowflake.com/en/sql-reference/data-type-conversion
"""

from collections.abc import Sequence

from sqlglot import Expr, exp

from mocks.snowflake.dialect import timestamps
from mocks.snowflake.dialect.json_values import JSON, is_fraction, text_of, variant_of
from mocks.snowflake.dialect.scopes import UNKNOWN
from mocks.snowflake.dialect.typed import Rule
from mocks.snowflake.errors import unsupported

_NEVER = (
    exp.Literal, exp.Boolean, exp.Null, exp.Predicate, exp.Binary, exp.Neg, exp.Not,
    exp.JSONExtractScalar, exp.Count, exp.Sum, exp.Length, exp.Upper, exp.Lower, exp.Interval,
    exp.TimestampTrunc, exp.DateAdd, exp.DateDiff, exp.CurrentTimestamp, exp.CurrentDate,
    exp.Tuple, exp.Placeholder, exp.Star,
)  # fmt: skip
_TEXT_TYPES = frozenset({exp.DataType.Type.VARCHAR, exp.DataType.Type.TEXT})


def may_be_variant(node: Expr) -> bool:
    """Whether an expression could be a VARIANT, as far as its form tells."""
    if isinstance(node, exp.Paren | exp.Alias):
        return may_be_variant(node.this)
    if isinstance(node, exp.Cast | exp.TryCast):
        return node.to.this == exp.DataType.Type.JSON
    if isinstance(node, exp.Anonymous):
        return str(node.this).upper() not in _NEVER_FUNCTIONS
    if isinstance(node, exp.Case):
        branches = [*(branch.args["true"] for branch in node.args["ifs"]), node.args.get("default")]
        return any(may_be_variant(branch) for branch in branches if branch is not None)
    return isinstance(node, exp.JSONExtract) or not isinstance(node, _NEVER)


_EQUALITY = (exp.EQ, exp.NEQ, exp.In, exp.NullSafeEQ, exp.NullSafeNEQ, exp.EqualNull)
_NEVER_FUNCTIONS = frozenset({"_FS_TO_TIMESTAMP", "UUID", "TRY", "JSON_ARRAY_LENGTH"})


def _cast_operand(node: Expr) -> Sequence[Expr]:
    if timestamps.is_timestamp_cast(node):
        return timestamps.operand(node)
    to_variant = node.to.this == exp.DataType.Type.JSON  # type: ignore[attr-defined]
    return (node.this,) if to_variant or may_be_variant(node.this) else ()


def _write_cast(node: Expr, kinds: Sequence[str]) -> Expr:
    if timestamps.is_timestamp_cast(node):
        return timestamps.write(node, kinds)
    to_variant = node.to.this == exp.DataType.Type.JSON  # type: ignore[attr-defined]
    if to_variant:
        return node.this if kinds[0] == JSON else variant_of(node.this, kinds[0])
    if kinds[0] == JSON:
        node.set("this", text_of(node.this))
    elif kinds[0].startswith("TIMESTAMP") and node.to.this in _TEXT_TYPES:  # type: ignore[attr-defined]
        return _timestamp_text(node.this, with_zone=kinds[0] != "TIMESTAMP")
    return node


def _timestamp_text(node: Expr, *, with_zone: bool) -> Expr:
    """Milliseconds, as TIMESTAMP_OUTPUT_FORMAT has them by default."""
    form = "%Y-%m-%d %H:%M:%S.%g" + (" +0000" if with_zone else "")
    return exp.Anonymous(this="strftime", expressions=[node.copy(), exp.Literal.string(form)])


def _compared(node: Expr) -> Sequence[Expr]:
    if isinstance(node.parent, exp.Update) and node.arg_key == "expressions":
        return ()  # SET a = b is no comparison
    sides = [node.this, *_other_sides(node)]
    return sides if any(may_be_variant(side) for side in sides) else ()


def _other_sides(node: Expr) -> list[Expr]:
    if isinstance(node, exp.In):
        return list(node.expressions)
    if isinstance(node, exp.Between):
        return [node.args["low"], node.args["high"]]
    return [node.expression]


def _write_comparison(node: Expr, kinds: Sequence[str]) -> Expr:
    sides = [node.this, *_other_sides(node)]
    if JSON not in kinds or all(kind in (JSON, UNKNOWN, '"NULL"') for kind in kinds):
        return node
    if not isinstance(node, _EQUALITY) or any(
        kind not in (JSON, "VARCHAR", '"NULL"') for kind in kinds
    ):
        raise unsupported(f"{node.sql(dialect='snowflake')}: comparison of a VARIANT", "cast it")
    for side, kind in zip(sides, kinds, strict=True):
        if kind == "VARCHAR":
            side.replace(variant_of(side, kind))
    return node


def _text_operands(node: Expr) -> Sequence[Expr]:
    return [operand for operand in _arguments(node) if may_be_variant(operand)]


def _arguments(node: Expr) -> list[Expr]:
    found = [node.args.get(name) for name in ("this", "expression", "expressions")]
    flat = [part for arg in found for part in (arg if isinstance(arg, list) else [arg])]
    return [part for part in flat if isinstance(part, Expr)]


def _write_text_function(node: Expr, kinds: Sequence[str]) -> Expr:
    for operand, kind in zip(_text_operands(node), kinds, strict=True):
        if kind == JSON:
            operand.replace(text_of(operand))
    return node


def _aggregate_operand(node: Expr) -> Sequence[Expr]:
    return (node.this,) if may_be_variant(node.this) else ()


def _refuse_aggregate(node: Expr, kinds: Sequence[str]) -> Expr:
    if kinds[0] == JSON:
        raise unsupported(f"{node.sql_name()} of a VARIANT", "cast it")
    return node


def _elements(node: Expr) -> Sequence[Expr]:
    """Numbers on their way into an array or object."""
    if isinstance(node, exp.ArrayAgg):
        inner = node.this
        while isinstance(inner, exp.Order | exp.Distinct):
            inner = inner.this or inner.expressions[0]
        return (inner,)
    is_json = str(node.this).upper() in _JSON_FUNCTIONS
    return [e for e in node.expressions if not isinstance(e, exp.Literal)] if is_json else ()


def _write_elements(node: Expr, kinds: Sequence[str]) -> Expr:
    is_scalar = isinstance(node, exp.Anonymous) and str(node.this).upper() == "TO_JSON"
    for element, kind in zip(_elements(node), kinds, strict=True):
        if is_fraction(kind):
            if is_scalar:
                return variant_of(element, kind)
            element.replace(variant_of(element, kind))
    return node


_JSON_FUNCTIONS = frozenset({"TO_JSON", "JSON_ARRAY", "LIST", "LIST_VALUE"})
_CAST = Rule(_cast_operand, _write_cast)
_COMPARISON = Rule(_compared, _write_comparison)
_TEXT = Rule(_text_operands, _write_text_function)
_AGGREGATE = Rule(_aggregate_operand, _refuse_aggregate)
RULES: dict[type[Expr], Rule] = {
    exp.Cast: _CAST,
    exp.TryCast: _CAST,
    **dict.fromkeys(
        (
            exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ,
            exp.EqualNull, exp.In, exp.Between,
        ),
        _COMPARISON,
    ),
    **dict.fromkeys(
        (
            exp.Upper, exp.Lower, exp.Trim, exp.Length, exp.Substring, exp.Concat, exp.DPipe,
            exp.Replace, exp.Like, exp.ILike, exp.RegexpLike, exp.RegexpReplace, exp.StartsWith,
            exp.EndsWith, exp.Contains, exp.SplitPart, exp.Left, exp.Right, exp.MD5, exp.SHA,
            exp.SHA2, exp.GroupConcat, exp.Reverse, exp.Initcap, exp.StrPosition,
        ),
        _TEXT,
    ),
    **dict.fromkeys((exp.Min, exp.Max), _AGGREGATE),
    **dict.fromkeys((exp.Anonymous, exp.ArrayAgg), Rule(_elements, _write_elements)),
}  # fmt: skip
