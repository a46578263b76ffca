"""``python -m stack COMMAND``, with what ``make COMMAND`` was given in the environment."""

import os
import pkgutil
import subprocess
import sys

import httpx

from console.ending import end_with_make
from console.errors import CommandFailed
from console.parameters import PARAMETERS
from console.variables import ON_DATA, refuse_unknown
from services.errors import PipelineError
from stack.settings import PORTS

# By name, so that `make up` loads only what it needs: the warehouse's client alone takes a second.
COMMANDS = {
    "up": "stack.lifecycle:up",
    "down": "stack.lifecycle:down",
    "reset": "stack.lifecycle:reset",
    "logs": "stack.look:logs",
    "shell": "stack.look:shell",
    "open": "stack.look:open_ui",
    "schedule": "stack.schedules:schedule",
    "trigger": "stack.runs:trigger",
    "status": "stack.status:status",
    **{command: f"stack.data:{command}" for command in ON_DATA},
}
VARIABLES = {
    "up": {
        "MOUNT",
        "SCANS",
        "HISTORY",
        "BASE_IMAGE",
        "PIP_INDEX_URL",
        *(f"{name}_PORT" for name in PORTS),
    },
    "reset": {"YES", "IMAGES"},
    "logs": {"S", "RUN", "FOLLOW"},
    "shell": {"S"},
    "schedule": {"ON"},
    "trigger": set(PARAMETERS),
    "status": {"FORMAT"},
    **ON_DATA,
}


def main() -> int:
    """Run one command; whatever stops it is said in a line or two."""
    command = sys.argv[1]
    end_with_make()
    try:
        refuse_unknown(command, VARIABLES.get(command, set()), os.environ)
        return pkgutil.resolve_name(COMMANDS[command])(os.environ)
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
