"""``python -m embedded COMMAND``, with what ``make COMMAND`` was given in the environment."""

import difflib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from types import FrameType

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from console.errors import CommandFailed
from embedded.children import ChildFailed
from embedded.commands import clock, faults, release, reset, sql, verify
from embedded.parameters import PARAMETERS
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
VARIABLES = {
    "run": {*LEDGER, *PARAMETERS, *(f"{name.upper()}_PORT" for name in SERVICES)},
    "sql": {"Q", "FORMAT", "NETWORK"},
    "release": {"KEY", "NETWORK"},
    "verify": {"NETWORK"},
    "faults": {"PROFILE", "TTL", "NETWORK"},
    "clock": {"ADVANCE", "FREEZE", "SPEED", "NETWORK"},
    "reset": {"YES", "NETWORK"},
}
EVERYWHERE = {"PYTHON", "STATE", "AT"}


def main() -> int:
    """Run one command; whatever stops it is said in a line or two."""
    command = sys.argv[1]
    _end_with_parent()
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGHUP, _stop)
    try:
        _refuse_unknown(command, os.environ.get("MAKE_VARIABLES", "").split())
        return COMMANDS[command](os.environ)
    except (CommandFailed, ChildFailed, PipelineError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (httpx.HTTPError, BotoCoreError, ClientError) as error:  # of our own services
        print(f"error: a service of make run failed: {error}; see its log", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; nothing is lost, the next make run goes on from here", file=sys.stderr)
        return 130


def _refuse_unknown(command: str, given: list[str]) -> None:
    known = VARIABLES[command] | EVERYWHERE
    if command == "run":
        known |= {name for name in setting_names() if name.startswith("CANTON_")}
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(sorted(known))}"
            raise CommandFailed(f"make {command} knows no {name}: {hint}")


def _stop(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _end_with_parent() -> None:
    """Stop when `make` is gone, `kill -9` included: nobody would stop us then."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
