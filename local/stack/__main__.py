"""``python -m local.stack COMMAND``, with what ``make COMMAND`` was given in the environment."""

import os
import sys

from local.console import debugging, retention
from local.console.command_line import CommandLine
from local.console.parameters import PARAMETERS
from local.console.variables import ON_DATA
from local.stack.settings import PORTS

COMMANDS = {
    "images": "local.stack.lifecycle:images",
    "up": "local.stack.lifecycle:up",
    "down": "local.stack.lifecycle:down",
    "reset": "local.stack.lifecycle:reset",
    "logs": "local.stack.look:logs",
    "shell": "local.stack.look:shell",
    "open": "local.stack.look:open_ui",
    "schedule": "local.stack.schedules:schedule",
    "trigger": "local.stack.runs:trigger",
    "debug": "local.stack.debug:debug",
    "status": "local.stack.status:status",
    **{command: f"local.stack.data:{command}" for command in ON_DATA},
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
