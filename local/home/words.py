"""Instants, spans and sizes as the home page writes them; all times are UTC."""

from datetime import UTC, datetime

NOTHING = "\N{EN DASH}"  # where there is no value
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"))
_CLOSE = 60  # seconds between two clocks that nobody cares about
_SIZES = ((2**30, "GB"), (2**20, "MB"), (2**10, "kB"))


def instant(text: str | None) -> datetime | None:
    """The instant that an ISO text names; one without a zone is in UTC."""
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def clock_text(at: datetime) -> str:
    """``2026-11-29 08:16:20``."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def span(seconds: float) -> str:
    """A length of time in the unit that a person would use: ``42 s``, ``12 min``, ``5.2 h``."""
    for size, unit in _UNITS:
        if seconds >= size:
            count = seconds / size
            return f"{count:.0f} {unit}" if unit == "min" else f"{round(count, 1):g} {unit}"
    return f"{max(0, seconds):.0f} s"


def ahead(seconds: float) -> str:
    """``6 h ahead``; ``6 h behind`` for a negative lead; empty below a minute."""
    if abs(seconds) <= _CLOSE:
        return ""
    return f"{span(abs(seconds))} {'ahead' if seconds > 0 else 'behind'}"


def ago(at: datetime | None, now: datetime) -> str:
    """``42 s ago``; ``6 h ahead`` of a later instant."""
    if at is None:
        return NOTHING
    seconds = (now - at).total_seconds()
    return (ahead(-seconds) if seconds < 0 else "") or f"{span(seconds)} ago"


def counted(count: int, noun: str) -> str:
    """``1 batch``, ``2,000 updates``."""
    ending = "" if count == 1 else "es" if noun.endswith(("ch", "s")) else "s"
    return f"{count:,} {noun}{ending}"


def size(count: int) -> str:
    """Bytes in the unit that keeps the number short."""
    for step, unit in _SIZES:
        if count >= step:
            return f"{count / step:.1f} {unit}"
    return f"{count} B"
