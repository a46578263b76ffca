from pathlib import Path

import pytest
import yaml
from dotenv import dotenv_values

from console.local_settings import SILENT, foreign_free
from control.pools import read_pool
from stack.deploy import POOL


@pytest.fixture
def silent():
    found = dotenv_values(SILENT)
    assert found["DO_NOT_TRACK"] == "1"
    return found


def test_make_run_is_told_to_be_silent_whatever_a_person_has_set(silent):
    told = foreign_free({"DO_NOT_TRACK": "0", "PREFECT_SERVER_ANALYTICS_ENABLED": "true"})
    assert told.items() >= silent.items()


def test_flow_runs_are_told_to_be_silent(silent, tmp_path):
    pool = yaml.safe_load(POOL.read_text()) | {"defaults": {"env": {"A": "b"}}}
    file = tmp_path / "pool.yaml"
    file.write_text(yaml.safe_dump(pool))
    env = read_pool(file, {}).template["variables"]["properties"]["env"]["default"]
    assert env == {"A": "b", **silent}


def test_every_service_of_the_stack_is_told_to_be_silent():
    services = yaml.safe_load(Path("docker-compose.yml").read_text())["services"]
    assert {name for name, one in services.items() if one.get("env_file") != [SILENT]} == set()
