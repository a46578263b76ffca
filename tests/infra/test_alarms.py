"""Alarms, rung as CloudWatch would: by the documented rules, with periods that have no data."""

from collections.abc import Callable, Iterable, Iterator

import pytest

from tests.infra.cloudwatch import period, state

MINUTE = 60
DAY = 24 * 60  # minutes
# AWS's own table for three of three periods, in which a dash is a missing point and X breaches:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
THREE_OF_THREE = [
    ("0-X-X", "OK", "OK"),
    ("----0", "OK", "OK"),
    ("-----", "ALARM", "OK"),
    ("0XX-X", "ALARM", "ALARM"),
    ("--X--", "ALARM", "OK"),
]


@pytest.mark.parametrize(("points", "breaching", "not_breaching"), THREE_OF_THREE)
def test_the_evaluator_agrees_with_awss_own_table(points, breaching, not_breaching):
    values = [{"0": 1.0, "X": 0.0, "-": None}[point] for point in points]
    for treated, expected in (("breaching", breaching), ("notBreaching", not_breaching)):
        alarm = {
            "evaluationPeriods": 3,
            "comparisonOperator": "LessThanThreshold",
            "threshold": 1,
            "treatMissingData": treated,
        }
        assert state(alarm, values) == expected


@pytest.fixture
def alarm(graph):
    """A function that returns the inputs of a production alarm by its name."""
    return lambda name: inputs(graph, name)


def inputs(graph, name):
    return graph.one("aws:cloudwatch/metricAlarm:MetricAlarm", name).inputs


def rings(alarm, metric: Callable[[int, int], float | None]) -> Iterator[int]:
    """Minutes at which it begins to ring in two days; `metric` is its value between two of them."""
    length = period(alarm) // MINUTE
    points: list[float | None] = []
    before = "OK"
    for end in range(length, 2 * DAY, length):
        points.append(metric(end - length, end))
        now = state(alarm, points) if end > DAY else "OK"  # a day to fill what it looks at
        if now == "ALARM" != before:
            yield end
        before = now


def rings_after(alarm, said_at: Iterable[int]) -> Iterator[int]:
    """The same of an alarm on how often something is said, where it was said in these minutes."""
    said = [*said_at]

    def count(begin: int, end: int) -> float | None:
        return float(sum(1 for minute in said if begin <= minute < end)) or None

    return rings(alarm, count)


def hourly(until, minute=0):
    return range(minute, until, 60)


@pytest.mark.parametrize("minute", [0, 3])
@pytest.mark.parametrize(
    ("stack", "name", "minutes"),
    [
        ("graph", "late", 90),
        ("graph", "stale-bronze", 150),
        ("graph", "stale-gold", 150),
        ("dev_graph", "late", 240),
        ("dev_graph", "stale-gold", 480),
    ],
)
def test_silence_rings_within_a_period_of_its_promise(request, stack, name, minutes, minute):
    alarm = inputs(request.getfixturevalue(stack), name)
    last = DAY + 2 * 60 + minute
    (rang,) = rings_after(alarm, hourly(last + 1, minute))
    assert minutes <= rang - last <= minutes + period(alarm) // MINUTE


@pytest.mark.parametrize("name", ["late", "stale-bronze", "stale-gold"])
def test_runs_every_hour_ring_no_alarm(alarm, name):
    assert list(rings_after(alarm(name), hourly(2 * DAY))) == []


def test_one_period_as_long_as_the_wait_would_ring_hours_late():
    """The alarm used until 2026-11: 5,400 s, one of one, and missing data that breaches."""
    alarm = {
        "period": 90 * MINUTE,
        "evaluationPeriods": 1,
        "comparisonOperator": "LessThanThreshold",
        "threshold": 1,
        "treatMissingData": "breaching",
    }
    last = DAY + 2 * 60
    (rang,) = rings_after(alarm, hourly(last + 1))
    assert rang - last > 2 * 90


def test_a_failure_rings_in_its_own_period_and_not_again(alarm):
    failed = DAY + 63
    (rang,) = rings_after(alarm("failed"), [failed])
    assert 0 < rang - failed <= 5


@pytest.mark.parametrize("part", ["server", "worker", "control"])
def test_a_service_without_a_task_is_told_within_minutes(alarm, part):
    """ECS sends a sample a minute for each running task, and none without one."""
    dead = alarm(f"dead-{part}")
    died = DAY + 7
    (rang,) = rings_after(dead, range(died))
    assert 0 < rang - died <= 6
    replaced = [minute for minute in range(2 * DAY) if not died <= minute < died + 3]
    assert list(rings_after(dead, replaced)) == []
    dies_again_and_again = [*range(died), *range(died, 2 * DAY, 5)]
    assert next(rings_after(dead, dies_again_and_again)) - died <= 7
    lives_for_three_minutes = [minute for minute in range(2 * DAY) if minute < died or minute % 4]
    assert next(rings_after(dead, lives_for_three_minutes)) - died <= 20


@pytest.mark.parametrize("name", ["restarts-server", "restarts-workers"])
def test_services_that_start_again_and_again_are_told_within_an_hour(alarm, name):
    """As all did in 2026-11, two minutes after each was healthy: a task was always there."""
    restarts, broke = alarm(name), DAY + 7
    (rang,) = rings_after(restarts, range(broke, 2 * DAY, 5))
    assert 0 < rang - broke <= 60
    deployed_twice = [broke, broke, broke + 4, broke + 4]
    assert list(rings_after(restarts, deployed_twice)) == []
    mended = [*range(broke, broke + 120, 5)]
    assert len([*rings_after(restarts, mended)]) == 1


def test_events_that_nobody_fetches_are_told_within_twenty_minutes(alarm):
    """The metric is the age of the oldest one in seconds, at the end of a period."""
    unheard, came = alarm("unheard-events"), DAY + 7
    dimensions = {"QueueName": "canton-prod-ecs-events"}
    metric = ("ApproximateAgeOfOldestMessage", dimensions, "Maximum")
    assert (unheard["metricName"], unheard["dimensions"], unheard["statistic"]) == metric

    def waits(minutes: int) -> Callable[[int, int], float | None]:
        return lambda _, end: float(60 * (end - came)) if 0 < end - came <= minutes else None

    (rang,) = rings(unheard, waits(DAY))
    assert 10 < rang - came <= 20
    assert list(rings(unheard, waits(14))) == []  # the worker was replaced meanwhile


def test_a_database_that_is_busy_for_a_quarter_of_an_hour_is_told(alarm):
    """Prefect's own cleaning keeps it busy for some minutes, and rings nothing."""
    busy = alarm("database-cpu")
    dimensions = {"DBInstanceIdentifier": "canton-prod-database"}
    assert (busy["metricName"], busy["dimensions"]) == ("CPUUtilization", dimensions)
    for percents, expected in (
        ([20.0, 20.0, 95.0, 95.0], "OK"),
        ([20.0, 95.0, 95.0, 95.0], "ALARM"),
        ([95.0, 95.0, 95.0, 20.0], "OK"),
    ):
        assert state(busy, percents) == expected
    assert period(busy) * busy["evaluationPeriods"] == 15 * MINUTE


def test_a_database_that_fills_is_told_before_it_is_full(alarm):
    filling, gib = alarm("database-storage"), 1024**3
    dimensions = {"DBInstanceIdentifier": "canton-prod-database"}
    metric = ("FreeStorageSpace", dimensions, "Minimum")
    assert (filling["metricName"], filling["dimensions"], filling["statistic"]) == metric
    for free, expected in (
        ([20.0, 6.0, 6.0], "OK"),
        ([20.0, 4.0, 6.0], "OK"),
        ([20.0, 4.0, 4.0], "ALARM"),
    ):
        assert state(filling, [one * gib for one in free]) == expected


def test_where_nothing_was_ever_said_silence_rings(alarm):
    assert state(alarm("late"), [None] * 288) == "ALARM"
    assert state(alarm("failed"), [None] * 288) == "OK"
