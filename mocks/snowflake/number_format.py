"""Numbers as text: TO_CHAR's formats, and a FLOAT without one.

https://docs.snowflake.com/en/sql-reference/sql-format-models
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from mocks.snowflake.errors import StatementFailed, unsupported

_WHOLE_FLOAT = 1e15
"""Beyond, a whole FLOAT may be written with an exponent."""
_PARTS = re.compile(
    r"""(?P<before>("[^"]*")?)(?P<fill>FM)?(?P<blank>B)?(?P<currency>\$)?
        (?P<whole>[90,]*)(?P<fraction>\.[90]*)?(?P<after>("[^"]*")?)""",
    re.VERBOSE | re.IGNORECASE,
)
_HEX = re.compile(r"""(?P<before>("[^"]*")?)(?P<digits>0?X+)(?P<after>("[^"]*")?)""", re.IGNORECASE)
_MINIMAL = re.compile(
    r'(?P<before>("[^"]*")?)TM(?P<kind>[9E]?)(?P<after>("[^"]*")?)', re.IGNORECASE
)


def float_text(value: float) -> str:
    """A FLOAT cast to VARCHAR: whole ones have no point.

    Of others only what is the same with ten digits and with nine decimals is known.

    Raises:
        StatementFailed: 2 for a FLOAT with more digits.
    """
    if value.is_integer() and abs(value) < _WHOLE_FLOAT:
        return str(int(value))
    decimals = f"{value:.9f}".rstrip("0").rstrip(".")
    if Decimal(decimals) != Decimal(f"{value:.10g}"):
        raise unsupported(f"the text of the FLOAT {value!r}", "cast it to NUMBER, or round it")
    return decimals


def number_text(value: str, form: str) -> str:
    """TO_CHAR(number, format).

    Raises:
        StatementFailed: 2 for a format that isn't answered here.
    """
    number = Decimal(value)
    if minimal := _MINIMAL.fullmatch(form):
        text = _scientific(number) if minimal["kind"].upper() == "E" else value
        return _quoted(minimal["before"]) + text + _quoted(minimal["after"])
    if digits := _HEX.fullmatch(form):
        return _quoted(digits["before"]) + _hex(number, digits["digits"]) + _quoted(digits["after"])
    parts = _PARTS.fullmatch(form)
    if parts is None or not parts["whole"]:
        raise unsupported(f"the number format '{form}'")
    picture = _Picture(
        parts["whole"], (parts["fraction"] or "")[1:], bool(parts["currency"]), bool(parts["blank"])
    )
    text = picture.write(number)
    if parts["fill"]:
        text = text.strip()
    return _quoted(parts["before"]) + text + _quoted(parts["after"])


def _quoted(part: str) -> str:
    return part[1:-1]


def _scientific(number: Decimal) -> str:
    if not number:
        return "0E0"
    digits = "".join(map(str, number.as_tuple().digits)).rstrip("0")
    fraction = f".{digits[1:]}" if digits[1:] else ""
    return f"{'-' if number < 0 else ''}{digits[0]}{fraction}E{number.adjusted()}"


def _hex(number: Decimal, digits: str) -> str:
    whole = int(number.quantize(Decimal(1), ROUND_HALF_UP))
    width = len(digits)
    limit = 16**width
    if not -limit // 2 <= whole < limit:
        return "#" * width
    text = f"{whole % limit:X}"
    return text.rjust(width, "0" if digits.startswith("0") else " ")


@dataclass(frozen=True)
class _Picture:
    """A format of fixed positions."""

    whole: str
    fraction: str
    has_currency: bool
    is_blank_for_zero: bool

    def write(self, number: Decimal) -> str:
        """The number in its positions, `#` in each where it has no room."""
        rounded = abs(number).quantize(Decimal(1).scaleb(-len(self.fraction)), ROUND_HALF_UP)
        whole, _, fraction = str(rounded).partition(".")
        self._check(fraction)
        whole = "" if whole == "0" and self.is_blank_for_zero else whole
        positions = self.whole.count("9") + self.whole.count("0")
        tail = f".{fraction}" if self.fraction else ""
        if len(whole) > positions:
            whole, tail = self.whole.replace("9", "#").replace("0", "#"), re.sub(r"\d", "#", tail)
        else:
            whole = self._grouped(whole.rjust(positions))
        sign = "-" if number < 0 and rounded else ""
        money = "$" if self.has_currency else ""
        width = len(self.whole) + len(tail) + 1 + len(money)
        return f"{sign}{money}{whole.lstrip()}{tail}".rjust(width)

    def _check(self, fraction: str) -> None:
        optional = len(self.fraction) - self.fraction.rfind("0") - 1
        if optional and fraction.endswith("0"):
            raise unsupported(
                "the number format 9 for a zero at the end", "write 0 behind the point"
            )

    def _grouped(self, digits: str) -> str:
        """The whole part: zeros from the format's first 0 on, commas between digits."""
        remaining = iter(digits)
        has_begun = False
        written = []
        for place in self.whole:
            digit = next(remaining) if place != "," else ","
            has_begun = has_begun or place == "0" or digit.isdigit()
            written.append((digit if digit != " " else "0") if has_begun else " ")
        return "".join(written)


_READ = re.compile(r"(?P<currency>\$?)(?P<whole>[90,]*)(?P<fraction>\.[90]*)?")


def number_of(text: str, form: str) -> str:
    """TO_NUMBER(text, format): the number in plain digits.

    Raises:
        StatementFailed: 100140 for a text that isn't of the format, 2 for other formats than
            digits, groups, a point and a dollar.
    """
    places = _READ.fullmatch(form.strip().upper())
    if form.strip().upper() in ("TM9", "TM", "AUTO"):
        pattern = r"[+-]? *\d+(\.\d*)?|[+-]? *\.\d+"
    elif places is None or not places["whole"]:
        raise unsupported(f"TO_NUMBER with the format '{form}'")
    else:
        pattern = _pattern(places["currency"], places["whole"], (places["fraction"] or "")[1:])
    if not re.fullmatch(pattern, text.strip()):
        raise StatementFailed(
            100140, "22018", f"Can't parse '{text}' as number with format '{form}'"
        )
    return re.sub(r"[ $,]", "", text)


def _pattern(currency: str, whole: str, fraction: str) -> str:
    groups = [len(group) for group in whole.split(",")]
    number = "|".join(
        rf"\d{{1,{groups[n]}}}" + "".join(rf",\d{{{size}}}" for size in groups[n + 1 :])
        for n in range(len(groups))
    )
    point = rf"(\.\d{{0,{len(fraction)}}})?" if fraction else ""
    return rf"[+-]? *{re.escape(currency)}({number}){point}"
