"""``python -m local.support COMMAND``, with what ``make COMMAND`` was given in the environment."""

import os
import sys

from local.console.command_line import CommandLine

COMMANDS = {"doctor": "local.support.doctor:doctor", "report": "local.support.report:report"}
VARIABLES = {"doctor": {"FIX", "FORMAT", "STATE"}, "report": {"STATE"}}


def main() -> int:
    """Run the command that is named first."""
    return CommandLine(COMMANDS, VARIABLES).run(sys.argv[1], os.environ)


if __name__ == "__main__":
    sys.exit(main())
