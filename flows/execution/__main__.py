"""Start the engine, which imports Prefect meanwhile, and then watch over it."""

import importlib
import os
import subprocess
import sys
from collections.abc import Mapping

from flows.execution import DEBUGGED


def debugger(environment: Mapping[str, str]) -> list[str]:
    """Return the Python options that make the engine wait for a debugger, if that is requested."""
    if not (address := environment.get(DEBUGGED)):
        return []
    options = ["--wait-for-client", "--configure-subProcess", "False"]
    return ["-m", "debugpy", "--listen", address, *options]


def main() -> None:
    """Execute the flow run that ``PREFECT__FLOW_RUN_ID`` names."""
    command = [sys.executable, *debugger(os.environ), "-m", "flows.execution.engine"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as engine:
        try:
            importlib.import_module("flows.execution.watch").watch(engine)
        finally:
            engine.kill()


if __name__ == "__main__":
    main()
