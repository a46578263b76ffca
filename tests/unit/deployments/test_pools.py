"""Pools: the worker's own template with our values laid over it."""

import pytest
from prefect.utilities.templating import apply_values

from deployments.apply import CONTROL_POOL
from deployments.pools import PoolWrong, worker_template
from local.stack.pool import docker_pool
from tests.deploy_job import GIVEN


def defaults(template):
    return {
        name: one["default"]
        for name, one in template["variables"]["properties"].items()
        if "default" in one
    }


def test_our_values_lie_over_the_workers_own():
    read = defaults(docker_pool(GIVEN, cores=2).template)
    assert read["volumes"] == ["/a:/b:ro", "/c:/d:ro"]
    assert read["image"] == "x"
    assert read["stream_output"] is True
    assert read["env"]["SNOWFLAKE_PASSWORD"] == "{{ prefect.blocks.secret.snowflake-password }}"
    assert read["privileged"] is False


def test_a_run_that_says_how_much_memory_it_may_have_gets_no_swap_beside_it():
    template = docker_pool(GIVEN, cores=2).template
    job = template["job_configuration"]
    for asked, given in (({}, "1g"), ({"mem_limit": "2g"}, "2g")):
        filled = apply_values(job, {**defaults(template), **asked})
        assert (filled["mem_limit"], filled["memswap_limit"]) == (given, given)


def test_a_value_that_the_worker_does_not_know_is_an_error():
    with pytest.raises(PoolWrong, match="process know no image"):
        worker_template("process", {"image": "x"})


def test_a_pool_without_a_worker_is_an_error():
    with pytest.raises(PoolWrong, match="no worker of type airship"):
        worker_template("airship", {})


def test_each_value_has_its_reason_beside_it():
    """Beside it, or above the group that it is in."""
    lines = CONTROL_POOL.read_text().splitlines()
    values = lines[lines.index("defaults:") + 1 :]
    bare = [
        line
        for number, line in enumerate(values)
        if "#" not in line and not is_in_a_group_with_a_reason(values, number)
    ]
    assert bare == []


def is_in_a_group_with_a_reason(lines, number):
    """A group's head holds no value; its members may share a reason above them or on it."""
    if lines[number].endswith(":"):
        return True
    depth = len(lines[number]) - len(lines[number].lstrip())
    for line in reversed(lines[:number]):
        above = len(line) - len(line.lstrip())
        if line.lstrip().startswith("#") and above == depth:
            return True
        if above < depth:
            return "#" in line
    return False
