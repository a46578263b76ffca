"""The automations of ``automations.yaml``: Prefect's own schema, with names in the place of ids.

``deployment`` is there a flow's module, for the deployment has a name of its own in each place;
``alert`` is a kind of alert, told to Slack with its reason; ``recovered`` is one that is over. What
looks at flow runs looks at those of our flows alone: a workspace of Prefect Cloud may have others.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import yaml
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.responses import DeploymentResponse
from prefect.events.schemas.automations import Automation, AutomationCore

from flows.listing import OURS as FLOWS
from flows.listing import read_all
from services.alerts import KINDS, UTC_MINUTE, alert_text, recovery_text

FILE = Path(__file__).with_name("automations.yaml")
Thing = TypeVar("Thing")
_OF_OUR_FLOWS = {"prefect.resource.role": "flow", "prefect.resource.name": f"{FLOWS}*"}
_FLOW, _LINK = "{{ flow.name }}", "{{ flow_run|ui_url }}"
_FLOW_RUNS = "prefect.flow-run.*"
OURS = "canton-pipeline"  # the tag of those that the file made, so that it can also take them away


class AutomationWrong(Exception):
    """The file names a flow without a deployment here, or a block or an alert that there isn't."""


def read_automations(
    client: SyncPrefectClient,
    names: Mapping[str, str],
    blocks: Mapping[str, UUID],
    stack: str = "",
) -> list[AutomationCore]:
    """The file's automations, with the names and ids of this server.

    Args:
        names: What the deployments are called here, by the module of their flow.
        stack: The cloud's, where that is the place.

    Raises:
        AutomationWrong: A deployment or a block is none of this server's.
    """
    there = {one.name: one for one in read_all(client.read_deployments)}
    deployed = {module: there[name] for module, name in names.items()}
    wanted = yaml.safe_load(FILE.read_text())
    return [resolve(one, deployed, blocks, stack) for one in wanted]


def resolve(
    wanted: Mapping[str, Any],
    deployed: Mapping[str, DeploymentResponse],
    blocks: Mapping[str, UUID],
    stack: str = "",
) -> AutomationCore:
    actions = [_action(one, deployed, blocks, stack) for one in wanted["actions"]]
    trigger = dict(wanted["trigger"])
    related = trigger.get("match_related", [])
    named = related if isinstance(related, list) else [related]
    if trigger.get("match", {}).get("prefect.resource.id") == _FLOW_RUNS:
        named = [_OF_OUR_FLOWS, *named]
    if named:
        trigger["match_related"] = [_related(one, deployed) for one in named]
    return AutomationCore.model_validate(
        {**wanted, "trigger": trigger, "actions": actions, "tags": [OURS]}
    )


def _action(
    action: Mapping[str, Any],
    deployed: Mapping[str, DeploymentResponse],
    blocks: Mapping[str, UUID],
    stack: str,
) -> dict[str, Any]:
    match action:
        case {"deployment": module, **rest}:
            deployment = _known(deployed, module)
            return {**rest, "source": "selected", "deployment_id": deployment.id}
        case {"alert": name, "reason": reason}:
            since = f"{{{{ flow_run.state.timestamp.strftime('{UTC_MINUTE}') }}}}"
            text = alert_text(_known(KINDS, name), _FLOW, reason, since, _LINK, stack=stack)
            return _told_to_slack(text, blocks)
        case {"recovered": name}:
            return _told_to_slack(
                recovery_text(_known(KINDS, name), _FLOW, f"see: {_LINK}"), blocks
            )
        case _:
            return dict(action)


def _told_to_slack(text: str, blocks: Mapping[str, UUID]) -> dict[str, Any]:
    """Prefect's action that tells of a flow run, in the words of all alerts."""
    subject, body = text.split("\n", 1)
    return {
        "type": "send-notification",
        "block_document_id": _known(blocks, "slack"),
        "subject": subject,
        "body": body,
    }


def _related(
    wanted: Mapping[str, str], deployed: Mapping[str, DeploymentResponse]
) -> Mapping[str, str]:
    match wanted:
        case {"deployment": module, **rest}:
            name = _known(deployed, module).name
            return {**rest, "prefect.resource.role": "deployment", "prefect.resource.name": name}
        case _:
            return wanted


def _known(things: Mapping[str, Thing], name: str) -> Thing:
    if name not in things:
        raise AutomationWrong(f"automations.yaml names {name}, but there are {sorted(things)}")
    return things[name]


def ensure_automations(client: SyncPrefectClient, wanted: Sequence[AutomationCore]) -> None:
    """Make what is missing, bring up to date what differs, delete ours that nobody wants.

    What is as it should be isn't touched: an update forgets which events a trigger waits for, and a
    run that was silent then would be waited for in vain. One that a person switched off stays off.
    """
    left = [one for one in read_all(client.read_automations) if OURS in one.tags]
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
    told = {"description", "tags", "trigger", "actions"}
    return AutomationCore.model_validate(found.model_dump()).model_dump(
        include=told
    ) != wanted.model_dump(include=told)
