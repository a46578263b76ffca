"""The pipeline's objects on Prefect's server, as plain data.

Names stand in the place of ids, so that the same data means the same on a server that was made
anew. Values that a person turns (schedules, pauses, variables, limits) are among it.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import BlockDocument
from prefect.client.schemas.responses import DeploymentResponse
from prefect.events.schemas.automations import Automation

from deployments.automations import OURS
from deployments.server import if_any
from deployments.values import LIMITS, VARIABLES
from flows.listing import read_all

Values = dict[str, Any]
BlockKey = tuple[str, str]

_OF_A_POOL = {"type", "description", "base_job_template", "is_paused", "concurrency_limit"}
_OF_A_DEPLOYMENT = {
    "version",
    "description",
    "tags",
    "parameters",
    "parameter_openapi_schema",
    "enforce_parameter_schema",
    "path",
    "entrypoint",
    "pull_steps",
    "job_variables",
    "work_pool_name",
    "work_queue_name",
    "paused",
    "concurrency_options",
}
_OF_A_SCHEDULE = {"schedule", "active", "parameters", "slug"}
_OF_AN_AUTOMATION = {"description", "enabled", "tags", "trigger", "actions"}
_SETS_OF_A_TRIGGER = {"after", "expect", "for_each"}


@dataclass(frozen=True)
class Scope:
    """The names of the pipeline's objects on a server, which may hold other objects too.

    Args:
        deployments: Names, as ``flow/deployment``.
        blocks: Pairs of a block type's slug and a name.
    """

    pools: frozenset[str]
    deployments: frozenset[str]
    blocks: frozenset[BlockKey] = frozenset({("custom-webhook", "slack")})


@dataclass(frozen=True)
class Registered:
    """The pipeline's objects on one server, by name; automations are those with our tag."""

    pools: Values = field(default_factory=dict[str, Any])
    deployments: Values = field(default_factory=dict[str, Any])
    automations: Values = field(default_factory=dict[str, Any])
    variables: Values = field(default_factory=dict[str, Any])
    limits: Values = field(default_factory=dict[str, Any])


def take(client: SyncPrefectClient, scope: Scope) -> Registered:
    read = client.read_deployment_by_name
    found = {name: if_any(read, name) for name in sorted(scope.deployments)}
    there = {name: one for name, one in found.items() if one is not None}
    names_by_id = {one.id: name for name, one in there.items()}
    blocks = {one.id: name for (_, name), one in read_blocks(client, scope).items() if one}
    limits = {name: if_any(client.read_global_concurrency_limit_by_name, name) for name in LIMITS}
    return Registered(
        pools={
            one.name: one.model_dump(mode="json", include=_OF_A_POOL)
            for one in client.read_work_pools()
            if one.name in scope.pools
        },
        deployments={name: _plain_deployment(one) for name, one in there.items()},
        automations={
            one.name: _plain_automation(one, names_by_id, blocks)
            for one in read_automations(client)
        },
        variables={
            name: found.value for name in VARIABLES if (found := client.read_variable_by_name(name))
        },
        limits={name: one.limit for name, one in limits.items() if one},
    )


def read_automations(client: SyncPrefectClient) -> list[Automation]:
    """Ours, by name."""
    ours = [one for one in read_all(client.read_automations) if OURS in one.tags]
    return sorted(ours, key=lambda one: one.name)


def read_blocks(client: SyncPrefectClient, scope: Scope) -> dict[BlockKey, BlockDocument | None]:
    """The blocks of a scope, with their secrets; None where one isn't there."""
    read = client.read_block_document_by_name
    return {(kind, name): if_any(read, name, kind) for kind, name in sorted(scope.blocks)}


def _plain_deployment(one: DeploymentResponse) -> Values:
    limit = one.global_concurrency_limit
    return {
        **one.model_dump(mode="json", include=_OF_A_DEPLOYMENT),
        "tags": sorted(one.tags),
        "concurrency_limit": limit.limit if limit else None,
        "schedules": sorted(
            (each.model_dump(mode="json", include=_OF_A_SCHEDULE) for each in one.schedules),
            key=lambda one: (schedule_name(one), str(one["schedule"])),
        ),
    }


def schedule_name(schedule: Mapping[str, Any]) -> str:
    """Return the slug that identifies a schedule in its deployment, or ``unnamed`` without one."""
    return schedule.get("slug") or "unnamed"


def _plain_automation(
    one: Automation, deployments: Mapping[UUID, str], blocks: Mapping[UUID, str]
) -> Values:
    plain = one.model_dump(mode="json", include=_OF_AN_AUTOMATION)
    plain["trigger"] = _in_order(plain["trigger"])
    plain["actions"] = [_by_name(action, deployments, blocks) for action in plain["actions"]]
    return plain


def _in_order(trigger: Values) -> Values:
    """A trigger with the names in its sets sorted: a set's own order changes with each process."""
    ordered = {
        name: sorted(value) if name in _SETS_OF_A_TRIGGER else value
        for name, value in trigger.items()
    }
    if "triggers" in ordered:  # a compound or a sequence trigger
        ordered["triggers"] = [_in_order(one) for one in ordered["triggers"]]
    return ordered


def _by_name(action: Values, deployments: Mapping[UUID, str], blocks: Mapping[UUID, str]) -> Values:
    match action:
        case {"deployment_id": str(id_), **rest} if UUID(id_) in deployments:
            return {**rest, "deployment": deployments[UUID(id_)]}
        case {"block_document_id": str(id_), **rest} if UUID(id_) in blocks:
            return {**rest, "block": blocks[UUID(id_)]}
        case _:
            return action


def unequal(one: Registered, other: Registered) -> list[str]:
    return [
        f"{kind.name.removesuffix('s')} {name}"
        for kind in fields(Registered)
        for name in sorted({**getattr(one, kind.name), **getattr(other, kind.name)})
        if getattr(one, kind.name).get(name) != getattr(other, kind.name).get(name)
    ]


def without_turned(registered: Registered) -> Registered:
    """The same without what a person may turn on the server.

    Triggers are put in order here too: records of earlier versions have them as they came.
    """
    plain = deepcopy(registered)
    for pool in plain.pools.values():
        del pool["is_paused"], pool["concurrency_limit"]
    for deployment in plain.deployments.values():
        del deployment["paused"]
        for schedule in deployment["schedules"]:
            del schedule["active"]
    for automation in plain.automations.values():
        del automation["enabled"]
        automation["trigger"] = _in_order(automation["trigger"])
    return Registered(plain.pools, plain.deployments, plain.automations)


def turned_as(target: Registered, there: Registered) -> Registered:
    """Return a copy of `target` in which everything a person may change is as on the server."""
    plain = deepcopy(target)
    for name, pool in plain.pools.items():
        _keep(pool, there.pools.get(name), ("is_paused", "concurrency_limit"))
    for name, deployment in plain.deployments.items():
        found = there.deployments.get(name)
        _keep(deployment, found, ("paused",))
        schedules = found["schedules"] if found else []
        active = {schedule_name(one): one["active"] for one in schedules}
        for schedule in deployment["schedules"]:
            schedule["active"] = active.get(schedule_name(schedule), schedule["active"])
    for name, automation in plain.automations.items():
        _keep(automation, there.automations.get(name), ("enabled",))
    plain.variables.update(there.variables)
    plain.limits.update(there.limits)
    return plain


def _keep(target: Values, found: Values | None, names: Iterable[str]) -> None:
    if found:
        target.update({name: found[name] for name in names})
