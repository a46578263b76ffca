"""A command ends quietly when its reader has enough, and with the words that were typed."""

import os
import subprocess
import sys

import pytest

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
