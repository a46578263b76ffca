"""Products and quotients that DuckDB can't compute: it has 38 digits, and two factors may need 76.

Numbers cross as text, which is exact whatever their scale; DuckDB casts the result to its NUMBER
type.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from mocks.snowflake.errors import unsupported

DIGITS = 38
_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)  # half away from zero


def multiply(a: str, b: str, scale: int) -> str:
    """The product, rounded once, half away from zero."""
    return _rounded(_EXACT.multiply(Decimal(a), Decimal(b)), scale)


def divide(a: str, b: str, scale: int) -> str:
    """The quotient, rounded half away from zero.

    Raises:
        ZeroDivisionError: 100051 to the client.
    """
    if Decimal(b).is_zero():
        raise ZeroDivisionError("Division by zero")
    return _rounded(_EXACT.divide(Decimal(a), Decimal(b)), scale)


def _rounded(value: Decimal, scale: int) -> str:
    rounded = value.quantize(Decimal(1).scaleb(-scale), context=_EXACT)
    if rounded.adjusted() >= DIGITS - scale and rounded:
        raise OverflowError(f"Number out of representable range: value {rounded}")
    return str(rounded)


def rounded_up(value: str, scale: int) -> str:
    """CEIL(number, scale)."""
    return f"{Decimal(value).quantize(Decimal(1).scaleb(-scale), ROUND_CEILING, _EXACT):f}"


def rounded_down(value: str, scale: int) -> str:
    """FLOOR(number, scale)."""
    return f"{Decimal(value).quantize(Decimal(1).scaleb(-scale), ROUND_FLOOR, _EXACT):f}"


def width_bucket(value: str, low: str, high: str, count: int) -> int:
    """WIDTH_BUCKET: which of so many equal parts of [low, high) has the value.

    Raises:
        StatementFailed: 2 for what is no number, and where Snowflake's answer isn't documented.
    """
    try:
        at, start, end = (Fraction(text) for text in (value, low, high))
    except ValueError:
        raise unsupported("WIDTH_BUCKET of what is no number") from None
    if start >= end or count < 1:
        raise unsupported("WIDTH_BUCKET without a range or a number of parts")
    return min(max((at - start) * count // (end - start) + 1, 0), count + 1)


def percentile(values: list[str | None] | None, fraction: str, scale: int) -> str | None:
    """PERCENTILE_CONT, and for a half MEDIAN: between the two nearest values, exactly."""
    numbers = sorted(Decimal(value) for value in values or () if value is not None)
    if not numbers:
        return None
    place = Decimal(fraction) * (len(numbers) - 1)
    below = int(place)
    low, high = numbers[below], numbers[min(below + 1, len(numbers) - 1)]
    return _rounded(_EXACT.add(low, _EXACT.multiply(high - low, place - below)), scale)
