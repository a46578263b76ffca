from dataclasses import replace

import pytest

from infra.growth.plan import VolumeTooLarge, choose_size, credits_an_hour, plan_as_set, plan_for
from infra.growth.work import Volume, computing
from infra.settings import SnowflakeSettings

HOURLY = 24
MILLION = 1e6


def test_each_size_is_twice_the_one_before():
    sizes = ("XSMALL", "SMALL", "MEDIUM", "LARGE", "XLARGE")

    assert [credits_an_hour(size) for size in sizes] == [1, 2, 4, 8, 16]


def test_the_settings_as_they_stand(volume, settings):
    plan = plan_as_set(volume, settings, history_days=10)

    assert (plan.interval_minutes, plan.budget_pages, plan.readers) == (60, 200, 1)
    assert (plan.size, plan.suspend_seconds) == ("SMALL", 60)
    assert plan.pages == 100
    assert plan.tasks_a_day == 72
    assert plan.busy == pytest.approx(260 / 3600)


def test_a_warehouse_is_paid_for_its_work_and_its_waiting(volume, settings):
    plan = plan_as_set(volume, settings, history_days=10)

    assert plan.computed_seconds == pytest.approx(166 / 2)
    assert plan.idle_seconds == 4 * 60
    assert plan.credits_a_day == pytest.approx(24 * (83 + 240) / 3600 * 2)


def test_it_waits_no_longer_than_there_is_nothing_to_do(facts, settings):
    few = plan_as_set(Volume(24_000 * 8, facts), settings, history_days=0)  # 8 pages: 10 s
    patient = replace(few, suspend_seconds=10_000)
    hasty = replace(few, suspend_seconds=30)  # each start is paid for a minute

    assert few.idle_seconds == hasty.idle_seconds == pytest.approx(10 + 3 * 60)
    assert patient.idle_seconds == pytest.approx(3600 - few.computed_seconds)
    assert patient.credits_a_day == pytest.approx(24 * 2)


def test_after_a_day_off_what_a_run_takes_beyond_its_own_pages_catches_up(volume, settings):
    plan = plan_as_set(volume, settings, history_days=10)

    assert plan.pages_at_most == 200
    assert plan.catch_up_hours == pytest.approx(2_400 / (200 - 100))


@pytest.mark.parametrize(
    ("changes", "most"),
    [
        pytest.param({"budget_pages": 150}, 150, id="budget"),
        pytest.param({"budget_pages": 5_000}, 1_000, id="files of a COPY"),
        pytest.param({"budget_pages": 5_000, "interval_minutes": 10}, 540 / 2, id="time"),
    ],
)
def test_what_one_run_can_commit(volume, settings, changes, most):
    plan = plan_as_set(volume, settings, history_days=10)

    assert replace(plan, **changes).pages_at_most == pytest.approx(most)


def test_a_slow_scan_spends_a_runs_time_before_its_pages(facts, settings):
    slow = replace(facts, scan_page_seconds=9.75)  # ten seconds a page
    plan = plan_as_set(Volume(2_400_000, slow), settings, history_days=10)

    assert plan.pages_at_most == pytest.approx(1_800 / 10)


def test_a_run_that_gets_less_than_comes_never_catches_up(facts, settings):
    plan = plan_as_set(Volume(5 * MILLION, facts), settings, history_days=10)

    assert plan.pages > plan.pages_at_most
    assert plan.catch_up_hours == float("inf")


@pytest.mark.parametrize(
    ("updates_a_day", "interval", "budget", "readers"),
    [
        pytest.param(2.4 * MILLION, 60, 200, 1, id="the default is just enough"),
        pytest.param(2.5 * MILLION, 60, 300, 1, id="more pages a run"),
        pytest.param(12 * MILLION, 60, 1_000, 1, id="all files of a COPY"),
        pytest.param(12.1 * MILLION, 30, 600, 1, id="more often"),
        pytest.param(48 * MILLION, 15, 1_000, 2, id="more readers"),
    ],
)
def test_the_least_that_is_enough(facts, settings, updates_a_day, interval, budget, readers):
    quick = replace(facts, commit_page_seconds=0.5)
    plan = plan_for(Volume(updates_a_day, quick), settings, history_days=1)

    assert (plan.interval_minutes, plan.budget_pages, plan.readers) == (interval, budget, readers)
    assert plan.busy <= 0.8


def test_a_volume_that_one_run_cannot_commit_is_too_large(facts, settings):
    with pytest.raises(VolumeTooLarge, match="can't commit it in time"):
        plan_for(Volume(140 * MILLION, facts), settings, history_days=1)


def test_a_volume_of_more_files_than_copies_take_is_too_large(facts, settings):
    with pytest.raises(VolumeTooLarge, match="too few files"):
        plan_for(Volume(145 * MILLION, facts), settings, history_days=1)


def _snowflake(settings, **changes) -> SnowflakeSettings:
    return settings.snowflake.model_copy(update=changes)


def test_the_warehouse_is_the_smallest_that_is_done_in_a_quarter_of_the_interval(facts, settings):
    volume = Volume(24 * 690_000, facts)  # 897 s on XSMALL
    patient = _snowflake(settings, statement_timeout_seconds=10_000)

    assert computing(volume, HOURLY, 0).total == pytest.approx(897)
    assert choose_size(volume, 60, patient, history_days=0) == "XSMALL"
    assert choose_size(volume, 30, patient, history_days=0) == "XSMALL"
    assert choose_size(volume, 60, patient, history_days=1) == "SMALL"


def test_no_statement_takes_half_of_its_timeout(facts, settings):
    volume = Volume(24 * 460_000, facts)  # silver: 460 s on XSMALL

    assert choose_size(volume, 60, _snowflake(settings), history_days=0) == "SMALL"


def test_history_that_no_warehouse_compares_in_time_is_too_large(volume, settings):
    with pytest.raises(VolumeTooLarge, match="no warehouse of ours"):
        choose_size(volume, 60, settings.snowflake, history_days=100_000)
