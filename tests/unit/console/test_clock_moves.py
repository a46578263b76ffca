"""`./pipeline clock` asks the mock for nothing that it refuses, and says so itself."""

import msgspec
import pytest

from local.console.errors import CommandFailed
from local.console.steering import read_move
from mocks.canton_scan.clock import ClockMove


@pytest.mark.parametrize(
    ("variables", "move"),
    [
        ({"ADVANCE": "36500d"}, {"advance_seconds": 3_153_600_000}),
        ({"SPEED": "1000000"}, {"speed": 1_000_000}),
    ],
)
def test_the_most_that_the_clock_takes_is_asked_for(variables, move):
    assert read_move(variables) == move
    assert msgspec.convert(move, ClockMove)
    (name,) = move
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({name: move[name] + 1}, ClockMove)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"ADVANCE": "999999d"}, "ADVANCE=999999d: expected at most 36500d (100 years)"),
        ({"ADVANCE": "9" * 400}, f"ADVANCE={'9' * 400}: expected at most 36500d (100 years)"),
        ({"SPEED": "1000001"}, "SPEED=1000001: expected at most 1000000"),
    ],
)
def test_more_than_the_clock_takes_is_refused_in_the_words_that_were_typed(variables, message):
    with pytest.raises(CommandFailed) as refused:
        read_move(variables)
    assert str(refused.value) == message
