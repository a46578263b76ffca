"""A killed run is said to lack memory where Docker saw that, and nowhere else."""

import os

import pytest
from prefect._internal.infrastructure_exit_codes import get_infrastructure_exit_info
from prefect.states import Crashed

from flows.recover_runs import next_state
from local.stack.runs import cause, lacked_memory

EXITED = "Flow run infrastructure exited with non-zero status code"


def killed(code):
    """Return a killed run with the message that the installed version of Prefect gives."""
    explanation = get_infrastructure_exit_info(code).explanation
    return {"id": "run", "state": {"message": f"{EXITED} {code}. {explanation}"}}


@pytest.mark.parametrize("code", [137, -9])
@pytest.mark.parametrize(
    ("lacked", "said"),
    [
        (True, " Docker says: it needed more memory than it may have"),
        (False, " Docker says: not for lack of memory"),
        (None, ""),
    ],
)
def test_what_docker_knows_takes_the_place_of_a_guess(code, lacked, said):
    assert cause(killed(code), lambda _: lacked) == f"{EXITED} {code}. It was killed.{said}"


def test_what_is_no_guess_stays():
    run = {"id": "run", "state": {"message": "nothing was heard of it for 90 s"}}
    assert cause(run, lambda _: True) == "nothing was heard of it for 90 s"


def test_recovery_and_slack_repeat_no_guess():
    message = killed(137)["state"]["message"]
    for crashes in (1, 3):
        state = next_state(Crashed(message=message), crashes, 3, 10)
        assert state.message.endswith(f"{EXITED} 137. It was killed.")


@pytest.mark.parametrize(
    ("events", "lacked"),
    [("create start oom die destroy", True), ("create start die destroy", False), ("", None)],
    ids=["out of memory", "killed", "forgotten"],
)
def test_docker_is_asked_for_the_events_of_the_run(events, lacked, tmp_path, monkeypatch):
    docker = tmp_path / "docker"
    label = "label=io.prefect.flow-run-id=run"
    docker.write_text(f'#!/bin/sh\ncase "$*" in *{label}*) printf "%s\\n" {events};; esac\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert lacked_memory("run") is lacked
