"""What gives out first with the settings as they stand, and what is turned then."""

from collections.abc import Callable
from dataclasses import dataclass

from infra.growth.costs import costs_at_rest, costs_of_volume, total
from infra.growth.figures import Facts, Prices
from infra.growth.plan import BUSY, STATEMENT, Plan, credits_an_hour, plan_as_set
from infra.growth.work import (
    DAYS_A_MONTH,
    DAYS_A_YEAR,
    HOURS_A_DAY,
    SECONDS_A_DAY,
    Volume,
    land_page_seconds,
)
from infra.settings import ServerSettings, Settings

GIB = 2**30
MOST = 1e10  # updates a day; nobody asks beyond
PRECISION = 1e-6


@dataclass(frozen=True)
class Limit:
    """One thing that a volume outgrows.

    Args:
        name: What it is.
        updates_a_day: Where it is reached.
        remedy: What is turned then.
    """

    name: str
    updates_a_day: float
    remedy: str


def limits(settings: Settings, facts: Facts, prices: Prices) -> list[Limit]:
    """The limits, the nearest one first."""
    found = [
        *_limits_of_runs(facts),
        *_limits_of_settings(settings, facts, prices),
        Limit(
            "the Scan's requests a second",
            facts.scan_requests_a_second * SECONDS_A_DAY * facts.page_size,
            "a second Scan or address",
        ),
    ]
    return sorted(found, key=lambda limit: limit.updates_a_day)


def _limits_of_runs(facts: Facts) -> list[Limit]:
    busiest_hour = HOURS_A_DAY * facts.page_size / facts.peak
    page = land_page_seconds(facts) + facts.commit_page_seconds
    return [
        Limit(
            f"{facts.budget_pages:,.0f} pages a run, in the busiest hour",
            facts.budget_pages * busiest_hour,
            "bronze's parameter `budget_pages`",
        ),
        Limit(
            f"{facts.max_files:,.0f} files a COPY, in the busiest hour",
            facts.max_files * busiest_hour,
            "bronze's `--cron`: more often",
        ),
        Limit(
            f"one run at a time, busy {BUSY:.0%} of the day",
            BUSY * SECONDS_A_DAY / page * facts.page_size,
            "to be built: several land, one commits",
        ),
    ]


def _limits_of_settings(settings: Settings, facts: Facts, prices: Prices) -> list[Limit]:
    def plan(updates_a_day: float) -> Plan:
        return plan_as_set(Volume(updates_a_day, facts), settings, DAYS_A_YEAR)

    def dollars(updates_a_day: float) -> float:
        costs = costs_at_rest(settings, facts, prices)
        costs += costs_of_volume(plan(updates_a_day), settings, prices)
        return total(costs, is_snowflakes=False)

    snowflake, alarms = settings.snowflake, settings.alarms
    times = credits_an_hour(snowflake.warehouse_size)
    statement = snowflake.statement_timeout_seconds * STATEMENT * times
    found = [
        Limit(
            f"{snowflake.credits_a_month:,} credits a month, hourly, after a year",
            reached(lambda v: plan(v).credits_a_day * DAYS_A_MONTH, snowflake.credits_a_month),
            "`snowflake.credits_a_month`; before that, silver's delete",
        ),
        Limit(
            f"{alarms.dollars_a_month:,} USD a month of AWS, after a year",
            reached(dollars, alarms.dollars_a_month),
            "`alarms.dollars_a_month`",
        ),
        Limit(
            f"half of the statement timeout for silver on {snowflake.warehouse_size}, hourly",
            statement * facts.silver_updates_a_second * HOURS_A_DAY,
            "`snowflake.warehouse_size`, or more often",
        ),
    ]
    if isinstance(api := settings.prefect.api, ServerSettings):
        a_page = facts.prefect_page_bytes * DAYS_A_YEAR / facts.page_size
        found.append(
            Limit(
                f"{api.database_gib} GiB of Prefect's database, after a year",
                api.database_gib * GIB / a_page,
                "`database_gib`, or have Prefect delete old runs",
            )
        )
    return found


def reached(amount: Callable[[float], float], most: float) -> float:
    """The updates a day at which an amount that grows with them reaches its most.

    0 where it is over it from the start.
    """
    low, high = 0.0, MOST
    if amount(low) >= most:
        return 0.0
    while high - low > PRECISION * high:
        middle = (low + high) / 2
        low, high = (low, middle) if amount(middle) >= most else (middle, high)
    return high


def days_until_comparing_is_half(plan: Plan) -> float:
    """When silver's delete takes as long as everything else; the same at any volume."""
    work = plan.computing
    a_day = work.compare / plan.history_days
    return (work.total - work.compare) / a_day
