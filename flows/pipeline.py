"""Bronze, silver and gold in one run.

python flows/pipeline.py budget_pages=20 usd_rate=0.16
"""

from prefect import flow

from flows.alerts import tell_recovery
from flows.bronze_transactions import bronze_transactions_flow
from flows.command_line import main
from flows.gold_transactions import gold_transactions_flow
from flows.silver_transactions import silver_transactions_flow
from services.parameters import (
    DEFAULT_MAX_AGE_MINUTES,
    BudgetPages,
    BudgetSeconds,
    MaxAgeMinutes,
    UsdRate,
)


@flow(name="canton-transactions-pipeline", on_completion=[tell_recovery])
async def pipeline_flow(
    budget_pages: BudgetPages = 200,
    budget_seconds: BudgetSeconds = 1800,
    usd_rate: UsdRate | None = None,
    max_age_minutes: MaxAgeMinutes = DEFAULT_MAX_AGE_MINUTES,
) -> None:
    """Run the three layers as subflows, each of which commits on its own.

    Args:
        budget_pages: See bronze.
        budget_seconds: See bronze.
        usd_rate: See gold.
        max_age_minutes: See gold.
    """
    await bronze_transactions_flow(budget_pages, budget_seconds)
    await silver_transactions_flow()
    await gold_transactions_flow(usd_rate, max_age_minutes)


if __name__ == "__main__":
    main(pipeline_flow)
