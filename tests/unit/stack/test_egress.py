"""docker-compose.yml: no service has a way out; flow runs may have one."""

import string

import pytest
import yaml

from local.stack.deploy import read_config
from local.stack.flow_containers import Rules
from local.stack.settings import unkept_stack
from tests.clone import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
REAL = {
    "CANTON_BASE_URL": "https://scan.example/api/scan",
    "CANTON_START_AT": "2026-11-20T00:00:00Z",
    "MAKE_VARIABLES": "CANTON_BASE_URL CANTON_START_AT",
}


def filled(service, values):
    """A service's environment as Compose gives it to its container."""
    found = COMPOSE["services"][service]["environment"]
    return {name: string.Template(value).substitute(values) for name, value in found.items()}


def networks_of_a_run(values):
    """The networks on which the worker creates a flow run's container, by its pool's template."""
    template = read_config(filled("deploy", values), cores=2).pool.template
    return template["variables"]["properties"]["networks"]["default"]


@pytest.mark.parametrize(
    ("environment", "more"),
    [pytest.param({}, [], id="the mock"), pytest.param(REAL, ["egress"], id="a real Scan")],
)
def test_flow_runs_are_on_the_network_with_a_way_out_only_then(environment, more):
    values = unkept_stack(environment).values
    project = values["COMPOSE_PROJECT"]
    wanted = [f"{project}_{name}" for name in ("default", *more)]
    assert networks_of_a_run(values) == wanted
    rules = Rules.from_environment(filled("docker-gate", values))
    assert rules.network == wanted[0]
    assert set(rules.further_networks) == {*wanted[1:], f"{project}_ports"}


def test_no_service_is_on_a_network_with_a_way_out():
    for name, network in COMPOSE["networks"].items():
        options = network["driver_opts"]
        masquerades = options.get("com.docker.network.bridge.enable_ip_masquerade", "true")
        assert network.get("internal") or masquerades == "false", name
    used = {name for one in COMPOSE["services"].values() for name in one.get("networks", ())}
    assert used <= COMPOSE["networks"].keys()
