"""``python -m support COMMAND``, with what ``make COMMAND`` was given in the environment."""

import os
import sys

from console.command_line import CommandLine

COMMANDS = {"doctor": "support.doctor:doctor", "report": "support.report:report"}
VARIABLES = {"doctor": {"FIX", "FORMAT", "STATE"}, "report": {"STATE"}}


def main() -> int:
    """Run the command that is named first."""
    return CommandLine(COMMANDS, VARIABLES).run(sys.argv[1], os.environ)


if __name__ == "__main__":
    sys.exit(main())
