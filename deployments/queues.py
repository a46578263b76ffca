"""Work queues: a deployment's runs that wait for each other hold up no other deployment's.

A worker is offered everything that is due, up to 200 runs at a time, and requests the start of each
from Prefect's server; one whose deployment has no slot free is put off by 30 s, and offered again.
250 of them kept worker and server so busy that another deployment's run began after 72 s. So
each deployment with a limit has a queue of its own, which offers a few runs more than that.

Where many runs are due, or a person limits the pool, those of the deployment that stands first in
prefect.yaml begin first: the layers in their order, and the audit last.
"""

from prefect.client.orchestration import SyncPrefectClient

from deployments.deployments import PrefectFile
from deployments.server import if_any

# Waiting runs that a queue offers at a time. Not one alone: one that can't begin yet for another
# reason would hide the next. Nor many: each costs the server some requests, every second.
OFFERED = 2


def ensure_queues(client: SyncPrefectClient, content: PrefectFile) -> None:
    """Make the queues that are missing, and limit those without a limit; a person may turn it.

    One without a limit was made by `prefect deploy`, which knows none.
    """
    for priority, one in enumerate(content["deployments"], 2):  # 1 has the pool's default queue
        pool, queue = one["work_pool"]["name"], one["work_pool"].get("work_queue_name")
        limit = one.get("concurrency_limit", {}).get("limit")
        if queue is None or limit is None:
            continue
        offered = limit + OFFERED
        there = if_any(client.read_work_queue_by_name, queue, work_pool_name=pool)
        if there is None:
            client.create_work_queue(
                queue, concurrency_limit=offered, priority=priority, work_pool_name=pool
            )
        elif there.concurrency_limit is None:
            client.update_work_queue(there.id, concurrency_limit=offered)
