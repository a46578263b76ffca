"""Lists of Prefect's server in full, of our flows alone.

It hands out 200 items of a list at a time, and a workspace of Prefect Cloud may have flows of
others.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowFilter, FlowRunFilter
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort

OURS = "canton-"  # what the name of each of our flows begins with
Item = TypeVar("Item")


def read_all(read: Callable[..., list[Item]], **arguments: Any) -> list[Item]:
    """All items of a list; one whose place changes meanwhile may be missed, or come twice.

    Args:
        read: A method of Prefect's client that takes an `offset`.
        arguments: Its other arguments: a filter, an order.
    """
    found: list[Item] = []
    while page := read(offset=len(found), **arguments):
        found += page
    return found


def read_our_flows(client: SyncPrefectClient) -> dict[UUID, str]:
    """The names of our flows, by id."""
    alike = FlowFilter.model_validate({"name": {"like_": OURS}})  # anywhere in a name
    found = read_all(client.read_flows, flow_filter=alike)
    return {one.id: one.name for one in found if one.name.startswith(OURS)}


def among(flow_ids: Collection[UUID]) -> FlowFilter:
    """A filter for what belongs to some flows."""
    return FlowFilter.model_validate({"id": {"any_": list(flow_ids)}})


def read_runs(
    client: SyncPrefectClient, flow_ids: Collection[UUID], **conditions: Mapping[str, Any]
) -> list[FlowRun]:
    """Runs of some flows, without subflows, those first that were to begin first."""
    return read_all(
        client.read_flow_runs,
        flow_filter=among(flow_ids),
        flow_run_filter=FlowRunFilter.model_validate(
            {"parent_task_run_id": {"is_null_": True}, **conditions}
        ),
        sort=FlowRunSort.EXPECTED_START_TIME_ASC,
    )
