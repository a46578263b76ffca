"""`./pipeline debug --stack`: a debugger halts a run in its container, and the rules."""

import pytest

from tests.clone import until
from tests.dap import debugger, line_of


@pytest.fixture
def mapped(up):
    """The clone's files as its containers have them."""
    return [{"localRoot": str(up.path), "remoteRoot": "/app"}]


def test_a_debugger_halts_a_run_of_the_stack_and_the_rules_in_its_warehouse(up, engine, mapped):
    up.makes("clock", "ADVANCE=5m")
    flow = up.path / "flows" / "pipeline.py"
    service = up.path / "services" / "bronze.py"
    rules = up.path / "services" / "movements.py"
    in_flow = line_of(flow, "await bronze_transactions_flow(")
    in_service = line_of(service, "is_head = page.is_short")
    in_rules = line_of(rules, "kind, is_known, price = update.kind()")
    ports = int(up.settings["DEBUG_PORT"]), int(up.settings["RULES_PORT"])
    with up.typing("debug", "FLOW=pipeline", "STACK=1", "RULES=1", "BUDGET_PAGES=2") as typed:
        typed.shows(f"waiting for a debugger on 127.0.0.1:{ports[0]}")
        (container,) = engine.flow_runs(up.project)
        assert container.attrs["HostConfig"]["PortBindings"] == {
            "5678/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(ports[0])}]
        }
        with debugger(ports[1]) as warehouse, debugger(ports[0]) as run:
            warehouse.attach({rules: [in_rules]}, mapped)
            run.attach({flow: [in_flow], service: [in_service]}, mapped)
            halt = run.halted()
            assert halt.line == (str(flow), in_flow)
            assert halt.variables()["budget_pages"] == "2"
            halt.go_on()
            halt = run.halted()
            assert halt.line == (str(service), in_service)
            assert int(halt.value("landed.line_count")) > 0
            run.set_breakpoints(service, [])
            halt.go_on()
            halt = warehouse.halted()
            assert halt.line == (str(rules), in_rules)
            assert halt.value("raw['record_time'][:2]") == "'20'"
            warehouse.set_breakpoints(rules, [])
            halt.go_on()
        until(typed.is_gone, "the end of ./pipeline debug", 120)
        assert "gold: batch" in typed.screen.read_text()
    snowflake = engine.containers(up.project)["snowflake"]
    ports = {"8085/tcp", "8443/tcp"}  # as it was before
    assert set(snowflake.attrs["HostConfig"]["PortBindings"]) == ports


def test_a_run_that_waits_for_a_debugger_is_cancelled_with_its_command(up, engine):
    with up.typing("debug", "FLOW=gold", "STACK=1") as typed:
        typed.shows("waiting for a debugger on")
        typed.press_ctrl_c()
        until(typed.is_gone, "all of ./pipeline debug ended", 30)
        assert "is cancelled" in typed.screen.read_text()
    until(lambda: not engine.flow_runs(up.project), "its container gone", 60)


def test_another_port_than_the_stack_s_is_refused(up):
    own = up.settings["DEBUG_PORT"]
    said = up.refuses("debug", "FLOW=gold", "STACK=1", "DEBUG_PORT=1")
    assert said.startswith(f"error: this stack's flow runs take a debugger on port {own}: make up")
