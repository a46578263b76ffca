"""Starting and stopping the stack, and looking into it."""

import shutil
import subprocess
import time
import webbrowser
from collections.abc import Mapping

from console.commands import confirmed
from console.errors import CommandFailed
from services.tables import print_table
from stack.compose import become, check_machine, compose, is_up, mark_up
from stack.running import running
from stack.runs import print_logs
from stack.settings import FOLDER, Stack, read_stack

_STOP_SECONDS = "15"
_WHAT = {
    "prefect": "Prefect: runs, schedules, logs",
    "scan": "the mocked Scan",
    "slack": "what Slack would have received",
    "s3": "S3 (AWS_ENDPOINT_URL_S3)",
    "snowflake": "the local Snowflake (SNOWFLAKE_PORT, http)",
}


def up(environment: Mapping[str, str]) -> int:
    """Build what is needed, start everything, and wait until the pipeline is deployed."""
    began = time.monotonic()
    stack = read_stack(environment)
    check_machine(stack)
    subprocess.run(["bin/base-image", stack.values["BASE_IMAGE"]], check=True)
    print("building…", flush=True)
    compose("build", "--quiet", is_quiet=True)
    print("starting…", flush=True)
    compose("up", "--detach", "--wait", is_quiet=True)
    mark_up(is_up=True)
    print(f"up, and the pipeline is deployed, in {time.monotonic() - began:.1f} s\n")
    _print_addresses(stack)
    print("\nmake trigger runs the pipeline; make down stops everything and keeps the data")
    return 0


def _print_addresses(stack: Stack) -> None:
    print_table([{"address": stack.url(name), "what": what} for name, what in _WHAT.items()])
    name, _, password = stack.values["PREFECT_AUTH"].partition(":")
    print(f"Prefect's page asks for {name}:{password}")


def down(_: Mapping[str, str]) -> int:
    """Stop everything; the data stays."""
    if not (FOLDER / "env").exists():
        raise CommandFailed("there is no stack here: make up")
    compose("down", "--remove-orphans", "--timeout", _STOP_SECONDS, is_quiet=True)
    mark_up(is_up=False)
    print("down; the data is kept, make up goes on from there")
    return 0


def reset(environment: Mapping[str, str]) -> int:
    """Stop everything and delete its data, after asking."""
    if not (FOLDER / "env").exists():
        print("nothing to reset")
        return 0
    if not confirmed("all data of the stack: objects, tables, runs, passwords", environment):
        return 1
    compose("down", "--volumes", "--remove-orphans", "--timeout", _STOP_SECONDS, is_quiet=True)
    shutil.rmtree(FOLDER)
    print("deleted; the next make up starts over")
    return 0


def logs(environment: Mapping[str, str]) -> int:
    """The last lines of all services, of service S, or of the run that is named RUN."""
    if name := environment.get("RUN"):
        return print_logs(running(), name)
    _need_stack()
    wanted = [environment["S"]] if environment.get("S") else []
    become("logs", "--tail", "100", *wanted)
    return 0


def shell(environment: Mapping[str, str]) -> int:
    """A shell in service S."""
    if not (service := environment.get("S")):
        raise CommandFailed("in which service? make shell S=prefect-worker")
    _need_stack()
    become("exec", service, "bash")
    return 0


def open_ui(_: Mapping[str, str]) -> int:
    """Open Prefect's page in a browser; says where it is in any case."""
    stack = running().stack
    _print_addresses(stack)
    webbrowser.open(stack.url("prefect"))
    return 0


def schedule(environment: Mapping[str, str]) -> int:
    """Let the hourly schedules run (ON=1) or rest (ON=0)."""
    wanted = environment.get("ON")
    if wanted not in {"0", "1"}:
        raise CommandFailed("make schedule ON=1 lets the schedules run, ON=0 stops them")
    api = running().prefect()
    found = api.deployments()
    count = sum(api.set_schedules(one, is_active=wanted == "1") for one in found)
    print(f"{count} schedules {'run' if wanted == '1' else 'rest'}")
    return 0


def _need_stack() -> None:
    if not is_up():
        raise CommandFailed("the stack is not up: make up")
