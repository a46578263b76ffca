"""Products, quotients, remainders and averages of NUMBER, with Snowflake's scale and rounding.

Scale of a product ``min(s1 + s2, max(s1, s2, 12))``, of a quotient ``max(s1, min(s1 + 6, 12))``;
digits before the point ``l1 + l2`` and ``l1 + s2``; in all at most 38; rounded half away from zero.
https://docs.snowflake.com/en/sql-reference/operators-arithmetic
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import Expr, exp, parse_one

from mocks.snowflake.dialect import names_of_functions as name
from mocks.snowflake.dialect import scopes
from mocks.snowflake.dialect.json_values import FLOATS
from mocks.snowflake.dialect.typed import Rule
from mocks.snowflake.duck_types import in_snowflakes_words
from mocks.snowflake.errors import compilation, unsupported

MAX_DIGITS = 38
_NARROW = 18  # digits that DuckDB computes with in 64 bits
_WIDTHS = {
    "TINYINT": 3, "SMALLINT": 5, "INTEGER": 10, "BIGINT": 19, "HUGEINT": 38,
    "UTINYINT": 3, "USMALLINT": 5, "UINTEGER": 10, "UBIGINT": 20,
}  # fmt: skip
_FLOATS = frozenset({"DOUBLE", "FLOAT"})
_READ_AS_FLOAT = frozenset({"JSON", "VARCHAR"})
_NULL = '"NULL"'
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


@dataclass(frozen=True)
class Number:
    """NUMBER(precision, scale)."""

    precision: int
    scale: int

    @property
    def leading(self) -> int:
        """Digits before the point."""
        return self.precision - self.scale

    @classmethod
    def of(cls, duck_type: str) -> "Number | None":
        """The NUMBER that a DuckDB type stands for; None for other types."""
        if decimal := _DECIMAL.fullmatch(duck_type):
            return cls(int(decimal[1]), int(decimal[2]))
        width = _WIDTHS.get(duck_type)
        return cls(width, 0) if width else None

    def sql(self) -> str:
        """Its DuckDB type."""
        return f"DECIMAL({self.precision}, {self.scale})"


def product_type(a: Number, b: Number) -> Number:
    """The type of ``a * b``."""
    scale = min(a.scale + b.scale, max(a.scale, b.scale, 12))
    return Number(min(MAX_DIGITS, a.leading + b.leading + scale), min(scale, 37))


def quotient_type(a: Number, b: Number) -> Number:
    """The type of ``a / b``."""
    scale = max(a.scale, min(a.scale + 6, 12))
    return Number(min(MAX_DIGITS, a.leading + b.scale + scale), scale)


def _both(node: Expr) -> Sequence[Expr]:
    sides = (node.this, node.expression)
    are_literals = all(isinstance(side, exp.Literal) and side.is_int for side in sides)
    return () if are_literals and isinstance(node, exp.Mul) else sides


def with_numbers(node: Expr, kinds: Sequence[str]) -> Expr:
    """Take the numbers out of VARIANT operands, as FLOAT, which the result is then as well.

    https://docs.snowflake.com/en/sql-reference/functions/to_double
    """
    for side, kind in zip((node.this, node.args.get("expression")), kinds, strict=False):
        if kind == "JSON":
            side.replace(_float(side))
    return node


def _float(node: Expr) -> Expr:
    text = exp.cast(node.copy(), "text")
    taken = exp.Anonymous(this=name.of_variant("FLOAT"), expressions=[text])
    return exp.cast(taken, "double")


def _write_product(node: Expr, kinds: Sequence[str]) -> Expr:
    if "JSON" in kinds:
        return with_numbers(node, kinds)
    numbers = _numbers("*", kinds)
    if numbers is None:
        return node
    a, b = numbers
    result = product_type(a, b)
    if a.scale == b.scale == 0:
        return exp.Mul(this=_as(node.this, "HUGEINT"), expression=_as(node.expression, "HUGEINT"))
    exact = _call(name.MULTIPLY, node, result)
    if a.scale + b.scale > MAX_DIGITS or not scopes.is_of_a_row(node):
        return exact  # DuckDB has no such scale, and no TRY over aggregates
    if max(a.precision, b.precision) <= _NARROW:
        a = Number(_NARROW + 1, a.scale)  # DuckDB's product of two narrow ones is narrow
    native = exp.Mul(this=_decimal(node.this, a), expression=_decimal(node.expression, b))
    if a.precision + b.precision <= MAX_DIGITS:
        return _made(exp.paren(native, copy=False), result.sql())
    whole = _made(exp.paren(native, copy=False), result.sql())
    tried = exp.Anonymous(this="try", expressions=[whole])
    return exp.func("coalesce", tried, exact)


def _write_quotient(node: Expr, kinds: Sequence[str]) -> Expr:
    if "JSON" in kinds:
        return _checked_division(with_numbers(node, kinds))
    numbers = _numbers("/", kinds)
    if numbers is None:
        return _checked_division(node)
    return _call(name.DIVIDE, node, quotient_type(*numbers))


def _write_remainder(node: Expr, kinds: Sequence[str]) -> Expr:
    if "JSON" in kinds:
        return _checked_division(with_numbers(node, kinds))
    numbers = _numbers("%", kinds)
    if numbers is None:
        return _checked_division(node) if FLOATS & set(kinds) else node
    a, b = numbers
    scale = max(a.scale, b.scale)
    if scale:
        common = Number(MAX_DIGITS, scale)
        node.set("this", _decimal(node.this, common))
        node.set("expression", _decimal(node.expression, common))
    return _checked_division(node)


def _checked_division(node: Expr) -> Expr:
    """An error for a zero divisor, where DuckDB has infinity or NULL."""
    error = exp.Anonymous(this="error", expressions=[exp.Literal.string("Division by zero")])
    is_zero = exp.EQ(this=node.expression.copy(), expression=exp.Literal.number(0))
    if isinstance(node.this, exp.Null):
        return exp.null()
    return exp.Case(ifs=[exp.If(this=is_zero, true=error)], default=node.copy())


def _averaged(node: Expr) -> Sequence[Expr]:
    """Return the argument of an AVG, or of the AVG in a window; empty for any other node."""
    average = node.this if isinstance(node, exp.Window) else node
    is_in_window = isinstance(node, exp.Avg) and isinstance(node.parent, exp.Window)
    if not isinstance(average, exp.Avg) or is_in_window:
        return ()
    is_distinct = isinstance(average.this, exp.Distinct)
    return (average.this.expressions[0] if is_distinct else average.this,)


def _write_average(node: Expr, kinds: Sequence[str]) -> Expr:
    """``AVG(x)`` as ``SUM(x) / COUNT(x)``, both over the same window; a float stays an average."""
    if kinds[0] in _FLOATS or kinds[0] == _NULL:
        return node
    if kinds[0] in _READ_AS_FLOAT:
        return _of_float(node, _averaged(node)[0], kinds[0])
    number = Number.of(kinds[0])
    if number is None:
        raise unsupported(
            "AVG of what is no NUMBER", f"it is {in_snowflakes_words(kinds[0])}; cast it"
        )
    total, count = (_in_place_of_average(node, kind) for kind in (exp.Sum, exp.Count))
    divided = exp.Div(this=total, expression=count)
    kind = quotient_type(Number(MAX_DIGITS, number.scale), Number(18, 0))
    if isinstance(node, exp.Window):  # three digits more, where it is six without a window
        kind = Number(MAX_DIGITS, max(number.scale, min(number.scale + 3, 12)))
    nothing = exp.EQ(this=count.copy(), expression=exp.Literal.number(0))
    call = _call(name.DIVIDE, divided, kind)
    return exp.Case(ifs=[exp.If(this=nothing, true=exp.null())], default=call)


def summed(node: Expr) -> Expr:
    """The argument of a SUM, with or without DISTINCT."""
    return node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this


def write_sum(node: Expr, kinds: Sequence[str]) -> Expr:
    """SUM by the type of what is added up."""
    if kinds[0] == "BOOLEAN":
        raise compilation(1044, "42P13", "Invalid argument types for function 'SUM': (BOOLEAN)")
    is_float = kinds[0] in _READ_AS_FLOAT
    return _of_float(node, summed(node), kinds[0]) if is_float else node


def _of_float(node: Expr, value: Expr, kind: str) -> Expr:
    """SUM and AVG of texts, and of what VARIANTs hold, are FLOAT."""
    value.replace(_float(value) if kind == "JSON" else exp.cast(value.copy(), "double"))
    return node


def _in_place_of_average(node: Expr, kind: type[Expr]) -> Expr:
    copy = node.copy()
    if isinstance(copy, exp.Window):
        copy.set("this", kind(this=copy.this.this))
        return copy
    return kind(this=copy.this)


def _spread(node: Expr) -> Sequence[Expr]:
    return (summed(node),)


def _write_variance(node: Expr, kinds: Sequence[str]) -> Expr:
    """The variance of NUMBER is a NUMBER: ``(n Σx² - (Σx)²) / (n (n - 1))`` in whole numbers."""
    number = Number.of(kinds[0])
    if number is None:
        return node
    if isinstance(node.this, exp.Distinct) or isinstance(node.parent, exp.Window):
        raise unsupported(f"{node.sql_name()} of NUMBERs with DISTINCT or OVER", "cast to FLOAT")
    kind = quotient_type(Number(MAX_DIGITS, min(2 * number.scale, 12)), Number(18, 0))
    lost = 0 if isinstance(node, exp.VariancePop) else 1
    made = _variance_template(lost, 10**number.scale, kind.scale).copy()
    for column in list(made.find_all(exp.Column)):
        column.replace(exp.paren(node.this))
    return _made(made, kind.sql())


@functools.cache
def _variance_template(lost: int, unit: int, scale: int) -> Expr:
    """The variance of the column `x` with so many degrees of freedom less, parsed once."""
    whole = f"CAST(x * {unit} AS HUGEINT)"
    total, squares = f"sum({whole})", f"sum({whole} * {whole})"
    pairs = f"count(x) * (count(x) - {lost})"
    return parse_one(
        f"CASE WHEN {pairs} > 0 THEN {name.DIVIDE}("
        f"CAST(count(x) * {squares} - {total} * {total} AS VARCHAR), "
        f"CAST({pairs} * {unit * unit} AS VARCHAR), {scale}) END",
        read="duckdb",
    )


def _numbers(operator: str, kinds: Sequence[str]) -> tuple[Number, Number] | None:
    """Both operands' types; None where DuckDB's own operator is right: floats, dates, NULL."""
    a, b = (Number.of(kind) for kind in kinds)
    if a and b:
        return a, b
    if _NULL in kinds or any(k in _FLOATS or k.startswith(_TEMPORAL) for k in kinds):
        return None
    told = " and ".join(map(in_snowflakes_words, kinds))
    raise unsupported(f"{operator} of {told}", "cast the operands to NUMBER or FLOAT")


_TEMPORAL = ("DATE", "TIME", "INTERVAL")


def _decimal(node: Expr, number: Number) -> Expr:
    return _as(node, number.sql())


def _as(node: Expr, duck_type: str) -> Expr:
    return _made(node.copy(), duck_type)


def _made(node: Expr, duck_type: str) -> Expr:
    """A cast of a node that is nowhere else: large operands are not copied once more."""
    return exp.cast(node, built(duck_type).copy(), copy=False)


@functools.cache
def built(duck_type: str) -> exp.DataType:
    """A DuckDB type, parsed once; to be copied."""
    return exp.DataType.build(duck_type, dialect="duckdb")


def _call(function: str, node: Expr, result: Number) -> Expr:
    operands = [_as(o, "VARCHAR") for o in (node.this, node.expression)]
    scale = exp.Literal.number(result.scale)
    return _made(exp.Anonymous(this=function, expressions=[*operands, scale]), result.sql())


RULES: dict[type[Expr], Rule] = {
    exp.Mul: Rule(_both, _write_product),
    exp.Div: Rule(_both, _write_quotient),
    exp.Mod: Rule(_both, _write_remainder),
    exp.Avg: Rule(_averaged, _write_average),
    exp.Window: Rule(_averaged, _write_average),
    exp.Variance: Rule(_spread, _write_variance),
    exp.VariancePop: Rule(_spread, _write_variance),
}
