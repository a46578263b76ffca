"""``python -m stack COMMAND``, with what ``make COMMAND`` was given in the environment."""

import os
import sys

from console import debugging, retention
from console.command_line import CommandLine
from console.parameters import PARAMETERS
from console.variables import ON_DATA
from stack.settings import PORTS

COMMANDS = {
    "images": "stack.lifecycle:images",
    "up": "stack.lifecycle:up",
    "down": "stack.lifecycle:down",
    "reset": "stack.lifecycle:reset",
    "logs": "stack.look:logs",
    "shell": "stack.look:shell",
    "open": "stack.look:open_ui",
    "schedule": "stack.schedules:schedule",
    "trigger": "stack.runs:trigger",
    "debug": "stack.debug:debug",
    "status": "stack.status:status",
    **{command: f"stack.data:{command}" for command in ON_DATA},
}
VARIABLES = {
    "images": {"BASE_IMAGE", "PIP_INDEX_URL"},
    "up": {
        "MOUNT",
        "SCANS",
        "CANTON_BASE_URL",
        "CANTON_START_AT",
        "HISTORY",
        retention.VARIABLE,
        "ERA",
        "BASE_IMAGE",
        "PIP_INDEX_URL",
        *(f"{name}_PORT" for name in (*PORTS, "DEBUG")),
    },
    "reset": {"YES", "IMAGES"},
    "logs": {"S", "RUN", "FOLLOW"},
    "shell": {"S"},
    "schedule": {"ON"},
    "trigger": set(PARAMETERS),
    "debug": debugging.VARIABLES,
    "status": {"FORMAT"},
    **ON_DATA,
}


def main() -> int:
    """Run the command that is named first."""
    return CommandLine(COMMANDS, VARIABLES).run(sys.argv[1], os.environ)


if __name__ == "__main__":
    sys.exit(main())
