"""What makes one run's container one that waits for a debugger, and nothing else of the stack."""

import pytest

from console.debugging import SETTINGS
from console.errors import CommandFailed
from stack.debug import job_variables
from stack.settings import Stack, keep, kept_values, plan_stack

DEFAULTS = {
    "volumes": ["/repo/flows:/app/flows:ro"],
    "container_create_kwargs": {"read_only": True, "cap_drop": ["ALL"]},
    "mem_limit": "1g",
}


def stack(folder):
    return Stack({"DEBUG_FOLDER": str(folder / ".debugger")})


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


def test_the_ports_for_debuggers_are_two_that_stay(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keep(plan_stack({"DEBUG_PORT": "6010", "MAKE_VARIABLES": "DEBUG_PORT"}))
    again = plan_stack({}).values
    assert (again["DEBUG_PORT"], again["RULES_PORT"]) == ("6010", "6011")
    assert kept_values()["DEBUG_FOLDER"] == str(tmp_path / ".debugger")
