"""A variable that a command doesn't know is refused, or it would do nothing, silently."""

import pytest

from local.console.errors import CommandFailed
from local.console.variables import is_on, refuse_unknown

MAKE = {"MAKELEVEL": "1"}


def test_a_misspelt_name_is_refused_with_what_it_might_be():
    with pytest.raises(CommandFailed, match=r"^make up has no option MONT; did you mean MOUNT[?]$"):
        refuse_unknown("up", {"MOUNT"}, {**MAKE, "MAKE_VARIABLES": "PYTHON MONT"})
    with pytest.raises(
        CommandFailed, match=r"^[.]/pipeline up has no option --mont; .* --mount[?]$"
    ):
        refuse_unknown("up", {"MOUNT"}, {"MAKE_VARIABLES": "MONT"})


def test_a_name_like_none_is_answered_with_those_there_are():
    with pytest.raises(CommandFailed, match=r"has no option NETWORK; it has Q$"):
        refuse_unknown("sql", {"Q"}, {**MAKE, "MAKE_VARIABLES": "NETWORK"})
    with pytest.raises(CommandFailed, match=r"has no option --network; it has --format, --q$"):
        refuse_unknown("sql", {"Q", "FORMAT"}, {"MAKE_VARIABLES": "NETWORK"})


@pytest.mark.parametrize(("value", "on"), [("1", True), ("0", False), ("", True), (None, True)])
def test_a_switch_is_on_or_off(value, on):
    environment = {} if value is None else {"MOUNT": value}
    assert is_on("MOUNT", environment, default=True) is on


@pytest.mark.parametrize("value", ["2", "yes", "true"])
def test_a_switch_that_is_neither_is_refused(value):
    with pytest.raises(CommandFailed, match=f"MOUNT={value}: expected 1 or 0"):
        is_on("MOUNT", {"MOUNT": value})
