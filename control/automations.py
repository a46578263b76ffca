"""The automations of ``automations.yaml``: Prefect's own schema, with names in the place of ids."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from prefect.client.orchestration import SyncPrefectClient
from prefect.events.schemas.automations import Automation, AutomationCore

FILE = Path(__file__).with_name("automations.yaml")
OURS = "canton-pipeline"  # the tag of those that the file made, so that it can also take them away


class AutomationWrong(Exception):
    """The file names a deployment or a block that there isn't."""


def read_automations(
    client: SyncPrefectClient, blocks: Mapping[str, UUID], file: Path = FILE
) -> list[AutomationCore]:
    """The file's automations, with the ids of this server.

    Raises:
        AutomationWrong: A deployment or a block is none of this server's.
    """
    deployments = {one.name: one.id for one in client.read_deployments()}
    wanted = yaml.safe_load(file.read_text())
    return [resolve(one, deployments, blocks) for one in wanted]


def resolve(
    wanted: Mapping[str, Any], deployments: Mapping[str, UUID], blocks: Mapping[str, UUID]
) -> AutomationCore:
    """One automation with ids in the place of names."""
    actions = [_resolved(one, deployments, blocks) for one in wanted["actions"]]
    return AutomationCore.model_validate({**wanted, "actions": actions, "tags": [OURS]})


def _resolved(
    action: Mapping[str, Any], deployments: Mapping[str, UUID], blocks: Mapping[str, UUID]
) -> dict[str, Any]:
    match action:
        case {"deployment": name, **rest}:
            return {**rest, "source": "selected", "deployment_id": _id(deployments, name)}
        case {"block": name, **rest}:
            return {**rest, "block_document_id": _id(blocks, name)}
        case _:
            return dict(action)


def _id(known: Mapping[str, UUID], name: str) -> UUID:
    if name not in known:
        raise AutomationWrong(f"automations.yaml names {name}, but there are {sorted(known)}")
    return known[name]


def ensure_automations(client: SyncPrefectClient, wanted: Sequence[AutomationCore]) -> None:
    """Make what is missing, bring up to date what differs, delete ours that nobody wants.

    What is as it should be isn't touched: an update forgets which events a trigger waits for, and a
    run that was silent then would be waited for in vain. One that a person switched off stays off.
    """
    left = [one for one in client.read_automations() if OURS in one.tags]
    for one in wanted:
        found = next((each for each in left if each.name == one.name), None)
        if found is None:
            client.create_automation(one)
            continue
        left.remove(found)
        if differs(found, one):
            client.update_automation(found.id, one.model_copy(update={"enabled": found.enabled}))
    for each in left:
        client.delete_automation(each.id)


def differs(found: Automation, wanted: AutomationCore) -> bool:
    """Whether an automation does something else than what is wanted."""
    told = {"description", "tags", "trigger", "actions"}
    return AutomationCore.model_validate(found.model_dump()).model_dump(
        include=told
    ) != wanted.model_dump(include=told)
