"""``python -m embedded COMMAND``, with what ``make COMMAND`` was given in the environment."""

import os
import sys
from collections.abc import Callable, Mapping

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from console.ending import end_with_make
from console.errors import CommandFailed
from console.local_settings import forget_accounts
from console.parameters import PARAMETERS
from console.variables import ON_DATA, refuse_unknown
from embedded.children import ChildFailed
from embedded.commands import clock, faults, release, reset, sql, verify
from embedded.run import run
from embedded.world import SERVICES
from services.errors import PipelineError
from services.settings import setting_names

COMMANDS: dict[str, Callable[[Mapping[str, str]], int]] = {
    "run": run,
    "sql": sql,
    "release": release,
    "verify": verify,
    "faults": faults,
    "clock": clock,
    "reset": reset,
}
LEDGER = ("REPLAY", "SEED", "HISTORY", "RATE", "SCANS")
VARIABLES: dict[str, set[str]] = {
    "run": {*LEDGER, *PARAMETERS, *(f"{name.upper()}_PORT" for name in SERVICES)},
    "reset": {"YES", "NETWORK"},
    **{command: {*names, "NETWORK"} for command, names in ON_DATA.items()},
}


def main() -> int:
    """Run one command; whatever stops it is said in a line or two."""
    command = sys.argv[1]
    end_with_make()
    environment = dict(os.environ)
    forget_accounts(os.environ)
    try:
        refuse_unknown(command, _known(command), environment)
        return COMMANDS[command](environment)
    except (CommandFailed, ChildFailed, PipelineError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (httpx.HTTPError, BotoCoreError, ClientError) as error:  # of our own services
        print(f"error: a service of make run failed: {error}; see its log", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; nothing is lost, the next make run goes on from here", file=sys.stderr)
        return 130


def _known(command: str) -> set[str]:
    settings = {name for name in setting_names() if name.startswith("CANTON_")}
    return VARIABLES[command] | {"STATE"} | (settings if command == "run" else set[str]())


if __name__ == "__main__":
    sys.exit(main())
