"""The pipeline as one DAG of Airflow 3: bronze, silver and gold over the same `services`.

make test-airflow      runs it beside the flows, and compares (docs/airflow-users.md)
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

from airflow.sdk import (
    Asset,
    Context,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    dag,
    task,
)

from services import bronze, errors, gold, silver
from services.errors import PipelineError, PositionMoved, SlackUnavailable
from services.freshness import check_freshness
from services.layers import Layer, commit_window, pending_windows
from services.model import LandedPage
from services.parameters import DEFAULT_MAX_AGE_MINUTES, DEFAULT_USD_RATE
from services.quarantine import keeping_refused_lines
from services.settings import read_slack
from services.watermarks import Watermark
from services.wiring import Services, open_notifier, open_services, prove

LOG = logging.getLogger(__name__)

# A task is tried five times, where that can help. One that another run overtook begins anew.
WORTH_RETRYING = [
    PositionMoved,
    *(
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, PipelineError) and kind.retryable
    ),
]


def tell_slack(context: Context) -> None:
    """A task's `on_failure_callback`, after its last try: what failed, and why."""
    task_instance, error = context["ti"], context.get("exception")
    text = f":x: *{task_instance.dag_id}.{task_instance.task_id}* failed\n{error}"
    open_notifier(read_slack()).send(text)


@dag(
    schedule="5 * * * *",
    catchup=False,  # the position tells what is missing, not the schedule
    max_active_runs=1,
    tags=["canton"],
    params={
        "budget_pages": Param(200, type="integer", minimum=1),
        "usd_rate": Param(str(DEFAULT_USD_RATE), type="string", pattern=r"^\d+(\.\d{1,8})?$"),
        "max_age_minutes": Param(DEFAULT_MAX_AGE_MINUTES, type="integer", minimum=0),
    },
    default_args={
        "retries": 4,
        "retry_delay": timedelta(seconds=1),
        "retry_exponential_backoff": 2,
        "retry_policy": ExceptionRetryPolicy(
            [RetryRule(WORTH_RETRYING, RetryAction.RETRY)], default=RetryAction.FAIL
        ),
        "on_failure_callback": tell_slack,
    },
)
def canton_transactions() -> None:
    """Commit what is new of the Scan's updates in each layer, one batch a layer."""

    @task(outlets=[Asset("canton-bronze")])
    def load_bronze(params: dict[str, Any], run_id: str) -> int:
        services = open_services()
        prove(services)
        watermark = bronze.read_position(
            services.source, services.warehouse, services.settings.canton
        )
        pages = land(services, watermark, params["budget_pages"], run_id)
        if not pages:
            return 0
        checked = bronze.check_pages(services.landing, services.warehouse, watermark, pages, run_id)
        with keeping_refused_lines(services.landing, services.warehouse, run_id):
            loaded = bronze.commit_batch(services.warehouse, watermark, checked, run_id)
        bronze.verify_batch(services.warehouse, loaded.batch)
        warn(services, bronze.LAYER, loaded.warnings)
        return loaded.batch.row_count

    @task(outlets=[Asset("canton-silver")])
    def build_silver(run_id: str) -> int:
        return build(open_services(), silver.LAYER, run_id)

    @task(outlets=[Asset("canton-gold")])
    def build_gold(params: dict[str, Any], run_id: str) -> int:
        services = open_services()
        gold.ensure_rate(services.warehouse, Decimal(params["usd_rate"]), run_id)
        row_count = build(services, gold.LAYER, run_id)
        if limit := params["max_age_minutes"]:
            warn(services, gold.LAYER.name, check_freshness(services.warehouse, limit, run_id))
        return row_count

    load_bronze() >> build_silver() >> build_gold()


def land(
    services: Services, watermark: Watermark, budget_pages: int, run_id: str
) -> list[LandedPage]:
    """Pages up to the head or the end of the budget; another try finds what one before landed."""
    pages: list[LandedPage] = []
    after = watermark.position
    while len(pages) < min(budget_pages, bronze.MAX_FILES):
        landing = bronze.land_next(services.source, services.landing, watermark, after, run_id)
        if landing is None:
            break
        pages.append(landing.page)
        after = landing.page.upto
        if landing.is_head:
            break
    return pages


def build(services: Services, layer: Layer, run_id: str) -> int:
    """Commit one batch a network that has something new; how many rows that is."""
    row_count = 0
    for window in pending_windows(services.warehouse, layer):
        built = commit_window(services.warehouse, layer, window, run_id)
        warn(services, layer.name, built.warnings)
        row_count += built.batch.row_count
    return row_count


def warn(services: Services, layer: str, warnings: Sequence[object]) -> None:
    """Tell people what only warns: the batch is committed, whether Slack hears of it or not."""
    for warning in warnings:
        LOG.warning("%s: %s", layer, warning)
    if warnings:
        lines = "\n".join(f"• {warning}" for warning in warnings)
        with suppress(SlackUnavailable):
            services.notifier.send(f":warning: *{layer}*: rules that warn\n{lines}")


canton_transactions()
