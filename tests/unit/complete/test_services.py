"""A service of docker-compose.yml is complete: hardened, silent, healthy, its port in ports.py."""

import re

import pytest
import yaml

from deployments.silence import SILENT
from local.console.ports import SERVICES
from tests.clone import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)


def test_each_service_of_ports_py_is_published_by_compose_and_the_other_way_round():
    published = {*re.findall(r'"127\.0\.0\.1:\$\{(\w+)_PORT\}:\d+"', TEXT)}
    nameless, idle = (sorted(one) for one in (published - {*SERVICES}, {*SERVICES} - published))
    assert not nameless, f"local/console/ports.py: add at SERVICES' end: {', '.join(nameless)}"
    assert not idle, f"docker-compose.yml: no service publishes {', '.join(idle)}"


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_every_service_is_hardened_those_of_profiles_too(name):
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] > 0
    assert service["mem_limit"]
    assert [port for port in service.get("ports", ()) if not port.startswith("127.0.0.1:")] == []


def test_every_service_is_told_to_be_silent():
    services = COMPOSE["services"]
    assert {name for name, one in services.items() if one.get("env_file") != [SILENT]} == set()


@pytest.mark.parametrize("name", [n for n, one in COMPOSE["services"].items() if "ports" in one])
def test_a_service_with_a_port_has_a_health_check_and_a_network_that_publishes(name):
    service = COMPOSE["services"][name]
    assert service["healthcheck"]["test"][:2] == ["CMD", "healthy"]
    assert "ports" in service["networks"]
