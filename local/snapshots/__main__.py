"""``python -m local.snapshots COMMAND``, with the variables of ``make COMMAND``."""

import os
import subprocess
import sys

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from local.console.command_line import CommandLine
from local.console.local_settings import forget_accounts

COMMANDS = {
    "snapshot": "local.snapshots.take:snapshot",
    "restore": "local.snapshots.restore:restore",
    "snapshots": "local.snapshots.listing:snapshots",
    "incident": "local.snapshots.incident.pack:incident",
}
VARIABLES = {
    "snapshot": {"NAME", "NETWORK", "STATE", "YES"},
    "restore": {"NAME", "STATE", "YES"},
    "snapshots": {"FORMAT"},
    "incident": {"RUN", "NAME", "ENV", "NETWORK", "STATE", "YES"},
}


def main() -> int:
    """Run the command that is named first."""
    command_line = CommandLine(
        COMMANDS,
        VARIABLES,
        silent=(httpx.HTTPError, BotoCoreError, ClientError, subprocess.CalledProcessError),
        hint="does the place answer? make status tells of the stack",
        stopped="stopped; snapshots are written whole or not at all",
    )
    environment = dict(os.environ)
    if not (sys.argv[1] == "incident" and environment.get("ENV")):  # read with one's own accounts
        forget_accounts(os.environ)
    return command_line.run(sys.argv[1], environment)


if __name__ == "__main__":
    sys.exit(main())
