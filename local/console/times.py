"""Times for people: on this machine's clock, or marked as UTC."""

from datetime import datetime


def time_of_day(timestamp: str) -> str:
    """A UTC timestamp as the time on this machine's clock, as the log of `make run` has it."""
    return f"{datetime.fromisoformat(f'{timestamp[:19]}+00:00').astimezone():%H:%M:%S}"


def utc(timestamp: str | None) -> str:
    """A UTC timestamp to the second, with the time zone's name; empty if there is none."""
    return f"{timestamp[:19]}Z" if timestamp else ""
