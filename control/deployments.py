"""The deployments of ``prefect.yaml``."""

import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml
from prefect.cli import app as prefect_command
from prefect.client.orchestration import SyncPrefectClient

Schedules = Collection[tuple[str, str | None]]


def deploy(client: SyncPrefectClient, file: Path) -> None:
    """Deploy all of them; a schedule that is there goes on resting or running as it does.

    ``prefect deploy`` would set each back to what the file says.
    """
    there = {(one.name, each.slug) for one in client.read_deployments() for each in one.schedules}
    wanted = without_states(yaml.safe_load(file.read_text()), there)
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as rendered:
        yaml.safe_dump(wanted, rendered)
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


def without_states(wanted: dict[str, Any], there: Schedules) -> dict[str, Any]:
    """The file's content, where only new schedules say whether they are active."""
    for deployment in wanted["deployments"]:
        for schedule in deployment.get("schedules", ()):
            if (deployment["name"], schedule["slug"]) in there:
                schedule.pop("active", None)
    return wanted
