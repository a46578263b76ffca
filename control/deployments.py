"""The deployments of ``prefect.yaml``: the same flows in each place that they run in.

Every place has work pools of its own, and deploys those that go there.
"""

import sys
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path, PurePath
from typing import Any

import yaml
from prefect.cli import app as prefect_command
from prefect.client.orchestration import SyncPrefectClient

FILE = Path("prefect.yaml")

Schedules = Collection[tuple[str, str | None]]
Wanted = dict[str, Any]  # the content of prefect.yaml


def read_deployments(pools: Mapping[str, str], file: Path = FILE) -> Wanted:
    """The file's content with the deployments of some pools alone.

    Args:
        pools: By a pool's name in the file the name of the one that is meant by it here.
        file: Prefect's own format.
    """
    wanted = yaml.safe_load(file.read_text())
    deployments = [one for one in wanted["deployments"] if one["work_pool"]["name"] in pools]
    for one in deployments:
        one["work_pool"] = {**one["work_pool"], "name": pools[one["work_pool"]["name"]]}
    return {**wanted, "deployments": deployments}


def names_by_module(wanted: Wanted) -> dict[str, str]:
    """By the module of a flow, as ``silver_transactions``, what its deployment is called."""
    return {
        PurePath(one["entrypoint"].partition(":")[0]).stem: one["name"]
        for one in wanted["deployments"]
    }


def deploy(client: SyncPrefectClient, wanted: Wanted) -> None:
    """Deploy all of them; a schedule that is there goes on resting or running as it does.

    ``prefect deploy`` would set each back to what the file says.
    """
    there = {(one.name, each.slug) for one in client.read_deployments() for each in one.schedules}
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as rendered:
        yaml.safe_dump(without_states(wanted, there), rendered)
        rendered.flush()
        _prefect("--no-prompt", "deploy", "--all", "--prefect-file", rendered.name)


def _prefect(*arguments: str) -> None:
    """Prefect's command in this process; another would import all of it, and the flows, again."""
    before, sys.argv = sys.argv, ["prefect", *arguments]
    try:
        prefect_command()
    except SystemExit as ended:
        if ended.code:
            raise
    finally:
        sys.argv = before


def without_states(wanted: Wanted, there: Schedules) -> Wanted:
    """The same, where only new schedules say whether they are active."""

    def stateless(deployment: dict[str, Any]) -> dict[str, Any]:
        if "schedules" not in deployment:
            return deployment
        schedules = [
            {name: value for name, value in one.items() if name != "active"}
            if (deployment["name"], one["slug"]) in there
            else one
            for one in deployment["schedules"]
        ]
        return {**deployment, "schedules": schedules}

    return {**wanted, "deployments": [stateless(one) for one in wanted["deployments"]]}
