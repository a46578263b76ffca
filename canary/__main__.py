"""``python -m canary [TESTS]``: 0 if the newest packages are good; a summary for CI as well."""

import os
import sys
import tempfile
from pathlib import Path

from canary.environment import Environment
from canary.verdict import judge
from console.errors import CommandFailed


def main(chosen: list[str]) -> int:
    """Try the newest packages and print the verdict."""
    with tempfile.TemporaryDirectory(prefix="canary-") as folder:
        environment = Environment(Path(folder))
        try:
            environment.make()
            locked, newest = environment.locked(), environment.newest()
            verdict = judge(environment, (locked, newest), chosen, _say)
        except CommandFailed as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    print(verdict.text())
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a") as file:
            file.write(verdict.text())
    return 0 if verdict.ok else 1


def _say(what: str) -> None:
    print(f"==== {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
