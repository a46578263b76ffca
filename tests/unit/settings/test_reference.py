import re
import shutil
import subprocess
from pathlib import Path

from local.stack.choices import FLOW_LIMITS
from services.settings import setting_names
from services.settings_reference import configuration

PROJECT = Path(__file__).parents[3]


def test_the_example_environment_lists_every_setting_then_flow_limits_and_nothing_else():
    lines = (PROJECT / ".env.example").read_text().splitlines()
    names = [line for line in lines if line and not line.startswith("#")]
    wanted = [f"{name}=" for name in (*setting_names(), *FLOW_LIMITS)]
    assert names == wanted, "./pipeline docs writes it again"


def test_a_shell_that_reads_it_as_it_says_asks_nothing_outside(tmp_path):
    text = (PROJECT / ".env.example").read_text()
    (command,) = re.findall(r"`(set -a[^`]*)`", text)
    (tmp_path / ".env").write_text(text)
    shutil.copy(PROJECT / "offline.env", tmp_path)
    shown = subprocess.run(
        ["sh", "-ec", f"{command}; env"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert "PREFECT_SERVER_ANALYTICS_ENABLED=false" in shown
    assert "CANTON_BASE_URL=" in shown


def test_every_setting_has_a_row_that_says_what_it_means():
    rows = {
        cells[1].strip(" `"): cells[4].strip()
        for line in configuration().splitlines()
        if len(cells := line.split("|")) == 6
    }
    assert {name: rows.get(name) for name in setting_names()} == setting_names()
    assert all(setting_names().values())
