"""`make help` fits a terminal, and names every target that is documented."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_each_line_of_help_fits_eighty_columns_and_no_target_is_missing():
    shown = subprocess.run(
        ["awk", "-f", "tools/help.awk", "Makefile"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    documented = re.findall(r"^([a-z0-9-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert "test-e2e" in documented
    assert re.findall(r"^  ([a-z0-9-]+) ", shown, re.MULTILINE) == documented
