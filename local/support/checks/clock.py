"""The check that the clocks of this machine, the engine and Prefect's server agree."""

import platform
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from local.console.finding import Finding, warn, well
from local.stack.checks.here import Here
from local.stack.engine import ahead_seconds

MOST_SECONDS = 5
_PATIENCE_SECONDS = 5


def check_clock(here: Here) -> Iterator[Finding]:
    """Runs are scheduled by one clock and time out by another; signatures expire."""
    if here.engine:
        yield judged_clock("Docker's engine", here.engine.ahead_seconds)
    ahead = _server_ahead(f"{here.stack.url('prefect')}/api/health")
    if ahead is not None:
        yield judged_clock("Prefect's server", ahead)


def judged_clock(whose: str, ahead: float) -> Finding:
    if abs(ahead) <= MOST_SECONDS:
        return well("clock", f"{whose} has this machine's time")
    where = "ahead of" if ahead > 0 else "behind"
    result = f"{whose} is {abs(ahead):.0f} s {where} this machine"
    type_this = "sudo timedatectl set-ntp true on the machine that is wrong"
    if platform.system() != "Linux":
        type_this = "restart Docker Desktop; sudo sntp -sS time.apple.com sets this machine's"
    elif "microsoft" in platform.release().lower():
        type_this = "sudo hwclock --hctosys"
    return warn("clock", result, type_this)


def _server_ahead(url: str) -> float | None:
    """Return how many seconds a server's clock is ahead; None if it doesn't send its time."""
    before = datetime.now(UTC)
    try:
        date = httpx.get(url, timeout=_PATIENCE_SECONDS, trust_env=False).headers.get("Date")
    except httpx.HTTPError:
        return None
    if not date:
        return None
    # It has whole seconds; the rest is cut off.
    timestamp = parsedate_to_datetime(date).isoformat()
    return ahead_seconds(timestamp, before - timedelta(seconds=1), datetime.now(UTC))
