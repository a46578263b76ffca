"""The health check of a service, asked again and again under its definition's own timeout."""

import os
import subprocess
from pathlib import Path

import pytest

from cloud.infra.containers import Container, Made, define
from cloud.infra.environment import Environment
from cloud.infra.settings import read_settings

PROBES = Path("docker/probes").absolute()
ECS_MOST_SECONDS = 60


@pytest.fixture
def check(tmp_path):
    """Runs a service's health check as ECS does: ended after the definition's timeout."""

    def run(*health):
        container = Container("server", [], Environment({}, {}), Made("image", {}, "log"), health)
        definition = define(read_settings("prod"), container)["healthCheck"]
        kind, *command = definition["command"]
        assert (kind, definition["timeout"] <= ECS_MOST_SECONDS) == ("CMD", True)
        return subprocess.run(
            command,
            env={"PATH": f"{PROBES}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)},
            timeout=definition["timeout"],
            check=False,
        ).returncode

    return run


def test_a_service_that_is_well_stays_well_under_the_definitions_own_timeout(check):
    """The second check rests before it asks, and must come to its end all the same."""
    assert (check("true"), check("true")) == (0, 0)


def test_a_service_that_falls_ill_is_told_by_the_next_check(check, tmp_path):
    assert check("true") == 0
    assert (check("false"), check("false")) == (1, 1)
