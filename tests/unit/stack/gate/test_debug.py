"""A flow run of `./pipeline debug`: one port of the loopback and one more folder."""

import json
from dataclasses import replace

import pytest

from local.stack.flow_containers import Refused, checked_create
from tests.unit.stack.gate.wanted import HOST_CONFIG, RULES, WANTED

PUBLISHED = {"5678/tcp": [{"HostIp": "127.0.0.1", "HostPort": "5688"}]}
BINDS = [*HOST_CONFIG["Binds"], "/repo/.debugger:/debug:ro"]
DEBUGGED = {
    **WANTED,
    "ExposedPorts": {"5678/tcp": {}},
    "HostConfig": {**HOST_CONFIG, "PortBindings": PUBLISHED, "Binds": BINDS},
}


def created(rules=RULES, top=None, **host_config):
    host = {**DEBUGGED["HostConfig"], **host_config}
    body = {**DEBUGGED, **(top or {}), "HostConfig": host}
    return json.loads(checked_create(rules, json.dumps(body).encode()))


def test_a_run_that_waits_for_a_debugger_is_created():
    assert created() == DEBUGGED


def published(ip="127.0.0.1", port="5688", inside="5678/tcp", **more):
    return {inside: [{"HostIp": ip, "HostPort": port, **more}]}


@pytest.mark.parametrize(
    "bindings",
    [
        pytest.param(published(ip="0.0.0.0"), id="on-every-address"),  # noqa: S104
        pytest.param(published(ip=""), id="on-any-address"),
        pytest.param(published(ip="::1"), id="on-another-loopback"),
        pytest.param({"5678/tcp": [{"HostPort": "5688"}]}, id="without-an-address"),
        pytest.param(published(port="5689"), id="another-port"),
        pytest.param(published(port=""), id="any-port"),
        pytest.param(published(port="5688-5690"), id="several-ports"),
        pytest.param(published(port=5688), id="a-number"),
        pytest.param(published(inside="8080/tcp"), id="another-port-inside"),
        pytest.param(published(inside="5678/udp"), id="another-protocol"),
        pytest.param(published(inside="5678"), id="without-a-protocol"),
        pytest.param(PUBLISHED | {"80/tcp": PUBLISHED["5678/tcp"]}, id="two-ports"),
        pytest.param({"5678/tcp": PUBLISHED["5678/tcp"] * 2}, id="published-twice"),
        pytest.param(published(Extra="x"), id="and-more"),
        pytest.param({}, id="empty"),
        pytest.param([], id="a-list"),
        pytest.param(True, id="a-truth"),
    ],
)
def test_no_other_port_is_published(bindings):
    with pytest.raises(Refused, match=r"^PortBindings="):
        created(PortBindings=bindings)


@pytest.mark.parametrize(
    "ports", [{"5678/udp": {}}, {"80/tcp": {}}, {"5678/tcp": {}, "80/tcp": {}}, {}, "5678/tcp"]
)
def test_no_other_port_is_exposed(ports):
    with pytest.raises(Refused, match=r"^ExposedPorts="):
        created(top={"ExposedPorts": ports})


@pytest.mark.parametrize(
    "bind",
    [
        "/repo/.debugger:/debug",
        "/repo/.debugger:/debug:rw",
        "/repo/.venv:/debug:ro",
        "/repo/.debugger/..:/debug:ro",
        "/repo/.debugger/debugpy:/debug:ro",
        "/other/.debugger:/debug:ro",
        ":/debug:ro",
    ],
)
def test_the_debugger_is_mounted_whole_and_read_only(bind):
    with pytest.raises(Refused, match=r"^Binds="):
        created(Binds=[bind])


def test_a_stack_without_a_debugger_publishes_nothing_and_mounts_no_folder_for_it():
    without = replace(RULES, debug_folder="", debug_port="")
    with pytest.raises(Refused, match=r"^PortBindings="):
        created(without, Binds=HOST_CONFIG["Binds"])
    with pytest.raises(Refused, match=r"^PortBindings="):
        created(without, Binds=HOST_CONFIG["Binds"], PortBindings=published(port=""))
    for bind in (BINDS[-1], ":/debug:ro"):
        with pytest.raises(Refused, match=r"^Binds="):
            created(without, Binds=[bind], PortBindings=None)
