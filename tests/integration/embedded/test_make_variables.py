"""`make run REPLY=…` must not run without its recording: misspelt variables are refused."""

import os
import subprocess
import sys

import pytest


def embedded(command, tmp_path, *given):
    """Run `make COMMAND NAME=…` with the names that make was given; return the finished process."""
    environment = {**os.environ, "MAKE_VARIABLES": " ".join(given), "STATE": str(tmp_path)}
    environment |= {"AT": "embedded", "MAKELEVEL": "1"}
    return subprocess.run(
        [sys.executable, "-m", "local", command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("command", "given", "said"),
    [
        (
            "run",
            ["REPLAY", "CANTON_BASE_ULR"],
            "make run has no option CANTON_BASE_ULR; did",
        ),
        ("run", ["SNOWFLAKE_HOST"], "make run has no option SNOWFLAKE_HOST; did you mean"),
        ("sql", ["Q", "FORMT"], "make sql has no option FORMT; did you mean FORMAT?"),
    ],
)
def test_a_misspelt_make_variable_is_refused_with_what_it_might_be(tmp_path, command, given, said):
    refused = embedded(command, tmp_path, *given)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("error: ")
    assert said in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == [], "nothing was begun"


def test_variables_that_a_command_knows_are_taken(tmp_path):
    answer = embedded("reset", tmp_path / "none", "YES", "NETWORK", "STATE")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "nothing to reset\n", "")
