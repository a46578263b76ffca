"""`./pipeline dashboard` beside a `make run`, and what the home page reads of it."""

import ast
import subprocess
import sys
import time
from dataclasses import asdict

import httpx
import pytest

from local.home.place import HomePlace
from local.home.sources import read_dashboard
from tests.clients.dashboard.conftest import PYTHON
from tests.clone import ROOT

PATIENCE_SECONDS = 100
FOLDER = ROOT / "local" / "dashboard"
OF_STREAMLITS_CONNECTION = {"snowflake.snowpark"}  # to find out whether it runs inside Snowflake


def imported(file):
    """The modules that a file names in its imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def test_no_visitor_waits_for_imports():
    script = "import runpy, sys; runpy.run_path('serve.py'); print(*sys.modules)"
    loaded = subprocess.check_output([PYTHON.absolute(), "-c", script], cwd=FOLDER, text=True)
    needed = {*imported(FOLDER / "streamlit_app.py"), *OF_STREAMLITS_CONNECTION}
    assert needed - set(loaded.split()) == set()


def answers(place, process):
    """Wait until the dashboard answers, as long as the command runs."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if read_dashboard(place)["is_up"]:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.timeout(300)
def test_it_is_served_once_beside_a_make_run_and_ends_with_it(world):
    state, ports = world.run.state, world.run.ports
    place = HomePlace("here", {"dashboard": ports.url("dashboard")}, {})
    assert read_dashboard(place) == {"is_up": False}
    command = [sys.executable, "-m", "local", "dashboard", "--at", "embedded"]
    command += ["--state", str(state.path.parent)]
    environment = {**world.environment, "BROWSER": "true"}
    with state.lock(), state.running(asdict(ports)):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert answers(place, process)
        again = subprocess.check_output(command, env=environment, text=True)
        assert "Ctrl-C" not in again, "it is there, and was only opened"
        page = httpx.get(ports.url("dashboard"), trust_env=False)
        assert "<title>Streamlit</title>" in page.text
    said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    assert f"Dashboard    {ports.url('dashboard')}" in said
    assert read_dashboard(place) == {"is_up": False}
