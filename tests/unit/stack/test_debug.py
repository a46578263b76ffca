"""Checks of what makes one run's container, and nothing else of the stack, wait for a debugger."""

import httpx
import pytest

from local.console.debugging import SETTINGS
from local.console.errors import CommandFailed
from local.stack.debug import cancelled_when_stopped, job_variables
from local.stack.settings import Stack, keep, kept_values, plan_stack

DEFAULTS = {
    "volumes": ["/repo/flows:/app/flows:ro"],
    "container_create_kwargs": {"read_only": True, "cap_drop": ["ALL"]},
    "mem_limit": "1g",
    "networks": ["canton-0a1b2c_default"],
}


def stack(folder):
    values = {"DEBUG_FOLDER": str(folder / ".debugger"), "COMPOSE_PROJECT": "canton-0a1b2c"}
    return Stack(values)


def test_a_run_keeps_what_its_pool_gives_and_has_the_debugger_and_its_port_besides(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    wanted = job_variables(stack(tmp_path), DEFAULTS, 5688)
    folder = tmp_path / ".debugger"
    assert wanted["volumes"] == [*DEFAULTS["volumes"], f"{folder}:/debug:ro"]
    assert wanted["container_create_kwargs"] == {
        **DEFAULTS["container_create_kwargs"],
        "ports": {"5678/tcp": {"HostIp": "127.0.0.1", "HostPort": "5688"}},
    }
    assert wanted["networks"] == ["canton-0a1b2c_default", "canton-0a1b2c_ports"]
    assert (
        wanted["env"].items()
        >= {
            "FLOW_DEBUG_LISTEN": "0.0.0.0:5678",
            "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": None,
            "PYTHONPATH": "/app:/debug",
            **SETTINGS,
        }.items()
    )


def test_a_folder_that_the_gate_does_not_know_is_refused_before_a_run_is_asked_for(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandFailed, match="make up, once more"):
        job_variables(stack(tmp_path / "moved"), DEFAULTS, 5688)


class Prefect:
    def __init__(self):
        self.cancelled = []

    def cancel(self, run_id):
        self.cancelled.append(run_id)


@pytest.mark.parametrize(
    "end", [KeyboardInterrupt, SystemExit, CommandFailed, httpx.ConnectError("refused")]
)
def test_a_run_that_nobody_is_told_of_any_more_is_cancelled(end):
    prefect = Prefect()
    kind = end if isinstance(end, type) else type(end)
    with pytest.raises(kind), cancelled_when_stopped(prefect, {"id": "7", "name": "odd-owl"}):
        raise end
    assert prefect.cancelled == ["7"]


def test_a_run_that_was_followed_to_its_end_is_left_as_it_is():
    prefect = Prefect()
    with cancelled_when_stopped(prefect, {"id": "7", "name": "odd-owl"}):
        pass
    assert prefect.cancelled == []


def test_the_last_port_leaves_none_for_the_rules(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandFailed, match="DEBUG_PORT=65535 needs the next port too: 65534"):
        plan_stack({"DEBUG_PORT": "65535", "MAKE_VARIABLES": "DEBUG_PORT"})
    highest = plan_stack({"DEBUG_PORT": "65534", "MAKE_VARIABLES": "DEBUG_PORT"})
    assert highest.values["RULES_PORT"] == "65535"


def test_the_ports_for_debuggers_are_two_that_stay(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keep(plan_stack({"DEBUG_PORT": "6010", "MAKE_VARIABLES": "DEBUG_PORT"}))
    again = plan_stack({}).values
    assert (again["DEBUG_PORT"], again["RULES_PORT"]) == ("6010", "6011")
    assert kept_values()["DEBUG_FOLDER"] == str(tmp_path / ".debugger")
