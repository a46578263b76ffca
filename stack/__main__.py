"""``python -m stack COMMAND``, with what ``make COMMAND`` was given in the environment."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping

import httpx

from console import commands as console
from console.ending import end_with_make
from console.errors import CommandFailed
from console.parameters import PARAMETERS
from console.variables import refuse_unknown
from services.errors import PipelineError
from stack.lifecycle import down, reset, up
from stack.look import logs, open_ui, shell
from stack.running import Running, running
from stack.runs import trigger
from stack.schedules import schedule
from stack.settings import PORTS
from stack.status import status


def _on_running(
    command: Callable[[Running, Mapping[str, str]], int],
) -> Callable[[Mapping[str, str]], int]:
    return lambda environment: command(running(), environment)


def _sql(environment: Mapping[str, str]) -> int:
    query, form = console.read_query(environment)
    return console.sql(running(), query, form)


def _release(environment: Mapping[str, str]) -> int:
    key = console.read_key(environment)
    return console.release(running(), key)


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
    "sql": _sql,
    "release": _release,
    "verify": _on_running(lambda target, _: console.verify(target)),
    "faults": _on_running(console.faults),
    "clock": _on_running(console.clock),
}
VARIABLES = {
    "up": {"MOUNT", "BASE_IMAGE", "PIP_INDEX_URL", *(f"{name}_PORT" for name in PORTS)},
    "reset": {"YES", "IMAGES"},
    "logs": {"S", "RUN", "FOLLOW"},
    "shell": {"S"},
    "schedule": {"ON"},
    "trigger": set(PARAMETERS),
    "status": {"FORMAT"},
    **console.VARIABLES,
}


def main() -> int:
    """Run one command; whatever stops it is said in a line or two."""
    command = sys.argv[1]
    end_with_make()
    try:
        refuse_unknown(command, VARIABLES.get(command, set()), os.environ)
        return COMMANDS[command](os.environ)
    except (CommandFailed, PipelineError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (httpx.HTTPError, subprocess.CalledProcessError) as error:
        print(f"error: {error}: is the stack up? make status tells", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
