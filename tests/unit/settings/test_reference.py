from pathlib import Path

from services.settings import setting_names
from services.settings_reference import configuration, environment_example

PROJECT = Path(__file__).parents[3]
HOW = "write it again: python -m services.settings_reference"


def test_the_example_environment_lists_every_setting_and_nothing_else():
    lines = (PROJECT / ".env.example").read_text().splitlines()
    names = [line for line in lines if line and not line.startswith("#")]
    assert names == [f"{name}=" for name in setting_names()], f"{HOW} --env > .env.example"


def test_the_example_environment_says_what_the_settings_say():
    written = (PROJECT / ".env.example").read_text()
    assert written == environment_example(), f"{HOW} --env > .env.example"


def test_the_configuration_page_says_what_the_settings_say():
    written = (PROJECT / "docs" / "configuration.md").read_text()
    assert written == configuration(), f"{HOW} > docs/configuration.md"


def test_every_setting_has_a_row_that_says_what_it_means():
    rows = {
        cells[1].strip(" `"): cells[4].strip()
        for line in configuration().splitlines()
        if len(cells := line.split("|")) == 6
    }
    assert {name: rows.get(name) for name in setting_names()} == setting_names()
    assert all(setting_names().values())
