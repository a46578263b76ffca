"""Measure the seconds from a save to the printed result of `make dev`, on this machine.

    ./pipeline bench-dev                 five saves of each layer, on the ledger of 2,000 updates
    ./pipeline bench-dev --saves 1

It edits a copy of the working tree. The last run of the layers leaves a fork that tidies up, so
each save comes a moment after the result before, as a person's would.
"""

import os
import re
import statistics
import tempfile
import time
from pathlib import Path

from services.tables import print_table
from tests.clone import Clone, Typed, copy_tree, until

SAVES = "5"
FILES = {layer: Path("services") / f"{layer}.py" for layer in ("gold", "silver", "bronze")}
PAUSE_SECONDS = 3
_RESULT = re.compile(r"^([\d.]+) s after the (?:save|start)$", re.MULTILINE)


def main() -> None:
    saves = int(os.environ.get("SAVES") or SAVES)
    with tempfile.TemporaryDirectory(prefix="canton-bench-") as folder:
        copy_tree(Path(folder))
        with Clone(Path(folder)).typing("dev", "STATE=state") as typed:
            _results(typed, 1)
            rows = [measure(typed, Path(folder), layer, saves) for layer in FILES]
            typed.press_ctrl_c()
            until(typed.is_gone, "make dev ended")
    print_table(rows)


def measure(typed: Typed, folder: Path, layer: str, saves: int) -> dict[str, str]:
    found: list[float] = []
    for _ in range(saves):
        time.sleep(PAUSE_SECONDS)
        before = len(_RESULT.findall(typed.screen.read_text()))
        with (folder / FILES[layer]).open("a") as file:
            file.write("# saved\n")
        found.append(_results(typed, before + 1)[-1])
    median, slowest = statistics.median(found), max(found)
    return {"saved": str(FILES[layer]), "median": f"{median:.1f} s", "slowest": f"{slowest:.1f} s"}


def _results(typed: Typed, count: int) -> list[float]:
    def are_there() -> list[str]:
        found = _RESULT.findall(typed.screen.read_text())
        return found if len(found) >= count else []

    return [float(seconds) for seconds in until(are_there, f"{count} results")]


if __name__ == "__main__":
    main()
