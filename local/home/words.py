"""Instants, spans and sizes as the home page writes them; all times are UTC."""

from datetime import UTC, datetime

NOTHING = "\N{EN DASH}"  # where there is no value
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"))
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


def ago(at: datetime | None, now: datetime) -> str:
    """``42 s ago``."""
    return f"{span((now - at).total_seconds())} ago" if at else NOTHING


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
