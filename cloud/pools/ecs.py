"""The work pool whose runs are tasks on ECS: the worker's own template, with our job in it."""

from cloud.infra.settings import Settings
from cloud.outputs import Outputs
from cloud.pools.job import CONCURRENCY_LIMIT, TYPE, defaults, network, task_definition
from deployments.pools import Pool, worker_template


def ecs_pool(settings: Settings, outputs: Outputs, image: str) -> Pool:
    """The pool of a stack.

    Raises:
        PoolWrong: `prefect-aws` isn't installed. It is not part of the stack: every process of
            Prefect's would import it, a second and 17 MB each.
    """
    template = worker_template(TYPE, defaults(settings, outputs, image))
    configuration = template["job_configuration"]
    configuration["task_definition"] |= task_definition(settings, outputs)
    configuration["task_run_request"] |= network(outputs)
    return Pool(
        name=settings.prefect.pool,
        type=TYPE,
        description="Each flow run is a task on ECS.",
        template=template,
        concurrency_limit=CONCURRENCY_LIMIT,
    )
