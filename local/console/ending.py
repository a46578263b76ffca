"""Signal handling: exit promptly and say what keeps running."""

import os
import signal
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType


def stop_on_signals() -> None:
    """Turn SIGTERM and SIGHUP into an orderly end, as Ctrl-C is."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGHUP, _stop)


def end_with_make() -> None:
    """End when the `make` around this is gone, by `kill -9` too: nobody would stop us then."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


@contextmanager
def message_when_stopped(message: str) -> Generator[None]:
    """Print `message` when the person at the terminal, or `make`, stops the code inside."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        print(f"\n{message}", file=sys.stderr)
        raise


def _stop(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)
