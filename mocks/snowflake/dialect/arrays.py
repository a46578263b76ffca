"""Arrays and objects: a VARIANT's JSON here, where DuckDB has lists of one type.

What DuckDB can't do with JSON is done by `variant_values.py`, called by the rows of `_CALLS`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fakesnow import transforms
from sqlglot import Expr, exp

from mocks.snowflake.dialect import names_of_functions as name
from mocks.snowflake.dialect import typed
from mocks.snowflake.dialect.json_values import JSON, WITHOUT_NULL, call, variant_of
from mocks.snowflake.duck_types import in_snowflakes_words
from mocks.snowflake.errors import unsupported
from mocks.snowflake.variant_values import no_null_in_array

ARRAY, VALUE, WHOLE, TEXT = "array", "value", "whole", "text"
ATTRIBUTE = "attribute"  # a value that may be NULL
_LIST = exp.DataType.build("JSON[]", dialect="duckdb")
_WITHOUT_NULL_KEYS = name.of_variant("ARRAYS_TO_OBJECT").upper()
_UNKNOWN = ("", '"NULL"')


@dataclass(frozen=True)
class _Call:
    """A function of `variant_values.py`: in which arguments of sqlglot's node it finds its own."""

    function: str
    arguments: tuple[tuple[str, str], ...]
    """The names of sqlglot's arguments, and what each has to be."""
    returns: str = "json"


_OF_ONE = (("this", ARRAY),)
_OF_TWO = (("this", ARRAY), ("expression", ARRAY))
_WITH_VALUE = (("this", ARRAY), ("expression", VALUE))
_FOUND = (("expression", VALUE), ("this", ARRAY))
_CALLS: dict[type[Expr], _Call] = {
    exp.ArrayAppend: _Call("ARRAY_APPEND", _WITH_VALUE),
    exp.ArrayCompact: _Call("ARRAY_COMPACT", _OF_ONE),
    exp.ArrayContains: _Call("ARRAY_CONTAINS", _FOUND, "boolean"),
    exp.ArrayDistinct: _Call("ARRAY_DISTINCT", _OF_ONE),
    exp.ArrayExcept: _Call("ARRAY_EXCEPT", _OF_TWO),
    exp.ArrayInsert: _Call(
        "ARRAY_INSERT", (("this", ARRAY), ("position", WHOLE), ("expression", VALUE))
    ),
    exp.ArrayMax: _Call("ARRAY_MAX", _OF_ONE),
    exp.ArrayMin: _Call("ARRAY_MIN", _OF_ONE),
    exp.ArrayOverlaps: _Call("ARRAYS_OVERLAP", _OF_TWO, "boolean"),
    exp.ArrayPosition: _Call("ARRAY_POSITION", _FOUND, "bigint"),
    exp.ArrayPrepend: _Call("ARRAY_PREPEND", _WITH_VALUE),
    exp.ArrayRemove: _Call("ARRAY_REMOVE", _WITH_VALUE),
    exp.ArrayRemoveAt: _Call("ARRAY_REMOVE_AT", (("this", ARRAY), ("position", WHOLE))),
    exp.ArraySlice: _Call("ARRAY_SLICE", (("this", ARRAY), ("start", WHOLE), ("end", WHOLE))),
    exp.ArrayToString: _Call("ARRAY_TO_STRING", (("this", ARRAY), ("expression", TEXT)), "varchar"),
    exp.Flatten: _Call("ARRAY_FLATTEN", _OF_ONE),
    exp.JSONKeys: _Call("OBJECT_KEYS", _OF_ONE),
    exp.ObjectInsert: _Call(
        "OBJECT_INSERT",
        (("this", ARRAY), ("key", TEXT), ("value", ATTRIBUTE), ("update_flag", TEXT)),
    ),
    exp.SortArray: _Call("ARRAY_SORT", _OF_ONE),
}
_BY_NAME = {"OBJECT_DELETE", "OBJECT_PICK"}


def write(node: Expr) -> Expr:
    """Rewrite a node whose DuckDB form needs no operand types; return any other node as it is."""
    writer = _WRITERS.get(type(node))
    return writer(node) if writer else node


def _concat(node: Expr, kinds: Sequence[str]) -> Expr:
    """ARRAY_CAT, NULL where one of the arrays is: DuckDB's own would leave it out."""
    arrays = _arrays_of(node)
    _refuse_others("ARRAY_CAT", kinds)
    is_null = exp.or_(*(exp.Is(this=exp.paren(a.copy()), expression=exp.null()) for a in arrays))
    joined = _json(call("list_concat", *map(_list, arrays)))
    return exp.Case(ifs=[exp.If(this=is_null, true=exp.null())], default=joined)


def _intersect(node: Expr, kinds: Sequence[str]) -> Expr:
    _refuse_others("ARRAY_INTERSECTION", kinds)
    return call("json", call(name.of_variant("ARRAY_INTERSECTION"), *node.expressions))


def _size(node: Expr, kinds: Sequence[str]) -> Expr:
    """ARRAY_SIZE, NULL for a VARIANT that holds anything else."""
    _refuse_others("ARRAY_SIZE", kinds)
    return transforms.array_size(node)


def _arrays_of(node: Expr) -> Sequence[Expr]:
    return [node.this, *node.expressions] if node.args.get("this") else node.expressions


def _refuse_others(called: str, kinds: Sequence[str]) -> None:
    """Refuse what is neither an array or an object nor a VARIANT."""
    for kind in kinds:
        if kind not in (JSON, *_UNKNOWN):
            raise unsupported(f"{called} of {in_snowflakes_words(kind)}")


def _sort(node: exp.SortArray) -> Expr:
    if node.args.get("asc") is not None:
        raise unsupported("ARRAY_SORT with an order")
    return node


def _insert(node: exp.ObjectInsert) -> Expr:
    if node.args.get("update_flag") is None:
        node.set("update_flag", exp.false())
    return node


def _contains(node: exp.ArrayContains) -> Expr:
    """ARRAY_CONTAINS(NULL, …): true for a NULL among the elements, and NULL without one."""
    listed = node.this
    if not isinstance(node.expression, exp.Null) or not _is_constructed(listed):
        return node
    if _has_null(listed):
        return exp.true()
    is_known = all(isinstance(element, exp.Literal) for element in listed.expressions)
    return exp.cast(exp.null(), "boolean") if is_known else node


def _flattened(node: exp.Flatten) -> Expr:
    """ARRAY_FLATTEN is NULL where an element is."""
    is_null = _is_constructed(node.this) and _has_null(node.this)
    return exp.cast(exp.null(), "json") if is_null else node


def _is_constructed(node: Expr) -> bool:
    """Tell whether an array is written element by element; inner nodes are DuckDB's by now."""
    return isinstance(node, exp.Array) or (
        isinstance(node, exp.Anonymous) and str(node.this).upper() == "JSON_ARRAY"
    )


def _has_null(node: Expr) -> bool:
    return any(isinstance(element, exp.Null) for element in node.expressions)


def _reader(node: Expr) -> Expr | None:
    """The function that an array is the first argument of, or any argument of sqlglot's node."""
    inner: Expr = node
    while isinstance(inner.parent, exp.Cast):
        inner = inner.parent
    reader = inner.parent
    is_other = isinstance(reader, exp.Anonymous) and reader.expressions[0] is not inner
    return None if is_other else reader


def _leaves_nulls_out(node: Expr | None) -> bool:
    """Tell whether a function takes NULLs and JSON nulls for the same, and answers with neither."""
    if isinstance(node, exp.Anonymous):
        return node.name.upper() == _WITHOUT_NULL_KEYS
    if isinstance(node, exp.ArrayOverlaps):
        return _is_constructed(node.this) and _is_constructed(node.expression)
    if isinstance(node, exp.ArrayContains):
        return isinstance(node.expression, exp.Null)
    return isinstance(node, exp.ArrayMax | exp.ArrayMin | exp.Flatten)


def _array(node: exp.Array) -> Expr:
    made = exp.Anonymous(this="json_array", expressions=node.expressions)
    if not _leaves_nulls_out(_reader(node)):
        if _has_null(node):
            raise no_null_in_array()
        made.meta[WITHOUT_NULL] = True
    return made


def _ordered(node: exp.Struct) -> Expr:
    """Attributes in order, as an OBJECT keeps them."""
    if all(isinstance(p, exp.PropertyEQ) for p in node.expressions):
        node.set("expressions", sorted(node.expressions, key=lambda p: p.this.name))
    return node


def _by_keys(node: exp.Anonymous) -> Expr:
    """OBJECT_DELETE and OBJECT_PICK: attributes one by one, or in an array."""
    if str(node.this).upper() not in _BY_NAME:
        return node
    value, *keys = node.expressions
    is_array = len(keys) == 1 and not (isinstance(keys[0], exp.Literal) and keys[0].is_string)
    listed = keys[0] if is_array else exp.Anonymous(this="json_array", expressions=keys)
    return call("json", call(name.of_variant(str(node.this)), value, listed))


def operands(node: Expr) -> Sequence[Expr]:
    """The arguments of a call, in the order of the function."""
    named = _CALLS[type(node)].arguments
    return [node.args[argument] for argument, _ in named if node.args.get(argument) is not None]


def write_call(node: Expr, kinds: Sequence[str]) -> Expr:
    """A call of `variant_values.py`, its arguments converted by their types."""
    function = _CALLS[type(node)]
    roles = [role for argument, role in function.arguments if node.args.get(argument) is not None]
    values = [
        _argument(function.function, operand, kind, role)
        for operand, kind, role in zip(operands(node), kinds, roles, strict=True)
    ]
    called = call(name.of_variant(function.function), *values)
    return (
        call("json", called) if function.returns == "json" else exp.cast(called, function.returns)
    )


def _argument(called: str, node: Expr, kind: str, role: str) -> Expr:
    if role == VALUE:
        if isinstance(node, exp.Null):
            raise no_null_in_array()
        return node if kind == JSON else variant_of(node, kind)
    if role == ATTRIBUTE:
        return node if kind == JSON else variant_of(node, kind)
    if role == ARRAY:
        _refuse_others(called, [kind])
        return exp.cast(node.copy(), "text")
    return exp.cast(exp.cast(node.copy(), "bigint") if role == WHOLE else node.copy(), "text")


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


_WRITERS: dict[type[Expr], Callable[..., Expr]] = {
    exp.ArrayContains: _contains,
    exp.Flatten: _flattened,
    exp.Array: _array,
    exp.ArrayConstructCompact: _without_nulls,
    exp.SortArray: _sort,
    exp.ObjectInsert: _insert,
    exp.Struct: _ordered,
    exp.Anonymous: _by_keys,
}
KINDS = tuple(_WRITERS)
RULES: typed.Rules = {
    **dict.fromkeys(_CALLS, typed.Rule(operands, write_call)),
    exp.ArrayConcat: typed.Rule(_arrays_of, _concat),
    exp.ArrayIntersect: typed.Rule(_arrays_of, _intersect),
    exp.ArraySize: typed.Rule(typed.only, _size),
}
