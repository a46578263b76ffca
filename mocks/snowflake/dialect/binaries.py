"""Functions of text and numbers that have another meaning for BINARY."""

from collections.abc import Sequence

from sqlglot import Expr, exp

from mocks.snowflake.dialect import texts
from mocks.snowflake.dialect.json_values import call
from mocks.snowflake.dialect.typed import Rule

BITS, SUBSTRING, POSITION = "_binary_bits", "_binary_substring", "_binary_position"
_BINARY = "BLOB"
_LONGEST = exp.Literal.number(2**31)
_OPERATORS: dict[type[Expr], str] = {
    exp.BitwiseAnd: "and",
    exp.BitwiseOr: "or",
    exp.BitwiseXor: "xor",
}


def _both(node: Expr) -> Sequence[Expr]:
    return (node.this, node.expression)


def _bits(node: Expr, kinds: Sequence[str]) -> Expr:
    if _BINARY not in kinds:
        return node
    padded = node.args.get("padside") or exp.Literal.string("")
    called = exp.Literal.string(_OPERATORS[type(node)])
    return call(BITS, called, node.this, node.expression, padded)


def _substring(node: Expr, kinds: Sequence[str]) -> Expr:
    if list(kinds) != [_BINARY]:
        return texts.RULES[exp.Substring].write(node, kinds)
    length = node.args.get("length") or _LONGEST
    return call(
        SUBSTRING, node.this, *(exp.cast(n, "bigint") for n in (node.args["start"], length))
    )


def _position(node: Expr, kinds: Sequence[str]) -> Expr:
    if list(kinds) != [_BINARY]:
        return texts.RULES[exp.StrPosition].write(node, kinds)
    start = node.args.get("position") or exp.Literal.number(1)
    return call(POSITION, node.this, node.args["substr"], exp.cast(start, "bigint"))


RULES = {
    **dict.fromkeys(_OPERATORS, Rule(_both, _bits)),
    exp.Substring: Rule(texts.RULES[exp.Substring].operands, _substring),
    exp.StrPosition: Rule(texts.RULES[exp.StrPosition].operands, _position),
}
