"""KEEP_RUNS: after how many days Prefect deletes what has ended."""

from pathlib import Path

import pytest
import yaml

from flows.recover_runs import LOOKS_BACK
from local.console.errors import CommandFailed
from local.console.ports import Ports
from local.console.retention import days_to_keep, server_settings
from local.embedded import world
from local.embedded.state import StateFolder

PORTS = Ports(4200, 5012, 4566, 8085, 8090, 8400, 8443, 8501)
COMPOSE = Path(__file__).parents[3] / "docker-compose.yml"


def test_it_is_fourteen_days_until_somebody_says_otherwise():
    assert days_to_keep({}) == "14"
    assert days_to_keep({"KEEP_RUNS": ""}) == "14"
    assert days_to_keep({"KEEP_RUNS": "90"}) == "90"


@pytest.mark.parametrize("wrong", ["0", "1", "1.5", "-3", "forever", "999999"])
def test_what_is_no_number_of_days_is_refused(wrong):
    with pytest.raises(CommandFailed, match=f"KEEP_RUNS={wrong}: expected a number of days from 2"):
        days_to_keep({"KEEP_RUNS": wrong})


def test_what_crashed_is_kept_for_longer_than_recovery_looks_back():
    with pytest.raises(CommandFailed, match="days from 2 to"):
        days_to_keep({"KEEP_RUNS": str(LOOKS_BACK.days)})


def test_the_stacks_server_is_told_the_same_as_that_of_make_run(tmp_path):
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    wanted = server_settings("${KEEP_RUNS}")
    assert services["prefect-server"]["environment"].items() >= wanted.items()
    state = StateFolder("network", tmp_path)
    state.prepare()
    assert world.prefect(state, PORTS, "30").env.items() >= server_settings("30").items()


def test_a_server_that_is_started_to_look_at_runs_deletes_none(tmp_path):
    state = StateFolder("network", tmp_path)
    state.prepare()
    told = world.prefect(state, PORTS).env
    assert not server_settings("30").keys() & told.keys()
