"""A command ends quietly when its reader has enough, and with the words that were typed."""

import os
import subprocess
import sys

import pytest

from local.console.commands import quality
from local.embedded.state import FORMAT
from local.program import main
from local.verbs import VERBS
from services.errors import SettingsWrong
from tests.clone import ROOT

PROGRAM = """
import sys
from local.program import ended
from local.verbs import STACK
def many():
    for number in range(100_000):
        print(number)
    return 0
def few():
    print("a line that is written at the end")
    return 0
sys.stdin.read()
sys.exit(ended(STACK, {"many": many, "few": few}[sys.argv[1]]))
"""


@pytest.mark.parametrize("command", ["many", "few"])
def test_a_reader_that_has_enough_ends_a_command_without_a_word(command):
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, command], cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.parametrize(
    ("typed", "variables", "named"),
    [
        pytest.param(["--keep-runs", "x"], {}, "--keep-runs x", id="an option"),
        pytest.param([], {"KEEP_RUNS": "x"}, "KEEP_RUNS=x", id="a variable"),
    ],
)
def test_a_value_that_cannot_be_is_refused_as_it_was_typed(typed, variables, named, tmp_path):
    answer = subprocess.run(
        [sys.executable, "-m", "local", "run", "--state", tmp_path, *typed],
        cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.stderr == f"error: {named}: expected a number of days from 2 to 3650\n"
    assert answer.returncode == 1


@pytest.mark.parametrize(
    ("outer", "ledgers", "hint"),
    [
        ({}, ["ba9876543210"], "--network … names one of ba9876543210"),
        ({"MAKELEVEL": "1"}, ["ba9876543210"], "NETWORK=… names one of ba9876543210"),
        ({}, [], "make run makes one"),
    ],
)
def test_what_to_type_is_an_option_after_pipeline_and_a_variable_after_make(
    tmp_path, outer, ledgers, hint
):
    for network in ("0123456789ab", "0123456789ab-replay-1", "ba9876543210"):
        (tmp_path / network).mkdir()
        (tmp_path / network / "state.json").write_text(f'{{"format": {FORMAT}}}')
    for network in ledgers:
        (tmp_path / network / "scan.json").touch()
    (tmp_path / "current").write_text("0123456789ab")
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    answer = subprocess.run(
        [sys.executable, "-m", "local", "clock", "--at", "embedded"],
        cwd=ROOT, env={**environment, **outer, "STATE": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 1
    assert answer.stderr.endswith(f" knows what is true. {hint}\n")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["run", "RATE=20"], "RATE=20 is typed after make: here, ./pipeline run --rate 20"),
        (["snapshot", "NAME=a b"], "NAME=a b is typed after make: here, ./pipeline snapshot 'a b'"),
        (["reset", "YES=1"], "YES=1 is typed after make: here, ./pipeline reset --yes"),
        (["schedule", "ON=0"], "ON=0 is typed after make: here, ./pipeline schedule --off"),
        (["run", "COLOR=red"], "COLOR=red is a word too many: ./pipeline run --help shows all"),
        (["snapshot", "a", "b"], "b is a word too many: ./pipeline snapshot --help shows all"),
    ],
)  # fmt: skip
def test_a_word_that_make_would_take_is_refused_with_what_to_type(typed, said, capsys):
    assert main(typed) == 2
    assert capsys.readouterr().err == f"error: {said}\n"


def test_help_of_reset_says_what_it_leaves(capsys):
    assert main(["reset", "--help"]) == 0
    assert "snapshots stay" in capsys.readouterr().out


def test_help_has_no_link_of_a_page_that_a_terminal_shows_as_it_is_written(capsys):
    for verb in VERBS:
        assert main([verb, "--help"]) == 0
    assert "](" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("gold_fresh", "did you mean gold_is_fresh?"),
        ("is_fresh", "did you mean gold_is_fresh or silver_is_fresh or bronze_is_fresh?"),
        ("nope", "./pipeline quality lists them"),
    ],
)
def test_a_rule_that_is_none_is_answered_with_the_nearest_before_a_place_is_opened(name, hint):
    with pytest.raises(SettingsWrong) as refused:
        quality({"TRY": name}, lambda _: pytest.fail("nothing is to be started"))
    assert str(refused.value) == f"no rule {name} judges what is committed: {hint}"
