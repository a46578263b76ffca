"""Arrays and objects: a VARIANT's JSON here, where DuckDB has lists of one type.

What DuckDB can't do with JSON is done by `variant_values.py`, called by the rows of `_CALLS`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import Expr, exp

from mocks.snowflake.dialect import names_of_functions as name
from mocks.snowflake.dialect import typed
from mocks.snowflake.dialect.json_values import JSON, call, variant_of
from mocks.snowflake.errors import unsupported

ARRAY, VALUE, WHOLE, TEXT = "array", "value", "whole", "text"
_LIST = exp.DataType.build("JSON[]", dialect="duckdb")
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
        "OBJECT_INSERT", (("this", ARRAY), ("key", TEXT), ("value", VALUE), ("update_flag", TEXT))
    ),
    exp.SortArray: _Call("ARRAY_SORT", _OF_ONE),
}
_BY_NAME = {"OBJECT_DELETE", "OBJECT_PICK"}


def write(node: Expr) -> Expr:
    """Rewrite a node whose DuckDB form needs no operand types; return any other node as it is."""
    writer = _WRITERS.get(type(node))
    return writer(node) if writer else node


def _concat(node: exp.ArrayConcat) -> Expr:
    return _json(call("list_concat", *map(_list, (node.this, *node.expressions))))


def _intersect(node: exp.ArrayIntersect) -> Expr:
    return call("json", call(name.of_variant("ARRAY_INTERSECTION"), *node.expressions))


def _sort(node: exp.SortArray) -> Expr:
    if node.args.get("asc") is not None:
        raise unsupported("ARRAY_SORT with an order")
    return node


def _insert(node: exp.ObjectInsert) -> Expr:
    if node.args.get("update_flag") is None:
        node.set("update_flag", exp.false())
    return node


def _array(node: exp.Array) -> Expr:
    if any(isinstance(element, exp.Null) for element in node.expressions):
        raise unsupported("NULL in an ARRAY", "it would be null there, and is undefined")
    return exp.Anonymous(this="json_array", expressions=node.expressions)


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
        _argument(operand, kind, role)
        for operand, kind, role in zip(operands(node), kinds, roles, strict=True)
    ]
    called = call(name.of_variant(function.function), *values)
    return (
        call("json", called) if function.returns == "json" else exp.cast(called, function.returns)
    )


def _argument(node: Expr, kind: str, role: str) -> Expr:
    if role == VALUE:
        if isinstance(node, exp.Null):
            raise unsupported("NULL in an ARRAY", "it would be null there, and is undefined")
        return node if kind == JSON else variant_of(node, kind)
    if role == ARRAY:
        if kind not in (JSON, *_UNKNOWN):
            raise unsupported(f"a function of arrays and objects for {kind}")
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
    exp.Array: _array,
    exp.ArrayConstructCompact: _without_nulls,
    exp.ArrayConcat: _concat,
    exp.ArrayIntersect: _intersect,
    exp.SortArray: _sort,
    exp.ObjectInsert: _insert,
    exp.Struct: _ordered,
    exp.Anonymous: _by_keys,
}
KINDS = tuple(_WRITERS)
RULES: typed.Rules = dict.fromkeys(_CALLS, typed.Rule(operands, write_call))
