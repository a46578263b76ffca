"""Dates and times as text by Snowflake's formats, and from text.

https://docs.snowflake.com/en/sql-reference/date-time-input-output
"""

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mocks.snowflake.errors import UNRECOGNIZED, StatementFailed, unsupported

_PART = re.compile(
    r'"[^"]*"|YYYY|YY|MMMM|MON|MM|DD|DY|HH24|HH12|HH|AM|PM|MI|SS|FF\d?|TZH:?TZM|TZH|TZM|.',
    re.IGNORECASE | re.DOTALL,
)
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WRITERS: Mapping[str, Callable[[datetime], str]] = {
    "YYYY": lambda at: f"{at.year:04}",
    "YY": lambda at: f"{at.year % 100:02}",
    "MMMM": lambda at: _MONTHS[at.month - 1],
    "MON": lambda at: _MONTHS[at.month - 1][:3],
    "MM": lambda at: f"{at.month:02}",
    "DD": lambda at: f"{at.day:02}",
    "DY": lambda at: _DAYS[at.weekday()],
    "HH24": lambda at: f"{at.hour:02}",
    "HH12": lambda at: f"{(at.hour - 1) % 12 + 1:02}",
    "AM": lambda at: "AM" if at.hour < 12 else "PM",
    "PM": lambda at: "AM" if at.hour < 12 else "PM",
    "MI": lambda at: f"{at.minute:02}",
    "SS": lambda at: f"{at.second:02}",
    "TZH:TZM": lambda _: "+00:00",
    "TZHTZM": lambda _: "+0000",
    "TZH": lambda _: "+00",
    "TZM": lambda _: "00",
}
_OFFSET = re.compile(r"(?<=\d) ?[+-]\d{1,2}(:?\d{2})?$")
ISO = (
    r"\s*\d{4}-\d{1,2}-\d{1,2}"
    r"([ T]([01]?\d|2[0-3]):\d{1,2}(:\d{1,2}(\.\d+)?)?(\s*Z|\s*[+-]\d{1,2}(:?\d{2})?)?)?\s*"
)
"""A date and time that Snowflake and DuckDB read alike; DuckDB also reads what Snowflake refuses.

Python's and DuckDB's regular expressions are the same in this.
"""
ISO_TIME = (
    r"\s*(\d{4}-\d{1,2}-\d{1,2}[ T])?([01]?\d|2[0-3]):\d{1,2}(:\d{1,2}(\.\d+)?)?"
    r"(\s*Z|\s*[+-]\d{1,2}(:?\d{2})?)?\s*"
)
"""A time of day that both read alike; DuckDB passes over whatever else stands at its end."""
_FORMS = (
    "%Y-%m-%d %H", "%Y-%m-%dT%H",
    "%d-%b-%Y", "%d-%b-%Y %H:%M:%S", "%d-%B-%Y", "%d-%B-%Y %H:%M:%S",
    "%m/%d/%Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S.%f",
    "%a, %d %b %Y %H:%M:%S", "%a %b %d %H:%M:%S %Y",
)  # fmt: skip
"""The formats that Snowflake detects and DuckDB doesn't read."""
_TIME_FORMS = ("%I:%M %p", "%I:%M:%S %p", "%I:%M:%S.%f %p")
_NANOSECONDS = re.compile(r"(?<=\.\d{6})\d{1,3}")


def time_text(at: datetime, form: str) -> str:
    """TO_CHAR(timestamp, format)."""
    return "".join(_written(at, part) for part in _PART.findall(form))


def _written(at: datetime, part: str) -> str:
    name = part.upper()
    if name.startswith('"'):
        return part[1:-1]
    if name.startswith("FF"):
        digits = int(name[2:] or 9)
        return f"{at.microsecond:06}000"[:digits]
    if name.isalpha() and name not in (*_WRITERS, *_LETTERS):
        raise unsupported(f"the format {part} of a date or time")
    return _WRITERS[name](at) if name in _WRITERS else part


_LETTERS = ("T", "Z")
"""Those that a format has for themselves; of others Snowflake does not tell what they mean."""


def time_of(text: str, kind: str) -> datetime:
    """A text that DuckDB does not read as Snowflake, by the other formats that Snowflake detects.

    Raises:
        StatementFailed: 100040, 100108 or 100035 when it is none.
    """
    if _WHOLE.fullmatch(text):
        return _since_1970(text, kind)
    for form in _TIME_FORMS if kind == "Time" else _FORMS:
        try:
            return datetime.strptime(_NANOSECONDS.sub("", text.strip()), form)  # noqa: DTZ007 -- TIMESTAMP_NTZ has no zone
        except ValueError:
            continue
    raise unrecognized(text, kind)


_WHOLE = re.compile(r"\s*[+-]?\d+\s*")
_LEAST_OF_UNITS = ((31_536_000_000_000_000, 10**9), (31_536_000_000_000, 10**6),
                   (31_536_000_000, 10**3))  # fmt: skip
"""From which number on a text means so many units a second: years of 365 days since 1970."""


def _since_1970(text: str, kind: str) -> datetime:
    """A text of digits: seconds since 1970, or smaller units, by how large the number is.

    https://docs.snowflake.com/en/sql-reference/functions/to_timestamp#usage-notes
    """
    number = int(text)
    units = next((units for least, units in _LEAST_OF_UNITS if number >= least), 1)
    try:
        at = datetime(1970, 1, 1) + timedelta(seconds=number // units)  # noqa: DTZ001 -- UTC
    except OverflowError as error:
        raise unrecognized(text, kind) from error
    return at + timedelta(microseconds=number % units * 10**6 // units)


def unrecognized(text: str, kind: str) -> StatementFailed:
    """Snowflake's answer for a text that is no date or timestamp."""
    errno = {"Date": 100040, "Time": 100108}.get(kind, 100035)
    return StatementFailed(errno, "22007", f"{kind} '{text}' is not recognized")


def months_between(later: datetime, earlier: datetime) -> str:
    """MONTHS_BETWEEN, with its six decimals.

    Whole months between equal days of the month and between last days; otherwise months of 31 days.
    https://docs.snowflake.com/en/sql-reference/functions/months_between
    """
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    if later.day == earlier.day or (_is_last(later) and _is_last(earlier)):
        return f"{months}.000000"
    seconds = (_in_month(later) - _in_month(earlier)).total_seconds()
    return str((months + Decimal(str(seconds)) / (31 * 86400)).quantize(Decimal("0.000001")))


def _is_last(at: datetime) -> bool:
    return at.day == calendar.monthrange(at.year, at.month)[1]


def _in_month(at: datetime) -> datetime:
    return at.replace(year=2000, month=1)


def in_utc(text: str) -> str:
    """The text of a TIMESTAMP_TZ, if it has no other offset than UTC's.

    Raises:
        StatementFailed: 2, because DuckDB would forget the offset.
    """
    offset = _OFFSET.search(text)
    is_offset = offset is not None and ":" in text[: offset.start()]  # or it ends a date
    if offset and is_offset and int(re.sub(r"\D", "", offset[0]) or 0):
        raise unsupported(f"TIMESTAMP_TZ with the offset {offset[0].strip()}", "UTC alone is kept")
    return zoned(text)


def zoned(text: str) -> str:
    """A text with its offset from UTC as DuckDB reads it: ``+02:00`` without a blank before it."""
    if not re.fullmatch(ISO, text):
        try:
            return f"{time_of(text, 'Timestamp')}+00:00"
        except StatementFailed:
            return f"{text}{UNRECOGNIZED}"
    text = re.sub(r"(?<=\d) ?Z$", "+00:00", text.strip())
    return re.sub(r"(?<=\d) ?([+-])(\d{2}):?(\d{2})$", r"\1\2:\3", text)


def in_zone(at: datetime, source: str, target: str) -> datetime:
    """CONVERT_TIMEZONE: a wall clock's time in another zone.

    Raises:
        StatementFailed: 100035 for a zone that there isn't, 2 for a time that a zone has twice or
            never.
    """
    try:
        here, there = ZoneInfo(source), ZoneInfo(target)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise StatementFailed(100037, "22023", f"Unknown time zone: {error}") from error
    local = at.replace(tzinfo=here)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise unsupported(f"{at} in {source}", "its clocks were changed then")
    return local.astimezone(there).replace(tzinfo=None)


_READERS: Mapping[str, tuple[str, str]] = {
    "YYYY": ("year", r"\d{4}"), "YY": ("year_of_century", r"\d{2}"),
    "MMMM": ("month_name", r"[A-Za-z]+"),
    "MON": ("month_name", r"[A-Za-z]{3}"), "MM": ("month", r"\d{1,2}"), "DD": ("day", r"\d{1,2}"),
    "HH24": ("hour", r"\d{1,2}"), "HH": ("hour", r"\d{1,2}"), "HH12": ("hour12", r"\d{1,2}"),
    "AM": ("half", r"[AaPp][Mm]"), "PM": ("half", r"[AaPp][Mm]"), "MI": ("minute", r"\d{1,2}"),
    "SS": ("second", r"\d{1,2}"),
}  # fmt: skip
_FORM = re.compile(
    r'"[^"]*"|YYYY|MMMM|MON|MM|DD|HH24|HH12|HH|AM|PM|MI|SS|FF\d?|YY|DY|TZ.|.',
    re.IGNORECASE | re.DOTALL,
)


def time_parsed(text: str, form: str, kind: str) -> datetime:
    """TO_TIMESTAMP(text, format), and TO_DATE and TO_TIME: a Timestamp, Date or Time.

    Raises:
        StatementFailed: 100035 for a text that isn't of the format, 2 for a part of the format
            that isn't answered here.
    """
    found = re.fullmatch("".join(_pattern(part) for part in _FORM.findall(form)), text.strip())
    if found is None:
        raise StatementFailed(
            100096, "22007", f"Can't parse '{text}' as {kind.lower()} with format '{form}'"
        )
    parts = {name: value for name, value in found.groupdict().items() if value is not None}
    month = int(parts.get("month", 1))
    if name := parts.get("month_name"):
        names = [known[: len(name)].upper() for known in _MONTHS]
        if name.upper() not in names:
            raise unrecognized(text, kind)
        month = names.index(name.upper()) + 1
    year = int(parts.get("year", 1970))
    if "year_of_century" in parts:  # TWO_DIGIT_CENTURY_START is 1970
        year = 1970 + (int(parts["year_of_century"]) - 70) % 100
    hour = int(parts.get("hour", 0))
    if "hour12" in parts:
        hour = int(parts["hour12"]) % 12 + 12 * (parts.get("half", "am").lower() == "pm")
    micros = int(parts.get("fraction", "0").ljust(9, "0")[:6])
    try:
        return datetime(  # noqa: DTZ001 -- TIMESTAMP_NTZ has no zone
            year, month, int(parts.get("day", 1)), hour,
            int(parts.get("minute", 0)), int(parts.get("second", 0)), micros,
        )  # fmt: skip
    except ValueError as error:
        raise unrecognized(text, kind) from error


def _pattern(part: str) -> str:
    name = part.upper()
    if name.startswith('"'):
        return re.escape(part[1:-1])
    if name in _READERS:
        group, digits = _READERS[name]
        return f"(?P<{group}>{digits})"
    if name.startswith("FF"):
        return r"(?P<fraction>\d{1,9})"
    if name == "DY" or name.startswith("TZ"):
        raise unsupported(f"the format {part} of a text to be read")
    return re.escape(part)
