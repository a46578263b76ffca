"""NUMBER as Snowflake computes it."""

import operator
from decimal import Decimal

from sqlglot import Expr, exp

from mocks.snowflake.errors import unsupported

MAX_DIGITS = 38

_INTEGERS = frozenset(
    {
        exp.DataType.Type.TINYINT,
        exp.DataType.Type.SMALLINT,
        exp.DataType.Type.INT,
        exp.DataType.Type.BIGINT,
    }
)


def whole_numbers(node: Expr) -> Expr:
    """INT, NUMBER and NUMBER(38,0) hold 38 digits: DuckDB's HUGEINT.

    Not DECIMAL(38,0), which DuckDB would combine with DECIMAL(38,10) to DECIMAL(38,0), losing ten
    digits without a word (duckdb 2.0, ``select coalesce(null::decimal(38,0),
    1.23::decimal(38,10))``).
    """
    if isinstance(node, exp.DataType) and (node.this in _INTEGERS or _is_whole(node)):
        return exp.DataType(this=exp.DataType.Type.INT128, nested=False)
    return node


def _is_whole(node: exp.DataType) -> bool:
    if node.this != exp.DataType.Type.DECIMAL:
        return False
    sizes = [int(size.name) for size in node.expressions]
    return sizes in ([], [38], [38, 0])


_SIGNS = {exp.Add: operator.add, exp.Sub: operator.sub, exp.Mul: operator.mul}
LITERAL_ARITHMETIC = tuple(_SIGNS)
_LARGEST = 2**31 - 1


def widen(node: Expr) -> Expr:
    """Let two whole literals give what DuckDB's type for such literals is too small for."""
    left, right = _whole(node.this), _whole(node.expression)
    if left is None or right is None:
        return node
    if abs(_SIGNS[type(node)](left, right)) > _LARGEST:
        node.set("this", exp.cast(node.this.copy(), "int128", dialect="duckdb"))
    return node


def _whole(node: Expr) -> int | None:
    """The number of a literal, with or without a minus; none for anything else."""
    number = node.this if isinstance(node, exp.Neg) else node
    if not (isinstance(number, exp.Literal) and number.is_int):
        return None
    return int(number.name) if number is node else -int(number.name)


def spell_out(node: Expr) -> Expr:
    """1e3 is a NUMBER on Snowflake, a DOUBLE in DuckDB; so it is written without its exponent.

    Raises:
        StatementFailed: 2 for more digits than a NUMBER has, of which DuckDB makes a DOUBLE.
    """
    if not isinstance(node, exp.Literal) or node.is_string:
        return node
    if "e" in node.name.lower():
        number = Decimal(node.name)
        text = f"{number:f}"
        if len(text.strip("-0.").replace(".", "")) <= MAX_DIGITS and len(text) <= MAX_DIGITS + 2:
            return exp.Literal.number(text)
    elif "." in node.name and len(node.name) > MAX_DIGITS + 1:
        whole, _, fraction = node.name.partition(".")
        if len(whole.lstrip("0")) + len(fraction) > MAX_DIGITS:
            raise unsupported(f"{node.name}: more than {MAX_DIGITS} digits")
        kind = f"decimal({MAX_DIGITS}, {len(fraction)})"
        return exp.cast(exp.Literal.string(node.name), kind, dialect="duckdb")
    return node
