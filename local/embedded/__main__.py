"""``python -m local.embedded COMMAND``, with what ``make COMMAND`` was given in the environment."""

import os
import sys

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from local.console import debugging, retention
from local.console.command_line import CommandLine
from local.console.local_settings import forget_accounts
from local.console.parameters import PARAMETERS
from local.console.variables import ON_DATA
from local.embedded.world import SERVICES
from services.settings import setting_names

COMMANDS = {
    "run": "local.embedded.run:run",
    "debug": "local.embedded.debug:debug",
    "dev": "local.embedded.dev.loop:dev",
    "reset": "local.embedded.commands:reset",
    **{command: f"local.embedded.commands:{command}" for command in ON_DATA},
}
LEDGER = ("REPLAY", "SEED", "ERA", "HISTORY", "RATE", "SCANS")
PORTS = tuple(f"{name.upper()}_PORT" for name in SERVICES)
OF_A_RUN = {
    "STATE",
    retention.VARIABLE,
    *LEDGER,
    *PORTS,
    *(name for name in setting_names() if name.startswith("CANTON_")),
}
VARIABLES: dict[str, set[str]] = {
    "run": {*OF_A_RUN, *PARAMETERS},
    "debug": {*OF_A_RUN, *debugging.VARIABLES},
    "dev": {"STATE", "SEED", "ERA", "HISTORY", "USD_RATE", retention.VARIABLE, *PORTS},
    "reset": {"YES", "NETWORK", "STATE"},
    **{command: {*names, "NETWORK", "STATE"} for command, names in ON_DATA.items()},
}


def main() -> int:
    """Run the command that is named first."""
    place = CommandLine(
        COMMANDS,
        VARIABLES,
        silent=(httpx.HTTPError, BotoCoreError, ClientError),  # of our own services
        hint="a service of make run failed; see its log",
        stopped="stopped; nothing is lost, the next make run goes on from here",
    )
    environment = dict(os.environ)
    forget_accounts(os.environ)
    return place.run(sys.argv[1], environment)


if __name__ == "__main__":
    sys.exit(main())
