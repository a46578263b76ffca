"""Checks of the ports that a start needs."""

import pytest

from local.stack.checks import ports
from local.stack.checks.here import Here
from local.stack.settings import PORTS, Stack

VALUES = {f"{name}_PORT": str(20000 + number) for number, name in enumerate(PORTS)}
TAKEN = int(VALUES["DASHBOARD_PORT"])


@pytest.mark.parametrize(("url", "states"), [("", ["ok"]), ("http://dashboard:8501", ["fail"])])
def test_the_dashboards_port_matters_only_where_it_starts(monkeypatch, url, states):
    monkeypatch.setattr(ports, "is_port_free", lambda port: port != TAKEN)
    here = Here(Stack({**VALUES, "DASHBOARD_URL": url, "COMPOSE_PROJECT": "canton-1"}), None)
    found = list(ports.check_ports(here))
    assert [one.state for one in found] == states
