"""Makes Prefect's server hold what it held before: after a failure, or to go back to a deploy."""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import (
    BlockDocumentUpdate,
    DeploymentScheduleCreate,
    GlobalConcurrencyLimitCreate,
    GlobalConcurrencyLimitUpdate,
    VariableCreate,
    VariableUpdate,
    WorkPoolCreate,
    WorkPoolUpdate,
)
from prefect.client.schemas.objects import BlockDocument
from prefect.events.schemas.automations import AutomationCore

from deployments.automations import ensure_automations
from deployments.registered import (
    BlockKey,
    Registered,
    Scope,
    Values,
    read_automations,
    read_blocks,
    take,
    unequal,
)
from deployments.server import if_any

Blocks = Mapping[BlockKey, BlockDocument | None]


class NotPutBack(Exception):
    """The server's earlier state could not be restored; the message names what differs."""


@contextmanager
def all_or_none(
    client: SyncPrefectClient, scope: Scope, report: Callable[[str], None]
) -> Generator[None]:
    """Put the server's earlier state back if anything fails inside the context.

    Only the names of new flows stay: Prefect deletes the runs of a flow with it.

    Args:
        report: Called with a line about each step of putting them back.

    Raises:
        NotPutBack: The server's state still differs from before.
    """
    before, blocks = take(client, scope), read_blocks(client, scope)
    try:
        yield
    except BaseException as error:
        report("it failed: what was on Prefect's server before is put back…")
        _put_back(client, scope, before, blocks)
        if left := unequal(before, take(client, scope)):
            raise NotPutBack(f"not as before: {', '.join(left)}; first: {error}") from error
        report("put back: the server holds what it did before")
        raise


def _put_back(client: SyncPrefectClient, scope: Scope, before: Registered, blocks: Blocks) -> None:
    there = read_blocks(client, scope)
    for key, one in there.items():
        previous = blocks[key]
        if previous and one and previous.data != one.data:
            data = BlockDocumentUpdate(data=previous.data, merge_existing_data=False)
            client.update_block_document(one.id, data)
    restore(client, before, scope)
    for key, one in there.items():  # last: automations of the failed attempt named them
        if one and blocks[key] is None:
            client.delete_block_document(one.id)


def restore(client: SyncPrefectClient, target: Registered, scope: Scope) -> None:
    """Make a scope's objects on the server equal to `target`; others of the scope are deleted.

    Equal ones aren't touched: an update of a deployment deletes its scheduled runs.
    """
    there = take(client, scope)
    for name, pool in target.pools.items():
        if name not in there.pools:
            client.create_work_pool(WorkPoolCreate(name=name, **pool))
        elif there.pools[name] != pool:
            changed = {key: value for key, value in pool.items() if key != "type"}
            client.update_work_pool(name, WorkPoolUpdate(**changed))
    for name, deployment in target.deployments.items():
        if there.deployments.get(name) != deployment:
            flow, _, own = name.partition("/")
            schedules = [
                DeploymentScheduleCreate.model_validate(one) for one in deployment["schedules"]
            ]
            fields: Values = {**deployment, "schedules": schedules}
            client.create_deployment(client.create_flow_from_name(flow), name=own, **fields)
    _put_variables(client, target.variables, there.variables)
    _put_limits(client, target.limits, there.limits)
    _put_automations(client, target, scope)
    remove_deployments(client, there.deployments.keys() - target.deployments.keys())
    for name in there.pools.keys() - target.pools.keys():
        client.delete_work_pool(name)


def remove_deployments(client: SyncPrefectClient, names: Iterable[str]) -> None:
    """Delete deployments, as ``flow/deployment``, that are there; their past runs stay."""
    for name in sorted(names):
        if found := if_any(client.read_deployment_by_name, name):
            client.delete_deployment(found.id)


def _put_variables(client: SyncPrefectClient, target: Values, there: Values) -> None:
    for name, value in target.items():
        if name not in there:
            client.create_variable(VariableCreate(name=name, value=value))
        elif there[name] != value:
            client.update_variable(VariableUpdate(name=name, value=value))
    for name in there.keys() - target.keys():
        client.delete_variable_by_name(name)


def _put_limits(client: SyncPrefectClient, target: Values, there: Values) -> None:
    for name, limit in target.items():
        if name not in there:
            created = GlobalConcurrencyLimitCreate(name=name, limit=limit)
            client.create_global_concurrency_limit(created)
        elif there[name] != limit:
            changed = GlobalConcurrencyLimitUpdate(limit=limit)
            client.update_global_concurrency_limit(name, changed)
    for name in there.keys() - target.keys():
        client.delete_global_concurrency_limit_by_name(name)


def _put_automations(client: SyncPrefectClient, target: Registered, scope: Scope) -> None:
    blocks = {name: one.id for (_, name), one in read_blocks(client, scope).items() if one}
    resolved = [
        AutomationCore.model_validate(
            {**one, "name": name, "actions": [_by_id(client, a, blocks) for a in one["actions"]]}
        )
        for name, one in target.automations.items()
    ]
    ensure_automations(client, resolved)
    enabled = {one.name: one.enabled for one in resolved}
    for one in read_automations(client):
        if one.enabled != enabled[one.name]:
            switch = client.resume_automation if enabled[one.name] else client.pause_automation
            switch(one.id)


def _by_id(client: SyncPrefectClient, action: Values, blocks: Mapping[str, UUID]) -> Values:
    match action:
        case {"deployment": name, **rest}:
            return {**rest, "deployment_id": client.read_deployment_by_name(name).id}
        case {"block": name, **rest}:
            return {**rest, "block_document_id": blocks[name]}
        case _:
            return action
