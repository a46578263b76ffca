"""The person at the terminal: name, browser, confirmations, and times as they read them."""

import getpass
import os
import platform
import webbrowser
from collections.abc import Callable, Mapping
from datetime import datetime


def user_at_host(name: Callable[[], str] = getpass.getuser) -> str:
    """The operating system's user and this machine's name: ``ada@laptop``.

    A user without a name, as a container may have one, is a number.
    """
    try:
        user = name()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{platform.node()}"


def open_in_browser(url: str) -> None:
    """Open a page; where no browser is known, say which page to open in one."""
    if not webbrowser.open(url):
        print(f"no browser is known here: open {url} in one", flush=True)


def confirmed(to_delete: str, environment: Mapping[str, str]) -> bool:
    """Tell whether this may be deleted: ask the user, unless YES=1."""
    if environment.get("YES") == "1":
        return True
    print(f"This deletes {to_delete}.")
    try:
        is_confirmed = input("Type yes to go on: ").strip() == "yes"
    except (EOFError, KeyboardInterrupt):
        print()
        is_confirmed = False
    if not is_confirmed:
        print("nothing was deleted")
    return is_confirmed


def time_of_day(timestamp: str) -> str:
    """A UTC timestamp as the time on this machine's clock, as the log of `make run` has it."""
    return f"{datetime.fromisoformat(f'{timestamp[:19]}+00:00').astimezone():%H:%M:%S}"


def utc(timestamp: str | None) -> str:
    """A UTC timestamp to the second, with the time zone's name; empty if there is none."""
    return f"{timestamp[:19]}Z" if timestamp else ""
