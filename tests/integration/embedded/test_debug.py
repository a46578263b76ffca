"""`./pipeline debug`: a debugger halts a flow, a service, and the rules in the warehouse."""

import os
import signal
import socket
import subprocess

import pytest

from tests.clone import command, until
from tests.dap import PATIENCE_SECONDS, ROOT, debugger, line_of, two_ports

FLOW = ROOT / "flows" / "pipeline.py"
SERVICE = ROOT / "services" / "bronze.py"
RULES = ROOT / "services" / "movements.py"
FOREIGN = ("CANTON_", "MAKE", "MFLAGS")


@pytest.fixture
def typed(tmp_path):
    """Starts `./pipeline debug` on a state of its own, with its output in a file."""
    environment = {n: value for n, value in os.environ.items() if not n.startswith(FOREIGN)}
    started = []

    def start(*words):
        with (tmp_path / "screen").open("wb") as screen:
            process = subprocess.Popen(
                command("debug", f"STATE={tmp_path / 'state'}", *words),
                cwd=ROOT, env={**environment, "PYTHONUNBUFFERED": "1"}, stdin=subprocess.DEVNULL,
                stdout=screen, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        started.append(process)
        return process, (tmp_path / "screen").read_text

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(PATIENCE_SECONDS)


@pytest.mark.timeout(240)
def test_a_debugger_halts_a_flow_a_service_and_the_rules_in_the_warehouse(typed):
    port = two_ports()
    process, screen = typed("FLOW=pipeline", f"DEBUG_PORT={port}", "HISTORY=40", "SEED=debugger")
    until(lambda: f"waiting for a debugger on 127.0.0.1:{port}" in screen(), "the flow", 120)
    in_flow = line_of(FLOW, "await bronze_transactions_flow(")
    in_service = line_of(SERVICE, "is_head = page.is_short")
    in_rules = line_of(RULES, "kind, is_known, price = update.kind()")
    with debugger(port + 1) as warehouse, debugger(port) as flow:
        warehouse.attach({RULES: [in_rules]})
        flow.attach({FLOW: [in_flow], SERVICE: [in_service]})

        halt = flow.halted()
        assert halt.line == (str(FLOW), in_flow)
        assert halt.variables()["budget_pages"] == "200"
        limit = halt.value("__import__('os').environ['SNOWFLAKE_STATEMENT_TIMEOUT_SECONDS']")
        assert limit == "'86400'", "nobody is interrupted who halts for an hour"
        halt.go_on()

        halt = flow.halted()
        assert halt.line == (str(SERVICE), in_service)
        assert int(halt.value("landed.line_count")) >= 40
        halt.go_on()

        halt = warehouse.halted()
        assert halt.line == (str(RULES), in_rules)
        assert halt.value("raw['record_time'][:2]") == "'20'"
        halt = halt.step()
        assert halt.line == (str(RULES), in_rules + 1)
        warehouse.set_breakpoints(RULES, [])
        halt.go_on()
    assert process.wait(PATIENCE_SECONDS) == 0, screen()
    assert "gold: batch 1 committed" in screen()


def test_a_port_that_is_taken_is_refused_before_anything_starts(typed):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        process, screen = typed("FLOW=bronze", f"DEBUG_PORT={port}")
        assert process.wait(PATIENCE_SECONDS) == 1
        assert f"error: port {port} is taken, by another ./pipeline debug?" in screen()
