"""``./pipeline debug --stack``: a run of the stack that waits for a debugger in its container."""

import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from flows.execution import DEBUGGED
from local.console.chosen_flow import ChosenFlow, read_flow
from local.console.debugging import FLOWS, SETTINGS, rules_listen, waiting
from local.console.errors import CommandFailed
from local.console.ports import is_port_free, read_port
from local.console.prefect_api import PrefectApi
from local.console.variables import is_on
from local.stack.choices import DEBUGGER
from local.stack.compose import compose
from local.stack.egress import debug_network
from local.stack.engine import docker
from local.stack.lock import exclusive
from local.stack.running import StackPlace, running
from local.stack.runs import BEFORE, POLL_SECONDS, Progress, follow, print_bad_end
from local.stack.settings import Stack

POOL = "docker"
INSIDE = "/debug"
RULES = "Debug: rules, in the stack's warehouse"
FLOW = "Debug: the flow that waits on the stack"
PORT = 5678  # in the container
MEMORY = "2g"  # a debugger keeps what it shows
_LISTENS = f"00000000:{PORT:04X} 00000000:0000 0A"  # a line of /proc/net/tcp


def debug(environment: Mapping[str, str]) -> int:
    """Run FLOW's deployment once, from its first line on as a debugger lets it; the exit code."""
    flow = read_flow(environment, FLOWS)
    target = running()
    if not is_on("RULES", environment):
        return _run(target, flow, _free_port(target.stack, environment))
    with exclusive("debug"):
        port = _free_port(target.stack, environment)
        with _rules_debugged():
            print(rules_listen(int(target.stack.values["RULES_PORT"]), RULES), flush=True)
            return _run(target, flow, port)


def _run(target: StackPlace, flow: ChosenFlow, port: int) -> int:
    api = target.prefect()
    variables = job_variables(target.stack, api.job_defaults(POOL), port)
    run = api.create_run(api.deployment(flow.name), flow.parameters, variables)
    with cancelled_when_stopped(api, run):
        # Without its deployment's `auto-recover`: nobody waits twice.
        api.set_tags(run["id"], ["debug"])
        print(f"run {run['name']}: {target.url('prefect')}/runs/flow-run/{run['id']}", flush=True)
        if _waits(api, run["id"]):
            print(waiting(port, FLOW), flush=True)
        while api.run(run["id"])["state_type"] in BEFORE:  # until a debugger has attached
            time.sleep(POLL_SECONDS)
        return int(print_bad_end(follow(api, run["id"], is_brief=True)))


def _free_port(stack: Stack, environment: Mapping[str, str]) -> int:
    """The stack's port for debuggers.

    Raises:
        CommandFailed: It is taken, DEBUG_PORT names another one, or the stack has none yet.
    """
    own = stack.values.get("DEBUG_PORT") or ""
    if not own:
        raise CommandFailed("this stack was started before it had a debugger: make up, once more")
    requested = environment.get("DEBUG_PORT") or own
    if read_port("DEBUG_PORT", requested) != int(own):
        raise CommandFailed(
            f"this stack's flow runs take a debugger on port {own}: make up DEBUG_PORT={requested}"
            " changes that"
        )
    if not is_port_free(int(own)):
        raise CommandFailed(
            f"port {own} is taken, by another ./pipeline debug?"
            " make up DEBUG_PORT=… chooses another"
        )
    return int(own)


def job_variables(stack: Stack, defaults: Mapping[str, Any], port: int) -> dict[str, Any]:
    folder = str(Path(DEBUGGER).resolve())
    if folder != stack.values["DEBUG_FOLDER"]:
        raise CommandFailed(f"the stack knows another folder than {folder}: make up, once more")
    published = {f"{PORT}/tcp": {"HostIp": "127.0.0.1", "HostPort": str(port)}}
    return {
        "env": {
            DEBUGGED: f"0.0.0.0:{PORT}",
            "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": None,  # its watcher's instead
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "PYTHONPATH": f"/app:{INSIDE}",
            **SETTINGS,
        },
        "volumes": [*(defaults["volumes"] or ()), f"{folder}:{INSIDE}:ro"],
        "networks": [*defaults["networks"], debug_network(stack.project)],
        "mem_limit": MEMORY,
        "memswap_limit": MEMORY,
        "container_create_kwargs": {**defaults["container_create_kwargs"], "ports": published},
    }


def _waits(api: PrefectApi, run_id: str) -> bool:
    """Return once the run's container waits; False where the run has gone on or ended."""
    progress = Progress()
    while (run := api.run(run_id))["state_type"] in BEFORE:
        # Without connecting, for Docker takes calls before the debugger does.
        label = f"label=io.prefect.flow-run-id={run_id}"
        found = docker("ps", "--quiet", "--filter", label).split()
        if found and _LISTENS in docker("exec", found[0], "cat", "/proc/net/tcp"):
            return True
        if note := progress.note(run):
            print(note, flush=True)
        time.sleep(POLL_SECONDS)
    return False


@contextmanager
def _rules_debugged() -> Generator[None]:
    """The warehouse under a debugger; begun anew for it, and once more afterwards."""
    files = ("--file", "docker-compose.yml", "--file", "docker/debug.yml")
    begin = ("up", "--detach", "--wait", "--no-deps", "snowflake")
    print("the warehouse begins anew, with a debugger…", flush=True)
    try:
        compose(*files, *begin)
        yield
    finally:
        print("the warehouse begins anew, without it…", flush=True)
        compose(*begin)


@contextmanager
def cancelled_when_stopped(api: PrefectApi, run: Mapping[str, Any]) -> Generator[None]:
    """Cancel the run when nobody follows it any more: it would wait for good.

    That is when the person at the terminal leaves, and when Docker or Prefect's server can't say
    whether it waits.
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, CommandFailed, httpx.HTTPError):
        api.cancel(run["id"])
        print(f"\nrun {run['name']} is cancelled", file=sys.stderr)
        raise
