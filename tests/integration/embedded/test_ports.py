import socket
from collections.abc import Iterator

import pytest

from local.console.errors import CommandFailed
from local.console.ports import is_port_free
from local.embedded.children import free_port
from local.embedded.world import SERVICES, choose_ports


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_somebody_listens_on_is_not_free(taken):
    assert not is_port_free(taken)
    assert is_port_free(free_port())


def test_every_service_gets_a_free_port_of_its_own():
    ports = choose_ports({})
    chosen = [getattr(ports, service) for service in SERVICES]
    assert len(set(chosen)) == len(SERVICES)
    assert all(is_port_free(port) for port in chosen)


def test_a_service_gets_the_port_that_is_asked_for():
    port = free_port()
    ports = choose_ports({"PREFECT_PORT": str(port), "SCAN_PORT": ""})
    assert (ports.prefect, ports.url("prefect")) == (port, f"http://127.0.0.1:{port}")


def test_a_port_that_is_taken_is_refused_by_name(taken):
    with pytest.raises(CommandFailed, match=f"^SLACK_PORT={taken} is taken by another program"):
        choose_ports({"SLACK_PORT": str(taken)})


@pytest.mark.parametrize("wanted", ["0", "65536", "-1", "http", "80 80", "4200.0"])
def test_what_is_no_port_is_refused_by_name(wanted):
    with pytest.raises(CommandFailed, match=f"^S3_PORT={wanted}: expected a port$"):
        choose_ports({"S3_PORT": wanted})
