"""Looking into the stack: logs, shells, pages."""

import sys
from collections.abc import Mapping

from local.console.errors import CommandFailed
from local.console.person import open_in_browser
from local.console.variables import is_on
from local.stack.compose import become, containers, log_lines
from local.stack.lifecycle import print_addresses
from local.stack.running import running
from local.stack.runs import print_logs
from local.stack.settings import read_stack

_LINES = 100


def logs(environment: Mapping[str, str]) -> int:
    """The last lines of all services, of service S, or of the run named RUN; FOLLOW=1 goes on."""
    service, name = environment.get("S"), environment.get("RUN")
    is_followed = is_on("FOLLOW", environment)
    if service and name:
        raise CommandFailed("S is a service, RUN a run of the pipeline: name one of them")
    if name:
        return print_logs(running(), name, is_followed=is_followed)
    states = _states()
    if service:
        _refuse_unknown_service(service, states)
    selected = [service] if service else []
    if is_followed:
        become("logs", "--follow", "--tail", str(_LINES), *selected)
    lines = log_lines(_LINES, *selected)
    print("\n".join(lines) or f"{service or 'the stack'} printed nothing yet")
    return 0


def shell(environment: Mapping[str, str]) -> int:
    states = _states()
    running_ones = [name for name, state in states.items() if state == "running"]
    if not (service := environment.get("S")):
        raise CommandFailed(f"in which service? ./pipeline shell … of {', '.join(running_ones)}")
    if (state := states[_refuse_unknown_service(service, states)]) != "running":
        raise CommandFailed(f"{service} doesn't run (it is {state}): ./pipeline logs {service}")
    options = [] if sys.stdin.isatty() else ["--no-TTY"]
    become("exec", *options, service, "bash")
    return 0


def open_pages(_: Mapping[str, str]) -> int:
    """Open the home page in a browser, and print its address in any case."""
    stack = running().stack
    print_addresses(stack)
    open_in_browser(stack.url("home"))
    return 0


def open_dashboard(_: Mapping[str, str]) -> int:
    stack = running().stack
    if not stack.has_dashboard:
        raise CommandFailed("the stack is up without a dashboard: make up DASHBOARD=1 starts it")
    print(stack.url("dashboard"))
    open_in_browser(stack.url("dashboard"))
    return 0


def _states() -> dict[str, str]:
    """The state of each service that was started; it needs not be well."""
    read_stack()
    if not (found := containers()):
        raise CommandFailed("the stack is down: make up starts it")
    return {name: one["State"] for name, one in found.items()}


def _refuse_unknown_service(service: str, states: Mapping[str, str]) -> str:
    if service not in states:
        raise CommandFailed(f"there is no service {service}, but {', '.join(states)}")
    return service
