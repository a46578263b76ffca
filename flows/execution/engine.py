"""Prefect's engine with its imports done: it runs the flow when standard input gives it the rest.

That is a line of JSON, the variables through which the engine reports to its watcher.
"""

import contextlib
import importlib
import json
import os
import runpy
import sys

# What the engine imports when it starts, and what all flows do, but Snowpark.
AHEAD = ("prefect.flow_engine", "flows.silver_transactions")


def main() -> None:
    """Run the flow; where the watcher ended before it gave the word, nothing."""
    for name in AHEAD:
        with contextlib.suppress(
            Exception
        ):  # broken by an edit: the engine says so, where it matters
            importlib.import_module(name)
    if line := sys.stdin.readline():
        os.environ |= json.loads(line)
        sys.argv = ["prefect.engine"]
        runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
