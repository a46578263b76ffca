"""``./pipeline debug``: a flow that waits for a debugger, on the services of `make run`.

The local warehouse takes a debugger too, one port further, and waits for none: the movement rules
run there.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from local.console.chosen_flow import ChosenFlow
from local.console.debugging import FLOWS, SETTINGS, rules_listen, waiting
from local.console.errors import CommandFailed
from local.console.ports import is_port_free, read_port
from local.console.variables import is_on
from local.embedded.children import Child, Children, ChildSpec
from local.embedded.run import play, prepare

PORT = "5678"  # where debuggers look, and .vscode/launch.json
RULES = "Debug: rules, in the warehouse"
FLOW = "Debug: the flow that waits here"
_WAREHOUSE_ARGUMENTS = ("--sources", "services", "--idle-seconds", "86400")


def debug(environment: Mapping[str, str]) -> int:
    is_on("STACK", environment)  # where it is 1, the stack's own ./pipeline debug is asked instead
    if is_on("RULES", environment):
        raise CommandFailed(
            "--rules is for ./pipeline debug --stack: here the rules take a debugger without it,"
            " one port further than the flow"
        )
    port = _free_port(environment)
    this = prepare(environment, FLOWS, default="")
    flow = this.flow
    this = replace(
        this,
        environment={**this.environment, **SETTINGS},
        arranged=partial(_arranged, flow, port),
    )
    arguments = tuple(f"{name}={value}" for name, value in flow.parameters.items())
    spec = ChildSpec(flow.name, flow.file, arguments, is_visible=True)

    def print_waiting(child: Child) -> None:
        while is_port_free(port) and child.process.poll() is None:
            time.sleep(0.05)
        print(rules_listen(port + 1, RULES))
        print(waiting(port, FLOW), flush=True)

    with this.state.lock(), Children(this.state.path / "logs", this.environment) as children:
        return play(this, children, spec, print_waiting)


def _free_port(environment: Mapping[str, str]) -> int:
    """The flow's port; the one after it is the warehouse's.

    Raises:
        CommandFailed: It is none, the last there is, or one of both is taken.
    """
    first = read_port("DEBUG_PORT", environment.get("DEBUG_PORT") or PORT, in_a_row=2)
    for port in (first, first + 1):
        if not is_port_free(port):
            raise CommandFailed(
                f"port {port} is taken, by another ./pipeline debug? --debug-port … chooses two,"
                " that one and the next"
            )
    return first


def _arranged(flow: ChosenFlow, port: int, spec: ChildSpec) -> ChildSpec:
    """The flow and the warehouse under debugpy, the others as they are."""
    if spec.name == flow.name:
        return _under_debugger(spec, ("--listen", f"127.0.0.1:{port}", "--wait-for-client"))
    if spec.name == "snowflake":
        spec = replace(spec, args=(*spec.args, *_WAREHOUSE_ARGUMENTS))
        return _under_debugger(spec, ("--listen", f"127.0.0.1:{port + 1}"))
    return spec


def _under_debugger(spec: ChildSpec, options: tuple[str, ...]) -> ChildSpec:
    program = (spec.program,) if spec.program.endswith(".py") else ("-m", spec.program)
    return replace(
        spec,
        program="debugpy",
        args=(*options, "--configure-subProcess", "False", *program, *spec.args),
        env={**spec.env, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},  # it warns of Python's own modules
    )
