"""The deployments of ``prefect.yaml``: the same flows in each place that they run in.

Every place has work pools of its own, and deploys those that go there.
"""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

FILE = Path("prefect.yaml")
UNLESS_TYPED = "schedules_unless_typed"  # see there

Schedules = Mapping[tuple[str, str | None], bool]  # by deployment and slug whether it is active
PrefectFile = dict[str, Any]  # the content of prefect.yaml


def read_deployments(
    pools: Mapping[str, str], file: Path = FILE, version: str | None = None
) -> PrefectFile:
    """The file's content with the deployments of some pools alone.

    Args:
        pools: The name of this place's pool, by the pool's name in the file.
        version: Of the code, which each run keeps; None means a digest of the flow's file.
    """
    content = yaml.safe_load(file.read_text())
    deployments = [one for one in content["deployments"] if one["work_pool"]["name"] in pools]
    for one in deployments:
        one["work_pool"] = {**one["work_pool"], "name": pools[one["work_pool"]["name"]]}
        if version:
            one["version"] = version
        if UNLESS_TYPED in one:
            one["schedules"] = one.pop(UNLESS_TYPED)
    return {**content, "deployments": deployments}


def names_by_module(content: PrefectFile) -> dict[str, str]:
    """Return each deployment's name by its flow's module, such as ``silver_transactions``."""
    return {
        PurePath(one["entrypoint"].partition(":")[0]).stem: one["name"]
        for one in content["deployments"]
    }


def deploy(client: "SyncPrefectClient", content: PrefectFile) -> None:
    """Deploy all of them; a schedule that is there goes on resting or running as it does.

    ``prefect deploy`` would set each back to its state in the file.
    """
    from flows.listing import read_all  # noqa: PLC0415 -- imports Prefect, see `_prefect`

    there = {
        (one.name, each.slug): each.active
        for one in read_all(client.read_deployments)
        for each in one.schedules
    }
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as rendered:
        yaml.safe_dump(with_states(content, there), rendered)
        rendered.flush()
        _prefect("--no-prompt", "deploy", "--all", "--prefect-file", rendered.name)


def _prefect(*arguments: str) -> None:
    """Prefect's command in this process; another would import all of it, and the flows, again."""
    from prefect.cli import app as prefect_command  # noqa: PLC0415 -- seconds, which readers needn't pay

    before, sys.argv = sys.argv, ["prefect", *arguments]
    try:
        prefect_command()
    except SystemExit as ended:
        if ended.code:
            raise
    finally:
        sys.argv = before


def with_states(content: PrefectFile, there: Schedules) -> PrefectFile:
    """Return the content with `active` on new schedules only, so existing ones keep their state.

    One with a slug keeps its state if `active` is absent; one without is always made anew.
    """
    return {
        **content,
        "deployments": [
            {**one, "schedules": [_with_state(one["name"], each, there) for each in schedules]}
            if (schedules := one.get("schedules"))
            else one
            for one in content["deployments"]
        ],
    }


def _with_state(deployment: str, schedule: dict[str, Any], there: Schedules) -> dict[str, Any]:
    slug = schedule.get("slug")
    if (deployment, slug) not in there:
        return schedule
    stateless = {name: value for name, value in schedule.items() if name != "active"}
    return stateless if slug else {**stateless, "active": there[deployment, slug]}
