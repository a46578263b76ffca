"""MEDIAN and PERCENTILE_CONT, FLOOR and CEIL with a scale: exact for NUMBER.

DuckDB interpolates in the scale of the values and through floats, Snowflake with three digits more.
"""

from collections.abc import Sequence

from sqlglot import Expr, exp

from mocks.snowflake.dialect import names_of_functions as name
from mocks.snowflake.dialect.arithmetic import MAX_DIGITS, Number
from mocks.snowflake.dialect.json_values import FLOATS, call
from mocks.snowflake.dialect.typed import Rule, only
from mocks.snowflake.duck_types import in_snowflakes_words
from mocks.snowflake.errors import compilation, unsupported

_MORE_DIGITS = 3
KINDS = (exp.PercentileCont, exp.PercentileDisc, exp.ApproxQuantile)
_HALF = "0.5"


def refuse(node: Expr) -> Expr:
    """Refuse a percentile that isn't from 0 to 1; DuckDB counts negative ones from the end."""
    place = node.args["quantile"] if isinstance(node, exp.ApproxQuantile) else node.this
    number = place.this if isinstance(place, exp.Neg) else place
    is_number = isinstance(number, exp.Literal) and not number.is_string
    if is_number and not 0 <= float(number.name) * (1 if number is place else -1) <= 1:
        told = place.sql()
        raise compilation(1008, "22023", f"invalid value [{told}] for parameter 'PERCENTILE'")
    return node


def _values(node: Expr) -> Sequence[Expr]:
    """The arguments of MEDIAN, or of PERCENTILE_CONT within its group."""
    if isinstance(node, exp.Median):
        if isinstance(node.parent, exp.Window):
            raise unsupported("MEDIAN over a window")
        return (node.this,)
    if not isinstance(node.this, exp.PercentileCont):
        return ()
    if isinstance(node.parent, exp.Window):
        raise unsupported("PERCENTILE_CONT over a window")
    return (node.expression.expressions[0].this,)


def _write(node: Expr, kinds: Sequence[str]) -> Expr:
    (values,) = _values(node)
    fraction = _fraction(node)
    if kinds[0] in FLOATS:
        return call("quantile_cont", values, exp.Literal.number(fraction))
    number = Number.of(kinds[0])
    if number is None:
        kind = in_snowflakes_words(kinds[0])
        raise unsupported(f"{_told(node)} of what is no NUMBER or FLOAT", f"it is {kind}")
    scale = number.scale + _MORE_DIGITS
    texts = call("list", exp.cast(values.copy(), "text"))
    made = call(name.PERCENTILE, texts, exp.Literal.string(fraction), exp.Literal.number(scale))
    return exp.cast(made, f"decimal({MAX_DIGITS}, {scale})")


def _told(node: Expr) -> str:
    return "MEDIAN" if isinstance(node, exp.Median) else "PERCENTILE_CONT"


def _fraction(node: Expr) -> str:
    """The place as a number from 0 to 1, from the least value on."""
    if isinstance(node, exp.Median):
        return _HALF
    place = node.this.this
    if not isinstance(place, exp.Literal) or place.is_string:
        raise unsupported("PERCENTILE_CONT of what is no constant")
    if node.expression.expressions[0].args.get("desc"):
        raise unsupported("PERCENTILE_CONT in descending order", "ask for 1 less the fraction")
    return place.name


def _write_scaled(node: Expr, kinds: Sequence[str]) -> Expr:
    """FLOOR and CEIL of a NUMBER: to a constant number of digits, or of a whole one itself."""
    number, digits = Number.of(kinds[0]), node.args.get("decimals")
    if digits is None:
        return node.this if number is not None and not number.scale else node
    text = digits.sql()
    if number is None or not text.lstrip("-").isdigit():
        raise unsupported(f"{node.sql_name()} with a scale of {in_snowflakes_words(kinds[0])}")
    scale = int(text)
    if scale >= number.scale:
        return node.this
    function = name.ROUNDED_UP if isinstance(node, exp.Ceil) else name.ROUNDED_DOWN
    made = call(function, exp.cast(node.this.copy(), "text"), exp.Literal.number(scale))
    return exp.cast(made, f"decimal({MAX_DIGITS}, {max(scale, 0)})")


_RULE = Rule(_values, _write)
_SCALED = Rule(only, _write_scaled)
RULES: dict[type[Expr], Rule] = {
    exp.Median: _RULE,
    exp.WithinGroup: _RULE,
    exp.Floor: _SCALED,
    exp.Ceil: _SCALED,
}
