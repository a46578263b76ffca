"""``python -m cloud COMMAND``, with what ``make COMMAND`` was given in the environment."""

import os
import sys

from local.console.command_line import CommandLine

COMMANDS = {
    "plan": "cloud.plan.command:plan",
    "deploy": "cloud.deploy.deploy:deploy",
    "rollback": "cloud.deploy.roll_back:rollback",
    "schedule": "cloud.deploy.schedules:schedule",
    "rehearse": "cloud.rehearsal.command:rehearse",
}
VARIABLES = {
    "plan": {"ENV", "FORMAT", "WHY"},
    "deploy": {"ENV", "FORCE", "BUILD", "BASE_IMAGE", "PIP_INDEX_URL"},
    "rollback": {"ENV", "FORCE", "TO"},
    "schedule": {"ENV", "ON"},
    "rehearse": {"KEEP", "FORMAT", "STEADY"},
}


def main() -> int:
    """Run the command that is named first."""
    return CommandLine(COMMANDS, VARIABLES).run(sys.argv[1], os.environ)


if __name__ == "__main__":
    sys.exit(main())
