"""Checks that typed parameters become the values that a flow takes."""

import pytest

from local.console.chosen_flow import read_parameters
from local.console.errors import CommandFailed


def test_parameters_are_of_the_flows_own_types():
    given = {"BUDGET_PAGES": "20", "BUDGET_SECONDS": "2.5", "MAX_AGE_MINUTES": "0", "OTHER": "1"}
    assert read_parameters(given) == {
        "budget_pages": 20,
        "budget_seconds": 2.5,
        "max_age_minutes": 0,
    }


def test_an_exact_amount_stays_text():
    assert read_parameters({"USD_RATE": "0.16000001"}) == {"usd_rate": "0.16000001"}


def test_a_value_out_of_its_bounds_is_named():
    with pytest.raises(CommandFailed, match=r"BUDGET_PAGES=0: .*greater than 0"):
        read_parameters({"BUDGET_PAGES": "0"})
