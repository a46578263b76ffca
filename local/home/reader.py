"""``python -m local.home.reader``: asks every source, and prints a line of JSON for each answer.

The page starts it when somebody looks, and closes its standard input when nobody does any more: it
ends then, and with it the session in the warehouse and the memory of Snowflake's connector. A line
on standard input has everything read at once.
"""

import os
import sys
import threading
from collections.abc import Callable
from typing import Any

import httpx

from local.console.errors import CommandFailed
from local.home.place import arguments, place_of
from local.home.readings import Reading, to_line
from local.home.sources import sources
from services.errors import PipelineError

_LONGEST = 300  # signs of a problem


def main() -> None:
    """Read until standard input ends."""
    place = place_of(arguments().parse_args())
    threading.excepthook = _end_all
    nudges = [_start(name, read, place.seconds) for name, read in sources(place).items()]
    for _ in sys.stdin:
        for nudge in nudges:
            nudge.set()
    os._exit(0)  # whatever a thread waits for


def _start(name: str, read: Callable[[], dict[str, Any]], seconds: float) -> threading.Event:
    nudge = threading.Event()

    def repeat() -> None:
        while True:
            _print(to_line(name, _reading(read)))
            nudge.wait(seconds)
            nudge.clear()

    threading.Thread(target=repeat, name=name, daemon=True).start()
    return nudge


def _reading(read: Callable[[], dict[str, Any]]) -> Reading:
    try:
        return Reading(read())
    except (PipelineError, CommandFailed, httpx.HTTPError, *_of_s3()) as error:
        return Reading(problem=" ".join(str(error).split())[:_LONGEST] or type(error).__name__)


def _of_s3() -> tuple[type[Exception], ...]:
    """Return the errors that boto3 raises; none while it is not loaded."""
    if (loaded := sys.modules.get("botocore.exceptions")) is None:
        return ()
    return (loaded.BotoCoreError, loaded.ClientError)


_lock = threading.Lock()


def _print(line: str) -> None:
    with _lock:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _end_all(failed: threading.ExceptHookArgs) -> None:
    """End with a thread that failed for an unknown reason: the page says so, and tries again."""
    sys.excepthook(failed.exc_type, failed.exc_value or Exception(), failed.exc_traceback)
    os._exit(1)


if __name__ == "__main__":
    main()
