"""Start the engine, which imports Prefect meanwhile, and then watch over it."""

import importlib
import subprocess
import sys


def main() -> None:
    """Execute the flow run that ``PREFECT__FLOW_RUN_ID`` names."""
    command = [sys.executable, "-m", "flows.execution.engine"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as engine:
        try:
            importlib.import_module("flows.execution.watch").watch(engine)
        finally:
            engine.kill()


if __name__ == "__main__":
    main()
