"""Gold: what each account and the whole network moved in each minute, in CC and USD.

python flows/gold_transactions.py usd_rate=0.16
"""

from datetime import UTC, datetime
from decimal import Decimal

from prefect import flow
from prefect.variables import Variable
from pydantic import PositiveInt, TypeAdapter, ValidationError

from flows.alerts import keep_alerts, link_to_run, tell_failure, tell_recovery
from flows.command_line import main
from flows.consume import consume
from flows.steps import run_id, step
from services import gold
from services.alert_checks import stale_layers
from services.alerts import STALE
from services.catalog import LAYERS
from services.errors import SettingsWrong
from services.freshness import check_freshness
from services.layers import Built
from services.parameters import (
    DEFAULT_MAX_AGE_MINUTES,
    DEFAULT_USD_RATE,
    MaxAgeMinutes,
    UsdRate,
)
from services.quality import Finding
from services.wiring import open_services

# Prefect's variable of this name: the rate of runs that were given none.
RATE_VARIABLE = "usd_rate"


@step(task_run_name="configure the rate {usd_rate}")
def configure_rate(usd_rate: Decimal) -> None:
    """Make the rate the one in force from now on, if it is another."""
    gold.ensure_rate(open_services().warehouse, usd_rate, run_id())


async def read_rate() -> Decimal:
    """The rate that a person set on Prefect's server, for the runs from then on.

    Raises:
        SettingsWrong: It is none.
    """
    value = await Variable.aget(RATE_VARIABLE, default=str(DEFAULT_USD_RATE))
    try:
        return TypeAdapter(UsdRate).validate_python(str(value))
    except ValidationError as error:
        problem = error.errors()[0]["msg"]
        raise SettingsWrong(f"Prefect variable {RATE_VARIABLE}={value}: {problem}") from error


@step(task_run_name="check that each layer is at most {max_age_minutes} minutes old")
def check_age(max_age_minutes: int) -> tuple[Finding, ...]:
    """The service level: the layers whose newest update is older."""
    return check_freshness(open_services().warehouse, max_age_minutes, run_id())


@flow(name="canton-transactions-gold", on_failure=[tell_failure], on_completion=[tell_recovery])
async def gold_transactions_flow(
    usd_rate: UsdRate | None = None,
    max_age_minutes: MaxAgeMinutes = DEFAULT_MAX_AGE_MINUTES,
    rebuild_from: PositiveInt | None = None,
) -> list[Built]:
    """Rebuild the minutes touched by silver batches committed since the last run.

    Args:
        usd_rate: USD for 1 CC from now on; minutes before keep the rate they were valued at.
            None takes the one of Prefect's variable `usd_rate`, or else 0.15.
        max_age_minutes: Tell Slack when the newest update of a layer is older; 0 never does.
        rebuild_from: Consume again from this silver batch on.
    """
    configure_rate(usd_rate or await read_rate())
    built = consume(gold.LAYER, rebuild_from)
    if max_age_minutes:
        findings, link = check_age(max_age_minutes), link_to_run()
        keep_alerts(STALE, lambda: stale_layers(findings, datetime.now(UTC), link), LAYERS)
    return built


if __name__ == "__main__":
    main(gold_transactions_flow)
