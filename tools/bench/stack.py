"""Measure the speed, memory and image sizes of the stack, on this machine.

    ./pipeline bench-stack              everything but the very first start
    ./pipeline bench-stack --first      that one too: base image, packages and images are made anew

It works in a copy of the clone, with names, ports and data of its own, and leaves nothing. With
FIRST=1, Docker's cache of downloaded packages is emptied.
"""

import os
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx

import docker
from local.console.prefect_api import PrefectApi
from services.tables import print_table
from tests.clone import Clone, made_clone

STARTS, RUNS = 3, 9
ENDING = ("deploy", "flow-run")  # may end while they are looked at
SETTLE_SECONDS = 30  # caches fill, first heartbeats are sent
POLL_SECONDS = 0.05
PATIENCE_SECONDS = 300
FLOW = "flows/silver_transactions.py"
GOALS = {
    "first start ever": "under 300 s",
    "warm start": "under 25 s",
    "memory of the idle stack": "under 900 MB",
    "trigger to running": "5 s",
    "cancelled and gone": "",
    "edit to the end of its run": "10 s",
    "edit to rebuilt images": "seconds",
}


def main() -> None:
    environment: dict[str, str] = {}
    if _is_first():
        # Another base image: no layer of an earlier build fits on it.
        _output("docker", "builder", "prune", "--force", "--filter", "type=exec.cachemount")
        environment = {"BASE_IMAGE": f"canton-base:bench-{os.getpid()}"}
    with (
        tempfile.TemporaryDirectory(prefix="canton-bench-") as folder,
        made_clone(Path(folder), environment) as clone,
    ):
        rows = [
            {"what": name, "measured": found, "goal": GOALS[name]}
            for name, found in measure(clone).items()
        ]
        print_table(rows)
        print_table(image_sizes(clone), "images")
    if base := environment.get("BASE_IMAGE"):
        _output("docker", "image", "rm", base)


def measure(clone: Clone) -> dict[str, str]:
    """Each figure, in the order in which it is cheapest to measure them."""
    first = _seconds(lambda: clone.makes("up"))
    figures = {"first start ever": f"{first:.0f} s"} if _is_first() else {}
    figures["warm start"] = _spread([_warm_start(clone) for _ in range(STARTS)])
    time.sleep(SETTLE_SECONDS)
    memory = sum(memory_by_service(clone.project).values())
    figures["memory of the idle stack"] = f"{memory / 1e6:,.0f} MB"
    api = api_of(clone)
    figures["trigger to running"] = _spread([seconds_to_running(api) for _ in range(RUNS)])
    figures["cancelled and gone"] = f"{seconds_to_cancel(clone, api):.1f} s"
    figures["edit to the end of its run"] = f"{seconds_to_see_an_edit(clone, api):.1f} s"
    figures["edit to rebuilt images"] = f"{rebuild(clone):.1f} s"
    return figures


def _warm_start(clone: Clone) -> float:
    clone.makes("down")
    return _seconds(lambda: clone.makes("up"))


def memory_by_service(project: str) -> dict[str, float]:
    """Bytes of memory that the processes of each service of a stack hold.

    `docker stats` also counts what the kernel keeps of their files, pages and names, and gives up
    where memory is short.
    """
    with closing(docker.from_env()) as client:
        found = client.containers.list(filters={"label": f"com.docker.compose.project={project}"})
        services = {one.labels["com.docker.compose.service"]: one for one in found}
        return {
            name: _anonymous_bytes(one.stats(stream=False)["memory_stats"])
            for name, one in services.items()
            if name not in ENDING
        }


def _anonymous_bytes(memory: Mapping[str, Any]) -> float:
    stats = memory["stats"]
    prefix = "total_" if "total_active_anon" in stats else ""  # cgroup 1 counts children apart
    return sum(stats[f"{prefix}{kind}_anon"] for kind in ("active", "inactive"))


def seconds_to_running(api: PrefectApi) -> float:
    """Return the seconds from requesting a run with nothing to do to its first line of Python."""
    began = time.monotonic()
    run = api.create_run(api.deployment("silver"), {})
    _until_state(api, run, "RUNNING", "COMPLETED")
    seconds = time.monotonic() - began
    _until_state(api, run, "COMPLETED")
    return seconds


def seconds_to_cancel(clone: Clone, api: PrefectApi) -> float:
    """Return the seconds from cancelling a working run to CANCELLED, with its container gone."""
    clone.makes("clock", "ADVANCE=10d")
    run = api.create_run(api.deployment("pipeline"), {})
    _until_state(api, run, "RUNNING")
    began = time.monotonic()
    api.cancel(run["id"])
    _until_state(api, run, "CANCELLED")
    until(lambda: not _flow_runs(clone), "its container is gone")
    return time.monotonic() - began


def seconds_to_see_an_edit(clone: Clone, api: PrefectApi) -> float:
    """Return the seconds from saving a flow to the end of a run whose name shows the edit."""
    began = time.monotonic()
    flow = clone.path / FLOW
    flow.write_text(re.sub(r"@flow\(", '@flow(flow_run_name="edited", ', flow.read_text(), count=1))
    run = api.create_run(api.deployment("silver"), {})
    _until_state(api, run, "COMPLETED")
    seconds = time.monotonic() - began
    if (name := api.run(run["id"])["name"]) != "edited":
        raise SystemExit(f"run {name} knew nothing of the edit")
    return seconds


def rebuild(clone: Clone) -> float:
    """Seconds until the images hold an edit, for `make up MOUNT=0`."""
    with (clone.path / FLOW).open("a") as flow:
        flow.write("# edited\n")
    return _seconds(lambda: clone.composes("build", "--quiet"))


def image_sizes(clone: Clone) -> list[dict[str, Any]]:
    """Each image of the stack; they share the layers of their base."""
    names = [clone.settings["IMAGES"] + "/*", clone.settings["BASE_IMAGE"]]
    form = "{{.Repository}}:{{.Tag}}\t{{.Size}}"
    listed = [_output("docker", "image", "ls", "--format", form, name) for name in names]
    lines = sorted("".join(listed).splitlines())
    return [dict(zip(("image", "size"), line.split("\t"), strict=True)) for line in lines]


def _is_first() -> bool:
    return os.environ.get("FIRST") == "1"


def api_of(clone: Clone) -> PrefectApi:
    settings = clone.settings
    return PrefectApi(f"http://127.0.0.1:{settings['PREFECT_PORT']}", settings["PREFECT_AUTH"])


def _flow_runs(clone: Clone) -> str:
    project = f"label=com.docker.compose.project={clone.settings['COMPOSE_PROJECT']}"
    role = "label=com.docker.compose.service=flow-run"
    return _output("docker", "ps", "--all", "--quiet", "--filter", project, "--filter", role)


def _until_state(api: PrefectApi, run: Mapping[str, Any], *states: str) -> None:
    until(lambda: api.run(run["id"])["state_type"] in states, f"a run that is {states[-1]}")


def until(read: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Return what `read` returns as soon as it is true; failed requests are retried."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(httpx.HTTPError):
            if found := read():
                return found
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {seconds:.0f} s: {what}; ./pipeline logs there tells why")
        time.sleep(POLL_SECONDS)


def _seconds(act: Callable[[], Any]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def _spread(found: list[float]) -> str:
    return f"{statistics.median(found):.1f} s ({min(found):.1f} to {max(found):.1f})"


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
