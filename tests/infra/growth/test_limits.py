from dataclasses import replace

import pytest

from infra.growth.limits import days_until_comparing_is_half, limits, reached
from infra.growth.plan import plan_as_set
from infra.growth.work import DAYS_A_MONTH, DAYS_A_YEAR, Volume
from tests.clouds import changed
from tests.infra.conftest import CLOUD


def _by_start(found):
    return {limit.name.partition(" ")[0]: limit.updates_a_day for limit in found}


def test_each_limit_is_where_its_amount_is_reached(settings, facts, prices):
    found = limits(settings, facts, prices)
    at = {limit.name: pytest.approx(limit.updates_a_day) for limit in found}

    assert at["200 pages a run, in the busiest hour"] == 200 * 24 * 1_000 / 2
    assert at["1,000 files a COPY, in the busiest hour"] == 1_000 * 24 * 1_000 / 2
    assert at["one run at a time, busy 80% of the day"] == 0.8 * 86_400 / 2 * 1_000
    assert at["half of the statement timeout for silver on SMALL, hourly"] == (
        900 / 2 * 1_000 * 2 * 24
    )
    assert at["50 GiB of Prefect's database, after a year"] == 50 * 2**30 / (365 * 10_000) * 1_000
    assert at["the Scan's requests a second"] == 10 * 86_400 * 1_000


def test_the_monitor_is_reached_where_a_month_takes_all_its_credits(settings, facts, prices):
    found = limits(settings, facts, prices)
    (at,) = [limit.updates_a_day for limit in found if "credits a month" in limit.name]

    plan = plan_as_set(Volume(at, facts), settings, DAYS_A_YEAR)
    assert plan.credits_a_day * DAYS_A_MONTH == pytest.approx(200, rel=1e-4)


def test_the_nearest_comes_first(settings, facts, prices):
    volumes = [limit.updates_a_day for limit in limits(settings, facts, prices)]

    assert volumes == sorted(volumes)
    assert len(volumes) == 8


def test_prefect_cloud_has_no_disk_of_ours(settings, facts, prices):
    on_cloud = limits(changed(settings, prefect=CLOUD), facts, prices)

    assert not [limit for limit in on_cloud if "database" in limit.name]


def test_what_is_over_from_the_start_is_reached_at_nothing():
    assert reached(lambda updates: 10 + updates, 5) == 0
    assert reached(lambda updates: 10 + updates, 110) == pytest.approx(100)


@pytest.mark.parametrize("updates_a_day", [1e6, 1e7])
def test_deleting_by_id_is_half_after_the_same_days_whatever_comes(facts, settings, updates_a_day):
    plan = plan_as_set(Volume(updates_a_day, facts), settings, history_days=10)
    days = days_until_comparing_is_half(plan)
    work = replace(plan, history_days=days).computing

    assert work.compare == pytest.approx(work.total / 2)
    assert days == pytest.approx((1.3e-3 / 24) / (1.5 / 1e6))
