"""Values on their way into text: casts, `||`, functions of text, TO_CHAR.

What DuckDB writes for a FLOAT, a timestamp, a BINARY and a VARIANT is not what Snowflake writes. So
each value that becomes text is converted by its type, by the one function `as_text`.
https://docs.snowflake.com/en/sql-reference/data-type-conversion
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from sqlglot import Expr, exp, parse_one

from mocks.snowflake import macros
from mocks.snowflake.dialect import names_of_functions as name
from mocks.snowflake.dialect.arithmetic import Number
from mocks.snowflake.dialect.json_values import WITH_ZONE, as_text, call
from mocks.snowflake.dialect.tried import tried
from mocks.snowflake.dialect.typed import Rule, only
from mocks.snowflake.duck_types import in_snowflakes_words
from mocks.snowflake.errors import unsupported

_TIMES = frozenset({"TIMESTAMP", WITH_ZONE, "DATE"})
_BITS = 8
UNHEX = "_unhex"
_TRY_UNHEX = "_try_unhex"
BINARY_FORMATS: Mapping[str, tuple[str, str]] = {
    "HEX": ("hex", UNHEX),
    "BASE64": ("base64", "from_base64"),
    "UTF-8": ("decode", "encode"),
    "UTF8": ("decode", "encode"),
}
"""DuckDB's functions from BINARY to text and back, by format."""


def formatted(node: Expr, kinds: Sequence[str]) -> Expr:
    """TO_CHAR and TO_VARCHAR by the type of what is written."""
    value, form, kind = node.this, node.args.get("format"), kinds[0]
    if form is None:
        return exp.cast(as_text(value, kind), "text")
    if kind == "BLOB":
        return call(_binary_functions(form)[0], value)
    if kind in _TIMES:
        return call(name.TIME_TEXT, exp.cast(value.copy(), "timestamp"), form)
    if kind == "TIME":
        day = exp.cast(exp.Literal.string("1970-01-01"), "date")
        return call(name.TIME_TEXT, exp.Add(this=day, expression=value.copy()), form)
    if Number.of(kind):
        return call(name.NUMBER_TEXT, exp.cast(value.copy(), "text"), form)
    raise unsupported(f"TO_CHAR of {in_snowflakes_words(kind)} with a format", "cast it")


def _binary_functions(form: Expr) -> tuple[str, str]:
    found = BINARY_FORMATS.get(form.name.upper()) if isinstance(form, exp.Literal) else None
    if found is None:
        raise unsupported(f"the binary format {form.sql(dialect='snowflake')}")
    return found


def number_of(node: Expr) -> Expr:
    """TO_NUMBER and TO_DOUBLE with a format: the text of the number in its place."""
    if not isinstance(node, exp.ToNumber | exp.ToDouble):
        return node
    form, *digits = (node.args.get(part) for part in ("format", "precision", "scale"))
    for number in digits if form is None or form.is_string else (form, *digits):
        if number is not None and not (isinstance(number, exp.Literal) and number.is_int):
            raise unsupported("TO_NUMBER with digits that are no whole constant")
    if form is None or not form.is_string:
        return node
    text = exp.cast(node.this.copy(), "text")

    def read(text: Expr) -> Expr:
        return call(name.NUMBER_OF, text, form)

    node.set("this", exp.cast(tried(read, text) if node.args.get("safe") else read(text), "text"))
    node.set("format", None)
    return node


def uuid_of(node: Expr) -> Expr:
    """UUID_STRING of a UUID and a name: the first one has to be a UUID."""
    given = node.this
    if given is None or not node.args.get("name"):
        return node
    pattern = exp.Literal.string("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
    text = exp.cast(given.copy(), "text")
    is_none = exp.Not(this=call("regexp_full_match", text, pattern))
    told = exp.DPipe(this=exp.Literal.string(NO_UUID), expression=text.copy())
    refused = exp.If(this=is_none, true=call("error", told))
    node.set("this", exp.Case(ifs=[refused], default=text.copy()))
    node.set("name", exp.cast(node.args["name"].copy(), "text"))
    return node


NO_UUID = "Not a UUID: "


def to_binary(node: Expr, kinds: Sequence[str]) -> Expr:
    """TO_BINARY: hexadecimal digits, unless a format says otherwise."""
    if kinds[0] == "BLOB":
        return node.this
    form = node.args.get("format")
    function = _binary_functions(form)[1] if form is not None else UNHEX
    return read_binary(function, as_text(node.this, kinds[0]), is_tried=bool(node.args.get("safe")))


def read_binary(function: str, text: Expr, *, is_tried: bool) -> Expr:
    """BINARY of a text by one of DuckDB's functions; with `is_tried`, NULL where there is none."""
    if is_tried and function == UNHEX:
        return macros.qualify(call(_TRY_UNHEX, text))  # which has no error, and needs no TRY

    def read(text: Expr) -> Expr:
        return macros.qualify(call(function, text))

    return tried(read, text) if is_tried else read(text)


def _bytes(node: Expr, kinds: Sequence[str]) -> Expr:
    """OCTET_LENGTH and BIT_LENGTH: of a text its UTF-8."""
    is_binary = kinds[0] == "BLOB"
    held = (
        node.this if is_binary else call("encode", exp.cast(as_text(node.this, kinds[0]), "text"))
    )
    counted = call("octet_length", held)
    if isinstance(node, exp.BitLength):
        return exp.Mul(this=counted, expression=exp.Literal.number(_BITS))
    return counted


def _base64(node: Expr, kinds: Sequence[str]) -> Expr:
    """BASE64_ENCODE: of a text its UTF-8."""
    if node.args.get("max_line_length") or node.args.get("alphabet"):
        raise unsupported("BASE64_ENCODE with lines or an alphabet")
    is_binary = kinds[0] == "BLOB"
    text = exp.cast(as_text(node.this, kinds[0]).copy(), "text")
    return call("base64", node.this if is_binary else call("encode", text))


_ONLY_THIS = (exp.Left, exp.Right, exp.Pad, exp.Repeat, exp.Substring, exp.Length)
_JOINED = (exp.DPipe, exp.Concat)
_LEAVES_BINARY = (
    exp.Length, exp.Substring, *_JOINED, exp.MD5, exp.SHA, exp.Left, exp.Right, exp.Stuff, exp.Hex,
)  # fmt: skip


def _operands(node: Expr) -> list[Expr]:
    """Return a text function's text operands, without those whose form shows that they are text."""
    names = ("this",) if isinstance(node, _ONLY_THIS) else ("this", "expression", "expressions")
    found = [node.args.get(argument) for argument in names]
    flat = [part for arg in found for part in (arg if isinstance(arg, list) else [arg])]
    flat = [_innermost(part) for part in flat]
    return [part for part in flat if isinstance(part, Expr) and not is_text(part)]


def _innermost(part: Any) -> Any:
    """The listed value of an argument that may have DISTINCT or an order."""
    while isinstance(part, exp.Distinct | exp.Order):
        part = part.expressions[0] if isinstance(part, exp.Distinct) else part.this
    return part


def _count(node: Expr) -> int:
    """The number of a function's arguments that are not NULL."""
    joined = (node.this, node.expression) if isinstance(node, exp.DPipe) else node.expressions
    return sum(not isinstance(part, exp.Null) for part in joined)


def is_text(node: Expr) -> bool:
    """Tell whether an expression is text, as far as its form shows."""
    if isinstance(node, exp.Paren | exp.Alias):
        return is_text(node.this)
    if isinstance(node, exp.Cast | exp.TryCast):
        return node.to.this in exp.DataType.TEXT_TYPES
    if isinstance(node, exp.Literal):
        return node.is_string
    return isinstance(
        node, (*TEXT_FUNCTIONS, exp.All, exp.Any, exp.Null, exp.Placeholder, exp.JSONExtractScalar)
    )


def _write(node: Expr, kinds: Sequence[str]) -> Expr:
    is_joined = isinstance(node, _JOINED) and "BLOB" in kinds
    if is_joined and list(kinds) != ["BLOB"] * _count(node):
        raise unsupported("BINARY joined to text", "cast one of them")
    if isinstance(node, exp.GroupConcat) and _is_sorted_once(node) and kinds[:1] != ["VARCHAR"]:
        return _listed_once(node, kinds[0])
    for operand, kind in zip(_operands(node), kinds, strict=True):
        is_left = kind == "BLOB" and isinstance(node, _LEAVES_BINARY)
        converted = operand if is_left else as_text(operand, kind)
        if converted is not operand:
            operand.replace(converted)
    return node


def _is_sorted_once(node: exp.GroupConcat) -> bool:
    order = node.this
    is_distinct = isinstance(order, exp.Order) and isinstance(order.this, exp.Distinct)
    return is_distinct and not isinstance(node.parent, exp.Window)


def _listed_once(node: exp.GroupConcat, kind: str) -> Expr:
    """LISTAGG(DISTINCT …) of numbers or dates, in their order rather than that of their texts."""
    keys = [ordered.this for ordered in node.this.expressions]
    if keys != node.this.this.expressions or not (Number.of(kind) or kind == "DATE"):
        raise unsupported("LISTAGG(DISTINCT …) in the order of something else", "cast it to text")
    made = _of_list().copy()
    given = {"_list": call("list", node.this), "_by": node.args["separator"].copy()}
    for place in list(made.find_all(exp.Column)):
        if place.name in given:
            place.replace(given[place.name])
    return made


@functools.cache
def _of_list() -> Expr:
    """The text of a list, parsed once."""
    sql = "array_to_string(list_transform(_list, lambda _e: CAST(_e AS VARCHAR)), _by)"
    return parse_one(sql, read="duckdb")


TEXT_FUNCTIONS = (
    exp.Upper, exp.Lower, exp.Trim, exp.Substring, exp.Concat, exp.ConcatWs, exp.DPipe, exp.Replace,
    exp.RegexpReplace, exp.SplitPart, exp.Left, exp.Right, exp.MD5, exp.SHA, exp.Reverse,
    exp.Initcap, exp.Pad, exp.Repeat, exp.Translate, exp.GroupConcat,
)  # fmt: skip
"""Functions of text that answer text."""
_OTHERS = (
    exp.Length, exp.Like, exp.ILike, exp.RegexpLike, exp.StartsWith, exp.EndsWith, exp.Contains,
    exp.StrPosition, exp.Levenshtein, exp.Unicode, exp.Stuff, exp.Hex,
)  # fmt: skip
RULES: dict[type[Expr], Rule] = {
    **dict.fromkeys((*TEXT_FUNCTIONS, *_OTHERS), Rule(_operands, _write)),
    exp.ToChar: Rule(only, formatted),
    exp.ToBinary: Rule(only, to_binary),
    exp.ByteLength: Rule(only, _bytes),
    exp.BitLength: Rule(only, _bytes),
    exp.Base64Encode: Rule(only, _base64),
}
