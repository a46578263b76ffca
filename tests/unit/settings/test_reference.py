from pathlib import Path

from services.settings import setting_names
from services.settings_reference import configuration

PROJECT = Path(__file__).parents[3]


def test_the_example_environment_lists_every_setting_and_nothing_else():
    lines = (PROJECT / ".env.example").read_text().splitlines()
    names = [line for line in lines if line and not line.startswith("#")]
    assert names == [f"{name}=" for name in setting_names()], "./pipeline docs writes it again"


def test_every_setting_has_a_row_that_says_what_it_means():
    rows = {
        cells[1].strip(" `"): cells[4].strip()
        for line in configuration().splitlines()
        if len(cells := line.split("|")) == 6
    }
    assert {name: rows.get(name) for name in setting_names()} == setting_names()
    assert all(setting_names().values())
