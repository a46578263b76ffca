"""Gold: what each account and the whole network moved in each minute, in CC and USD.

python flows/gold_transactions.py usd_rate=0.16
"""

from decimal import Decimal

from prefect import flow
from pydantic import PositiveInt

from flows.command_line import main
from flows.consume import consume
from flows.steps import run_id, step, tell_slack, warn
from services import gold
from services.layers import Built
from services.parameters import DEFAULT_USD_RATE, MaxAgeMinutes, UsdRate
from services.wiring import open_services


@step(task_run_name="configure the rate {usd_rate}")
def configure_rate(usd_rate: Decimal) -> None:
    """Make the rate the one in force from now on, if it is another."""
    gold.ensure_rate(open_services().warehouse, usd_rate, run_id())


@step(task_run_name="check that gold is at most {max_age_minutes} minutes old")
def check_age(max_age_minutes: int) -> list[str]:
    """The service level: what to say of networks whose newest minute is older."""
    return gold.find_stale(open_services().warehouse, max_age_minutes)


@flow(name="canton-transactions-gold", on_failure=[tell_slack])
async def gold_transactions_flow(
    usd_rate: UsdRate = DEFAULT_USD_RATE,
    max_age_minutes: MaxAgeMinutes = 90,
    rebuild_from: PositiveInt | None = None,
) -> list[Built]:
    """Rebuild the minutes touched by silver batches committed since the last run.

    Args:
        usd_rate: USD for 1 CC from now on; minutes before keep the rate they were valued at.
        max_age_minutes: Tell Slack when the newest minute is older; 0 never does.
        rebuild_from: Consume again from this silver batch on.
    """
    configure_rate(usd_rate)
    built = consume(gold.LAYER, rebuild_from)
    if max_age_minutes:
        warn(gold.LAYER.name, check_age(max_age_minutes))
    return built


if __name__ == "__main__":
    main(gold_transactions_flow)
