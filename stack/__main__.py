"""``python -m stack COMMAND``, with what ``make COMMAND`` was given in the environment."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from types import FrameType

import httpx

from console import commands as console
from console.errors import CommandFailed
from services.errors import PipelineError
from stack.lifecycle import down, logs, open_ui, reset, schedule, shell, up
from stack.running import Running, running
from stack.runs import trigger
from stack.status import status


def _on_running(
    command: Callable[[Running, Mapping[str, str]], int],
) -> Callable[[Mapping[str, str]], int]:
    return lambda environment: command(running(), environment)


def _sql(target: Running, environment: Mapping[str, str]) -> int:
    return console.sql(target, *console.read_query(environment))


COMMANDS: dict[str, Callable[[Mapping[str, str]], int]] = {
    "up": up,
    "down": down,
    "reset": reset,
    "logs": logs,
    "shell": shell,
    "open": open_ui,
    "schedule": schedule,
    "trigger": trigger,
    "status": status,
    "sql": _on_running(_sql),
    "verify": _on_running(lambda target, _: console.verify(target)),
    "faults": _on_running(console.faults),
    "clock": _on_running(console.clock),
}


def main() -> int:
    """Run one command; whatever stops it is said in a line or two."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        return COMMANDS[sys.argv[1]](os.environ)
    except (CommandFailed, PipelineError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (httpx.HTTPError, subprocess.CalledProcessError) as error:
        print(f"error: {error}: is the stack up? make status tells", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130


def _stop(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
