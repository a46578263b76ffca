"""VARIANT where Snowflake converts it: comparisons, elements of arrays and objects.

DuckDB's JSON is text that is known to be JSON: cast to text it keeps its quotes, and a text that
it's compared with is read as JSON. Snowflake takes the value out, or makes a VARIANT of the other
side.
https://docs.snowflake.com/en/sql-reference/data-type-conversion
"""

import re
from collections.abc import Sequence

from fakesnow import transforms
from sqlglot import Expr, exp

from mocks.snowflake import time_format
from mocks.snowflake.dialect.arithmetic import Number, built, summed, with_numbers, write_sum
from mocks.snowflake.dialect.json_values import (
    FLOATS,
    JSON,
    WITH_ZONE,
    WITHOUT_NULL,
    call,
    is_changed,
    text_of,
    variant_of,
)
from mocks.snowflake.dialect.names_of_functions import of_variant
from mocks.snowflake.dialect.scopes import UNKNOWN
from mocks.snowflake.dialect.typed import DONE, Rule, only
from mocks.snowflake.duck_types import in_snowflakes_words
from mocks.snowflake.errors import compilation, unsupported

_NEVER = (
    exp.Literal, exp.Boolean, exp.Null, exp.Predicate, exp.Binary, exp.Neg, exp.Not,
    exp.JSONExtractScalar, exp.Count, exp.Sum, exp.Length, exp.Upper, exp.Lower, exp.Interval,
    exp.TimestampTrunc, exp.DateAdd, exp.DateDiff, exp.CurrentTimestamp, exp.CurrentDate,
    exp.Tuple, exp.Placeholder, exp.Star,
)  # fmt: skip


def may_be_variant(node: Expr) -> bool:
    """Tell whether an expression may be a VARIANT, as far as its form shows."""
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


def extract_text(node: Expr) -> Expr:
    """A path that is cast gives its text, unless it is cast to another VARIANT."""
    if isinstance(node, exp.Cast) and node.to.this in _VARIANTS:
        return node
    return transforms.json_extract_cast_as_varchar(node)


_VARIANTS = frozenset(
    {exp.DataType.Type.ARRAY, exp.DataType.Type.OBJECT, exp.DataType.Type.VARIANT}
)
_EQUALITY = (exp.EQ, exp.NEQ, exp.In, exp.NullSafeEQ, exp.NullSafeNEQ, exp.EqualNull)
_NEVER_FUNCTIONS = frozenset({"_FS_TO_TIMESTAMP", "UUID", "TRY", "JSON_ARRAY_LENGTH"})


def _compared(node: Expr) -> Sequence[Expr]:
    if isinstance(node.parent, exp.Update) and node.arg_key == "expressions":
        return ()  # SET a = b is no comparison
    sides = [node.this, *_other_sides(node)]
    is_asked = any(may_be_variant(side) for side in sides) or are_partly_boolean(sides)
    return sides if is_asked else ()


def are_partly_boolean(values: Sequence[Expr]) -> bool:
    """Tell whether some of several values are BOOLEANs, as their forms show, and others not."""
    others = [v for v in values if not isinstance(v, exp.Null) and not _may_be_boolean(v)]
    return bool(others) and any(_may_be_boolean(value) for value in values)


def _other_sides(node: Expr) -> list[Expr]:
    if isinstance(node, exp.In):
        return list(node.expressions)
    if isinstance(node, exp.Between):
        return [node.args["low"], node.args["high"]]
    return [node.expression]


def _write_comparison(node: Expr, kinds: Sequence[str]) -> Expr:
    sides = [node.this, *_other_sides(node)]
    if set(kinds) - {'"NULL"'} == {JSON}:
        return _compared_variants(node, kinds)
    if JSON not in kinds or all(kind in (JSON, UNKNOWN, '"NULL"') for kind in kinds):
        return node
    if isinstance(node, _NUMERIC) and len(kinds) == 2 and any(map(Number.of, kinds)):
        return _compared_by_value(node, kinds)
    if (
        isinstance(node, exp.In | exp.Between)
        and kinds[0] == JSON
        and all(map(Number.of, kinds[1:]))
    ):
        return _compared_with_several(node, kinds)
    if not isinstance(node, _EQUALITY) or any(
        kind not in (JSON, "VARCHAR", '"NULL"') for kind in kinds
    ):
        others = " and ".join(in_snowflakes_words(kind) for kind in kinds if kind != JSON)
        raise unsupported(f"comparison of a VARIANT with {others}", "cast it")
    for side, kind in zip(sides, kinds, strict=True):
        if kind == "VARCHAR":
            side.replace(variant_of(side, kind))
    return _compared_variants(node, kinds) if kinds.count(JSON) > 1 else node


def _write_checked(node: Expr, kinds: Sequence[str]) -> Expr:
    if {"BLOB", "VARCHAR"} <= set(kinds):  # never equal to DuckDB
        raise unsupported("BINARY compared with text", "cast one of them")
    if moment := next((_MOMENTS[kind] for kind in kinds if kind in _MOMENTS), None):
        for side in [node.this, *_other_sides(node)]:
            _read_moment(side, moment)
    if isinstance(node, _EQUALITY) and set(kinds) - {'"NULL"'} == {JSON, "BOOLEAN"}:
        for side, kind in zip([node.this, *_other_sides(node)], kinds, strict=True):
            if kind == JSON:
                side.replace(exp.ToBoolean(this=text_of(side), safe=False))
        return node
    sides = (node.this, *_other_sides(node))
    numbers = [s for s, kind in zip(sides, kinds, strict=True) if kind in FLOATS or Number.of(kind)]
    others = [n for n in numbers if not isinstance(n, exp.Literal) or n.name not in _BITS]
    if "BOOLEAN" in kinds and others:
        raise unsupported("BOOLEAN compared with NUMBER", "cast one of them")
    return _write_comparison(node, kinds)


_BITS = ("0", "1")
"""The numbers that compare with a BOOLEAN in the same way, whichever of both is converted."""


_MOMENTS = {"DATE": "Date", "TIMESTAMP": "Timestamp", WITH_ZONE: "Timestamp"}


def _read_moment(side: Expr, kind: str) -> None:
    """A text beside a date or time as DuckDB reads it, which takes others than Snowflake."""
    is_text = isinstance(side, exp.Literal) and side.is_string and not side.name.strip().isdigit()
    if is_text and not re.fullmatch(time_format.ISO, side.name):
        side.replace(exp.Literal.string(str(time_format.time_of(side.name, kind))))


_ORDERINGS = (exp.GT, exp.GTE, exp.LT, exp.LTE)
_NUMERIC = (exp.EQ, exp.NEQ, *_ORDERINGS)


def _compared_by_value(node: Expr, kinds: Sequence[str]) -> Expr:
    """A VARIANT is compared by what it holds with a NUMBER or another VARIANT."""
    sides = [exp.cast(side.copy(), "text") for side in (node.this, node.expression)]
    is_first = kinds[0] == JSON
    order = exp.cast(call(of_variant("COMPARED"), *(sides if is_first else sides[::-1])), "int")
    zero = exp.Literal.number(0)
    return (
        type(node)(this=order, expression=zero)
        if is_first
        else type(node)(this=zero, expression=order)
    )


def _compared_variants(node: Expr, kinds: Sequence[str]) -> Expr:
    if isinstance(node, _ORDERINGS):
        return _compared_by_value(node, kinds)
    if isinstance(node, exp.Between):
        return _compared_with_several(node, kinds)
    sides = [node.this, *_other_sides(node)]
    for side in sides if len(sides) > 1 else ():  # IN (SELECT …) has one side here
        side.replace(_value_key(side))
    return node


def _refuse_aggregate(node: Expr, kinds: Sequence[str]) -> Expr:
    if kinds[0] == JSON:
        raise unsupported(f"{node.sql_names()[-1]} of a VARIANT", "cast it")
    return node


def _compared_with_several(node: Expr, kinds: Sequence[str]) -> Expr:
    """IN and BETWEEN of a VARIANT, as comparisons with each of them."""
    is_range = isinstance(node, exp.Between)
    comparisons = (exp.GTE, exp.LTE) if is_range else (exp.EQ,) * (len(kinds) - 1)
    parts = [
        _compared_by_value(compare(this=node.this.copy(), expression=other), (JSON, kind))
        for compare, other, kind in zip(comparisons, _other_sides(node), kinds[1:], strict=True)
    ]
    return exp.paren(exp.and_(*parts) if is_range else exp.or_(*parts))


def _ordered(node: Expr) -> Sequence[Expr]:
    return _if_variant(_sort_key(node))


def _sort_key(node: Expr) -> Expr:
    """The expression that rows are sorted by.

    A whole number is the place of a column, a name that of an alias before a table's column.
    """
    key, select = node.this, node.parent and node.parent.parent
    if not isinstance(select, exp.Select):
        return key
    if isinstance(key, exp.Literal) and key.is_int and not select.is_star:
        at = int(key.name) - 1
        return select.selects[at].unalias() if at in range(len(select.selects)) else key
    if isinstance(key, exp.Column) and not key.table:
        aliased = (s.this for s in select.selects if isinstance(s, exp.Alias))
        named = (s for s in aliased if s.parent.alias == key.name)
        return next(named, key)
    return key


def _write_order(node: Expr, kinds: Sequence[str]) -> Expr:
    """VARIANTs are sorted by value: numbers as numbers, texts as texts."""
    if kinds[0] != JSON or node.parent is None:
        return node
    key = _sort_key(node)
    written = exp.cast(key.copy(), "text")
    numbers = [exp.TryCast(this=written.copy(), to=built(kind).copy()) for kind in _NUMBERS]
    keys = []
    for value in (*numbers, text_of(key)):
        ordered = node.copy()
        ordered.set("this", value)
        for part in ordered.walk():
            part.meta[DONE] = True
        keys.append(ordered)
    found = node.parent.expressions
    at = next(number for number, one in enumerate(found) if one is node)
    node.parent.set("expressions", [*found[:at], *keys, *found[at + 1 :]])
    return node


_NUMBERS = ("DOUBLE", "HUGEINT")


def _if_variant(operand: Expr) -> Sequence[Expr]:
    return (operand,) if may_be_variant(operand) else ()


def _counted(node: Expr) -> Sequence[Expr]:
    value = node.this
    if isinstance(value, exp.Distinct) and len(value.expressions) == 1:
        value = value.expressions[0]
    return (value,) if may_be_variant(value) else ()


def _write_count(node: Expr, kinds: Sequence[str]) -> Expr:
    """COUNT leaves JSON null out, as it does NULL; COUNT(DISTINCT …) counts values."""
    if kinds[0] == JSON:
        (value,) = _counted(node)
        null = exp.cast(exp.Literal.string("null"), "json")
        is_distinct = value is not node.this
        counted = exp.Anonymous(this="nullif", expressions=[value.copy(), null])
        value.replace(_value_key(counted) if is_distinct else counted)
    return node


def _value_key(node: Expr) -> Expr:
    """A key that is equal for VARIANTs of equal values, and for no others."""
    return call(of_variant("EQUALITY"), exp.cast(node.copy(), "text"))


def _listed(node: Expr) -> Sequence[Expr]:
    """The columns of a SELECT DISTINCT that may hold a VARIANT."""
    select = node.parent
    if not isinstance(select, exp.Select) or node.args.get("on") or select.is_star:
        return ()
    listed = [column.unalias() for column in select.selects]
    return listed if any(may_be_variant(column) for column in listed) else ()


def _write_distinct(node: Expr, kinds: Sequence[str]) -> Expr:
    """SELECT DISTINCT of VARIANTs by value: one of the rows that are equal."""
    if JSON in kinds:
        listed = zip(_listed(node), kinds, strict=True)
        keys = [_value_key(each) if kind == JSON else each.copy() for each, kind in listed]
        node.set("on", exp.Tuple(expressions=keys))
    return node


def _elements(node: Expr) -> Sequence[Expr]:
    """Numbers on their way into an array or object."""
    if isinstance(node, exp.ArrayAgg):
        inner = node.this
        while isinstance(inner, exp.Order | exp.Distinct):
            inner = inner.this or inner.expressions[0]
        return (inner,)
    is_json = str(node.this).upper() in _JSON_FUNCTIONS
    return [e for e in node.expressions if not _is_written(e)] if is_json else ()


def _is_written(element: Expr) -> bool:
    """Tell whether a literal is JSON as it stands, as a text and a number without a point are."""
    return isinstance(element, exp.Literal) and (element.is_string or element.is_int)


def _write_elements(node: Expr, kinds: Sequence[str]) -> Expr:
    is_array = isinstance(node, exp.Anonymous) and str(node.this).upper() == "JSON_ARRAY"
    if is_array and not FLOATS.isdisjoint(kinds):
        raise unsupported("FLOAT in an ARRAY", "cast it to NUMBER")
    is_scalar = isinstance(node, exp.Anonymous) and str(node.this).upper() == "TO_JSON"
    for element, kind in zip(_elements(node), kinds, strict=True):
        if node.meta.get(WITHOUT_NULL):
            element.replace(_never_null(element if kind == JSON else variant_of(element, kind)))
        elif is_changed(kind):
            if is_scalar:
                return variant_of(element, kind)
            element.replace(variant_of(element, kind))
    return node


def _never_null(element: Expr) -> Expr:
    text = "Unsupported feature 'NULL in an ARRAY'"
    return exp.func(
        "coalesce", element.copy(), exp.cast(call("error", exp.Literal.string(text)), "json")
    )


_TYPE_NAMES = {
    "BOOLEAN": "BOOLEAN", "DATE": "DATE", "DOUBLE": "DOUBLE", "TIME": "TIME", "BLOB": "BINARY",
    "TIMESTAMP": "TIMESTAMP_NTZ", WITH_ZONE: "TIMESTAMP_LTZ",
}  # fmt: skip


def note_type(node: Expr) -> Expr:
    """TYPEOF(x::variant) as TYPEOF(x): in a VARIANT a date would be text."""
    value = node.this
    is_cast = isinstance(value, exp.Cast) and value.to.this == exp.DataType.Type.VARIANT
    if is_cast or isinstance(value, exp.ToVariant):
        node.set("this", value.this)
    return node


def _write_type(node: Expr, kinds: Sequence[str]) -> Expr:
    """TYPEOF tells what a VARIANT holds.

    https://docs.snowflake.com/en/sql-reference/functions/typeof
    """
    value, kind = node.this, kinds[0]
    if kind in _TYPE_NAMES:
        is_null = exp.Is(this=exp.paren(value), expression=exp.null())
        told = exp.Literal.string(_TYPE_NAMES[kind])
        return exp.Case(ifs=[exp.If(this=is_null, true=exp.null())], default=told)
    held = value if kind == JSON else variant_of(value, kind)
    return call("_variant_type", held)


def write_get(node: Expr) -> Expr:
    """GET(v, x) as ``v[x]``; a path with a negative place, which no array has, as NULL."""
    if isinstance(node, exp.GetExtract):
        return exp.Bracket(this=node.this.copy(), expressions=[node.expression.copy()])
    places = node.expression.find_all(exp.JSONPathSubscript)
    is_none = any(isinstance(place.this, int) and place.this < 0 for place in places)
    return exp.cast(exp.null(), "variant", dialect="snowflake") if is_none else node


def _path_base(node: Expr) -> Sequence[Expr]:
    """The column that a path begins at."""
    return (node.this,) if isinstance(node.this, exp.Column) else ()


def _refuse_path(node: Expr, kinds: Sequence[str]) -> Expr:
    """A path goes into a VARIANT; DuckDB reads any value as JSON, and finds nothing."""
    kind = kinds[0]
    if kind in _TYPE_NAMES or kind == "VARCHAR" or Number.of(kind):
        told = in_snowflakes_words(kind)
        raise compilation(1044, "42P13", f"Invalid argument types for function 'GET': ({told})")
    return node


def _index(node: Expr) -> Sequence[Expr]:
    """The place in ``v[place]``, if it isn't written as a number or text."""
    places = node.expressions
    return () if len(places) != 1 or isinstance(places[0], exp.Literal) else places


def _write_element(node: Expr, kinds: Sequence[str]) -> Expr:
    """``v[place]``: DuckDB counts a negative one from the end, and reads a text as a path.

    https://docs.snowflake.com/en/sql-reference/functions/get
    """
    value, (place,) = node.this, node.expressions
    if Number.of(kinds[0]):
        is_there: Expr = exp.GTE(this=exp.paren(place), expression=exp.Literal.number(0))
        at: Expr = exp.cast(place, "bigint", dialect="duckdb")
    elif kinds[0] == "VARCHAR":
        is_there = exp.EQ(this=call("json_type", value), expression=exp.Literal.string("OBJECT"))
        at = _pointer(place)
    else:
        raise unsupported(f"an element by {in_snowflakes_words(kinds[0])}", "cast the place")
    return exp.Case(ifs=[exp.If(this=is_there, true=call("json_extract", value, at))])


def _pointer(key: Expr) -> Expr:
    """The JSON pointer (RFC 6901) to a key."""
    for plain, escaped in (("~", "~0"), ("/", "~1")):
        key = call("replace", key, exp.Literal.string(plain), exp.Literal.string(escaped))
    return exp.DPipe(this=exp.Literal.string("/"), expression=key)


_JSON_FUNCTIONS = frozenset({"TO_JSON", "JSON_ARRAY", "LIST", "LIST_VALUE"})


def _summands(value: Expr) -> Sequence[Expr]:
    return (value,) if _may_be_boolean(value) else _if_variant(value)


def _may_be_boolean(value: Expr) -> bool:
    """Tell whether an expression's form shows that it is, or may be, a BOOLEAN."""
    if isinstance(value, exp.Paren):
        return _may_be_boolean(value.this)
    if isinstance(value, exp.Case):
        branches = [
            *(branch.args["true"] for branch in value.args["ifs"]),
            value.args.get("default"),
        ]
        return any(_may_be_boolean(branch) for branch in branches if branch is not None)
    if isinstance(value, exp.Cast | exp.TryCast):
        return value.to.this == exp.DataType.Type.BOOLEAN
    return isinstance(value, exp.Predicate | exp.Boolean | exp.Not | exp.Connector)


_COMPARISON = Rule(_compared, _write_checked)
_AGGREGATE = Rule(lambda node: _if_variant(node.this), _refuse_aggregate)
RULES: dict[type[Expr], Rule] = {
    **dict.fromkeys(
        (
            exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ,
            exp.EqualNull, exp.In, exp.Between,
        ),
        _COMPARISON,
    ),
    **dict.fromkeys((exp.Min, exp.Max), _AGGREGATE),
    **dict.fromkeys(
        (exp.ArgMax, exp.ArgMin),
        Rule(lambda node: _if_variant(node.expression), _refuse_aggregate),
    ),
    exp.Neg: Rule(lambda node: _if_variant(node.this), with_numbers),
    exp.Sum: Rule(lambda node: _summands(summed(node)), write_sum),
    exp.Ordered: Rule(_ordered, _write_order),
    exp.Typeof: Rule(only, _write_type),
    exp.Bracket: Rule(_index, _write_element),
    **dict.fromkeys(
        (exp.JSONExtract, exp.JSONExtractScalar), Rule(_path_base, _refuse_path, is_check=True)
    ),
    exp.Count: Rule(_counted, _write_count),
    exp.Distinct: Rule(_listed, _write_distinct),
    **dict.fromkeys((exp.Anonymous, exp.ArrayAgg), Rule(_elements, _write_elements)),
}  # fmt: skip
