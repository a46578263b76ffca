"""The tables of the documents, in Markdown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from infra.growth.costs import Cost, costs_at_rest, costs_of_volume, stored_gb, total
from infra.growth.figures import Facts, Figure, Prices, read_facts, read_figures, read_prices
from infra.growth.limits import days_until_comparing_is_half, limits
from infra.growth.plan import Plan, plan_as_set, plan_for
from infra.growth.work import DAYS_A_MONTH, DAYS_A_YEAR, Volume
from infra.settings import Settings, read_settings

VOLUMES = (0.5e6, 1.5e6, 5e6, 15e6, 50e6)


@dataclass(frozen=True)
class Ground:
    """What all tables rest on."""

    settings: Settings
    facts: Facts
    prices: Prices


def read_ground() -> Ground:
    """Production's settings, and the facts and prices of the files."""
    return Ground(read_settings("prod"), read_facts(), read_prices())


def blocks(ground: Ground) -> dict[str, str]:
    """The tables by the name that a document has them under."""
    return {
        "at-rest": at_rest(ground),
        "first-month": first_month(ground),
        "growth": growth(ground),
        "limits": limits_table(ground),
        "if": if_table(ground),
        "facts": figures_table(read_figures("facts")),
        "prices": figures_table(read_figures("prices")),
    }


def at_rest(ground: Ground) -> str:
    """What is paid for though nothing runs, a line each."""
    return _bill(costs_at_rest(ground.settings, ground.facts, ground.prices))


def first_month(ground: Ground) -> str:
    """What the smallest volume adds in its first month, with the settings as they stand."""
    volume = Volume(VOLUMES[0], ground.facts)
    plan = plan_as_set(volume, ground.settings, DAYS_A_MONTH)
    return _bill(costs_of_volume(plan, ground.settings, ground.prices))


def growth(ground: Ground) -> str:
    """What each volume asks for, and costs."""
    plans = [_plan(ground, updates) for updates in VOLUMES]
    head = ["Updates a day", *(_short(plan.volume.updates_a_day) for plan in plans)]
    rows = [[name, *(show(plan) for plan in plans)] for name, show in _rows(ground).items()]
    return _table(head, rows)


def limits_table(ground: Ground) -> str:
    """What gives out, the nearest first."""
    found = limits(ground.settings, ground.facts, ground.prices)
    return _table(
        ["What gives out", "At so many updates a day", "What is turned"],
        [[limit.name, _short(limit.updates_a_day), limit.remedy] for limit in found],
    )


def if_table(ground: Ground) -> str:
    """The largest volume again, with other guesses."""
    facts = ground.facts
    guesses = {
        "as above": facts,
        "updates of 20 kB, and the Scan as much slower": replace(
            facts,
            update_bytes=facts.update_bytes * 2,
            scan_page_seconds=facts.scan_page_seconds * 2,
        ),
        "the Scan answers in 0.25 s": replace(facts, scan_page_seconds=0.25),
        "the warehouse half as fast": replace(
            facts,
            copy_updates_a_second=facts.copy_updates_a_second / 2,
            silver_updates_a_second=facts.silver_updates_a_second / 2,
            gold_updates_a_second=facts.gold_updates_a_second / 2,
            compared_rows_a_second=facts.compared_rows_a_second / 2,
        ),
        "silver's delete reads the batch's days alone": replace(
            facts, compared_rows_a_second=float("inf")
        ),
    }
    rows: list[list[str]] = []
    for name, guess in guesses.items():
        other = replace(ground, facts=guess)
        plan = _plan(other, VOLUMES[-1])
        bill = f"{_usd(_bills(other, plan, of_snowflake=False))} + "
        bill += _usd(_bills(other, plan, of_snowflake=True))
        rows.append([name, str(plan.readers), plan.size, f"{plan.credits_a_day:,.0f}", bill])
    return _table(["If", "Readers", "Warehouse", "Credits a day", "USD: AWS + Snowflake"], rows)


def figures_table(figures: Mapping[str, Figure]) -> str:
    """Each figure, and where it is from."""
    return _table(
        ["Figure", "Kind", "From"],
        [
            [f"{_plain(figure.value)} {figure.unit}", figure.kind, _source(figure)]
            for figure in figures.values()
        ],
    )


def _plan(ground: Ground, updates_a_day: float) -> Plan:
    return plan_for(Volume(updates_a_day, ground.facts), ground.settings, DAYS_A_YEAR)


def _rows(ground: Ground) -> dict[str, Callable[[Plan], str]]:
    return {
        **_rows_of_runs(),
        **_rows_of_warehouse(),
        "S3, GB after a year: new + cold": lambda plan: " + ".join(
            f"{part:,.0f}" for part in stored_gb(plan, ground.settings)
        ),
        "Snowflake's tables, TB after a year": lambda plan: (
            f"{plan.volume.warehouse_gb_a_day * plan.history_days / 1000:,.2g}"
        ),
        "Prefect's database, GB a year": lambda plan: f"{plan.volume.prefect_gb_a_year:,.0f}",
        "**AWS, USD a month**": lambda plan: _usd(_bills(ground, plan, of_snowflake=False)),
        "**Snowflake, USD a month**": lambda plan: _usd(_bills(ground, plan, of_snowflake=True)),
    }


def _rows_of_runs() -> dict[str, Callable[[Plan], str]]:
    return {
        "a second": lambda plan: f"{plan.volume.updates_a_day / 86400:,.0f}",
        "JSON, GB a day": lambda plan: f"{plan.volume.json_gb_a_day:,.0f}",
        "files a day, MB each": lambda plan: (
            f"{plan.volume.pages_a_day:,.0f} of {plan.volume.file_mb:.1f}"
        ),
        "a window every": lambda plan: f"{plan.interval_minutes} min",
        "pages a window, files a COPY": lambda plan: f"{plan.pages:,.0f}",
        "`budget_pages`": lambda plan: f"{plan.budget_pages:,}",
        "readers": lambda plan: str(plan.readers),
        "tasks a day": lambda plan: f"{plan.tasks_a_day:,.0f}",
        "bronze's run, s": lambda plan: f"{plan.bronze_seconds:,.0f}",
        "of its interval": lambda plan: f"{plan.busy:.0%}",
        "hours to catch up after a day off": lambda plan: f"{plan.catch_up_hours:,.0f}",
    }


def _rows_of_warehouse() -> dict[str, Callable[[Plan], str]]:
    return {
        "warehouse": lambda plan: plan.size,
        "it works on a window, s": lambda plan: f"{plan.computed_seconds:,.0f}",
        "of that, deleting by id": lambda plan: (
            f"{plan.computing.compare / plan.computing.total:.0%}"
        ),
        "as much as all else, after days": lambda plan: (
            f"{days_until_comparing_is_half(plan):,.0f}"
        ),
        "it waits, s a window": lambda plan: f"{plan.idle_seconds:,.0f}",
        "credits a day": lambda plan: f"{plan.credits_a_day:,.1f}",
    }


def _bills(ground: Ground, plan: Plan, *, of_snowflake: bool) -> float:
    costs = costs_at_rest(ground.settings, ground.facts, ground.prices)
    costs += costs_of_volume(plan, ground.settings, ground.prices)
    return total(costs, is_snowflakes=of_snowflake)


def _bill(costs: Sequence[Cost]) -> str:
    rows = [
        [cost.name, f"{cost.amount:,.4g} {cost.unit}", f"{cost.price:g}", f"{cost.usd:,.2f}"]
        for cost in costs
    ]
    sums = ["**together**", "", "", f"**{sum(cost.usd for cost in costs):,.2f}**"]
    return _table(["What", "How much", "USD each", "USD a month"], [*rows, sums])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    line = "|".join(["---"] * len(head))
    cells = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(head)} |", f"|{line}|", *cells])


def _source(figure: Figure) -> str:
    return f"{figure.source} ({figure.as_of})" if figure.as_of else figure.source


def _short(updates: float) -> str:
    return f"{updates / 1e6:,.3g} million"


def _plain(value: float) -> str:
    return f"{value:,.10g}"


def _usd(value: float) -> str:
    return f"{value:,.0f}"
