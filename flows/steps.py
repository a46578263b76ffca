"""Behavior shared by every flow's steps: retrying, starting over and notifying people."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ParamSpec, TypeVar

from prefect import State, Task, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.events import emit_event
from prefect.runtime import flow_run as this_run
from prefect.tasks import MaterializingTask, exponential_backoff

from services.errors import PipelineError, PositionMoved, SlackUnavailable
from services.watermarks import BatchRecord
from services.wiring import open_services

P = ParamSpec("P")
Result = TypeVar("Result")

RACES = 5  # how often a run starts over because another one committed first


def worth_retrying(_: Task[..., Any], __: TaskRun, state: State[Any]) -> bool:
    """Tell whether a failed step is worth retrying: only a retryable `PipelineError` is."""
    error = outcome(state)
    return isinstance(error, PipelineError) and error.retryable


def outcome(state: State[Any]) -> Any:
    """The result of a step that has ended, or the error that it ended in."""
    # Steps run inside the flow's event loop, where `result` would hand back a coroutine.
    return state.result(raise_on_failure=False, _sync=True)  # pyright: ignore[reportCallIssue]


# A step tries five times over about half a minute: 1, 2, 4 and 8 s apart, each up to half longer.
step = partial(
    task,
    retries=4,
    retry_delay_seconds=exponential_backoff(1),
    retry_jitter_factor=0.5,
    retry_condition_fn=worth_retrying,
    cache_policy=NO_CACHE,
)


def materializing(
    task_run_name: str,
) -> Callable[[Callable[P, Result]], MaterializingTask[P, Result]]:
    """A step that writes assets: which ones, `flows.assets` says where it is called.

    Prefect's own `materialize` has to know that at import.
    """

    def make(fn: Callable[P, Result]) -> MaterializingTask[P, Result]:
        return MaterializingTask(fn, assets=(), task_run_name=task_run_name, **step.keywords)

    return make


def run_id() -> str:
    """The flow run's id, which is written beside everything it stores."""
    return str(this_run.get_id() or "no-run")


def start_over_when_moved(run: Callable[[], Result]) -> Result:
    """Run until no other run commits in between."""
    for _ in range(RACES - 1):
        try:
            return run()
        except PositionMoved as moved:
            get_run_logger().info("%s; starting over", moved)
    return run()


def announce(batch: BatchRecord) -> None:
    """Let the deployments that wait for a layer's batches know of one."""
    emit_event(
        event=f"canton.{batch.layer}.committed",
        resource={"prefect.resource.id": f"canton.{batch.layer}.{batch.network}"},
        payload={
            "network": batch.network,
            "batch_id": batch.batch_id,
            "update_count": batch.update_count,
            "row_count": batch.row_count,
        },
    )


def warn(layer: str, warnings: Sequence[object]) -> None:
    """Tell people what only warns: the batch is committed, whether Slack hears of it or not."""
    if not warnings:
        return
    try:
        tell_warnings(layer, warnings)
    except SlackUnavailable as error:
        texts = "; ".join(map(str, warnings))
        get_run_logger().warning("%s: not told: %s: %s", layer, error, texts)


@step(task_run_name="tell Slack of {layer} warnings")
def tell_warnings(layer: str, warnings: Sequence[object]) -> None:
    """Send rules' warnings as one message."""
    lines = "\n".join(f"• {warning}" for warning in warnings)
    open_services().notifier.send(f":warning: *{layer}*: rules that warn\n{lines}")
