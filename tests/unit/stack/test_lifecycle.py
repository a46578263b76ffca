"""Checks of what `make up` and `make down` tell Docker; `docker` is a script that records it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local.console.errors import CommandFailed
from local.console.ports import SERVICES
from local.stack.compose import ComposeFailed
from local.stack.egress import open_egress
from local.stack.lifecycle import down, print_addresses, remove_unwanted, reset
from local.stack.settings import keep, plan_stack
from local.stack.start import start
from tests.clone import ROOT, until
from tests.inspected import inspected
from tests.programs import put_first

# A call is answered by the script in `answers` of the name of its first word, if there is one.
DOCKER = """#!/bin/bash
[ "$1" = compose ] && shift 3
echo "$@" >> said
[ ! -e "answers/$1" ] || . "answers/$1"
"""
GONE = "Error response from daemon: No such container: 0123456789ab"
SERVICE = '{"Service": "slack", "Name": "slack-1", "State": "%s", "ExitCode": 143, "Health": ""}'
DECLARED = '{"services": {"slack": {"restart": "unless-stopped"}}}'


@pytest.fixture
def docker(tmp_path, monkeypatch):
    """Give `docker WORD …` an answer, in the words of a shell."""
    monkeypatch.chdir(tmp_path)
    put_first(monkeypatch, tmp_path / "bin", "docker", DOCKER)
    keep(plan_stack({}))
    (tmp_path / "answers").mkdir()
    (tmp_path / "said").touch()
    return lambda word, script: Path("answers", word).write_text(script)


def said(*words):
    return [line for line in Path("said").read_text().splitlines() if line.split()[0] in words]


def test_a_run_that_ends_meanwhile_does_not_leave_a_stack_half_down(docker):
    docker("ps", "echo 0123456789ab")
    docker("down", f'[ -e removed ] || {{ echo "{GONE}" >&2; exit 1; }}')
    docker("rm", "touch removed")
    assert down({}) == 0
    first, removed, second = said("down", "rm")
    assert removed == "rm --force 0123456789ab"
    assert first == second


def test_a_stack_that_can_not_be_stopped_is_tried_once(docker):
    docker("down", "echo network has active endpoints >&2; exit 1")
    with pytest.raises(ComposeFailed, match="network has active endpoints"):
        down({})
    assert len(said("down")) == 1


def test_what_a_reset_leaves_in_docker_is_said(docker, capsys):
    docker("system", "printf 'Images\\t3GB\\nBuild Cache\\t1.8GB\\n'")
    assert reset({"YES": "1", "IMAGES": "1"}) == 0
    assert not Path(".stack").exists()
    assert "Docker's build cache (1.8GB) is kept: docker builder prune" in capsys.readouterr().out


def test_a_reset_of_the_stack_says_that_the_state_of_make_run_is_kept(docker, capsys):
    assert reset({"YES": "1"}) == 0
    assert "make run" not in capsys.readouterr().out
    keep(plan_stack({}))
    Path(".local").mkdir()
    assert reset({"YES": "1"}) == 0
    kept = ".local, the state of make run, is kept: make reset AT=embedded deletes it\n"
    assert capsys.readouterr().out.count(kept) == 1
    assert Path(".local").is_dir()


def test_every_service_of_this_start_that_this_machine_reaches_is_among_the_addresses(
    docker, capsys
):
    for wanted, missing in (({"DASHBOARD": "1"}, []), ({}, ["DASHBOARD"])):
        stack = plan_stack(wanted)
        print_addresses(stack)
        shown = capsys.readouterr().out
        assert [name for name in SERVICES if f"{stack.url(name)} " not in shown] == missing


def test_services_that_were_asked_for_before_are_removed_by_what_is_there(docker):
    there = '{"Service": "canton-scan-behind"}\\n{"Service": "dashboard"}'
    docker("ps", f"[[ \"$*\" != *json* ]] || printf '{there}'")
    remove_unwanted(plan_stack({"SCANS": "2", "DASHBOARD": "1"}))
    assert said("--profile") == []
    remove_unwanted(plan_stack({"DASHBOARD": "1"}))
    behind = "--profile behind rm --stop --force canton-scan-behind"
    assert said("--profile") == [behind]
    remove_unwanted(plan_stack({}))
    assert said("--profile")[1:] == [behind, "--profile dashboard rm --stop --force dashboard"]


def test_what_an_interrupted_compose_left_of_an_exchange_is_removed_first(docker):
    names = "p-slack-1 0123456789ab_p-slack-1 0123456789ab_q-slack-1 mine_p-slack-1"
    found = [inspected(name) for name in names.split()]
    docker("container", "echo a")
    docker("inspect", f"echo '{json.dumps(found)}'")
    start("p")
    assert said("rm", "up") == ["rm --force 0123456789ab_p-slack-1", "up --detach --wait"]


REAL = {
    "CANTON_BASE_URL": "https://scan.example/api/scan",
    "CANTON_START_AT": "2026-11-20T00:00:00Z",
    "MAKE_VARIABLES": "CANTON_BASE_URL CANTON_START_AT",
}


def test_the_way_to_a_real_scan_stays_as_long_as_one_is_read(docker):
    """No flow run is on its network yet, so that Docker would take it for one without a use."""
    keep(plan_stack(REAL))
    start("p")
    keep(plan_stack({}))
    start("p")
    own = "--filter=label=com.docker.compose.project=p"
    assert said("network") == [
        f"network prune --force {own} --filter=label!=com.docker.compose.network=egress",
        f"network prune --force {own}",
    ]


def test_a_way_out_is_made_where_a_real_scan_is_read_and_nowhere_else(docker):
    open_egress(plan_stack({}).values)
    assert said("network") == []
    values = plan_stack(REAL).values
    open_egress(values)
    _, create = said("network")
    assert create.startswith("network create --label=com.docker.compose.project=")
    assert create.endswith(f" {values['COMPOSE_PROJECT']}_egress")


def test_what_is_paused_goes_on(docker, capsys):
    docker("container", "echo a")
    found = [inspected("p-slack-1", state="paused"), inspected("p-scan-1")]
    docker("inspect", f"echo '{json.dumps(found)}'")
    start("p")
    assert said("unpause", "up") == ["unpause p-slack-1", "up --detach --wait"]
    assert "p-slack-1 was paused, and goes on" in capsys.readouterr().out


def test_a_failure_is_told_with_composes_own_words_and_nothing_of_an_earlier_start(docker):
    docker("ps", f"[[ \"$*\" != *json* ]] || echo '{SERVICE % 'exited'}'")
    docker("config", f"echo '{DECLARED}'")
    docker("logs", '[[ "$*" == *"--since 1s"* ]] || echo "of minutes ago"')
    docker("up", 'echo " Container slack-1  Starting" >&2; echo "the name is taken" >&2; exit 1')
    with pytest.raises(CommandFailed) as refused:
        start("p")
    assert str(refused.value).splitlines() == [
        "slack did not start (exited (143))",
        "Compose said: the name is taken",
        "./pipeline logs slack shows more; make up tries again; make down stops the rest",
    ]


def test_a_stopped_command_lets_all_of_compose_clean_up(docker):
    """`docker` starts Compose as a process of its own, which a signal to `docker` alone misses."""
    plugin = "trap 'echo cleaned up >> said; exit 1' TERM; touch began; while :; do sleep 0.1; done"
    docker("up", f'bash -c "{plugin}" & wait')
    code = "from local.stack.compose import compose; compose('up')"
    with subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)},
                          stderr=subprocess.DEVNULL) as stopped:  # fmt: skip
        until(Path("began").exists, "Compose at work", 60)
        stopped.send_signal(signal.SIGINT)
    assert said("cleaned") == ["cleaned up"]
