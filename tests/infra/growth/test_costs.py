from dataclasses import replace

import pytest

from infra.growth import costs
from infra.growth.costs import costs_at_rest, costs_of_volume, log_gb_a_month, stored_gb, total
from infra.growth.plan import plan_as_set
from infra.growth.work import DAYS_A_MONTH
from tests.clouds import changed
from tests.infra.conftest import CLOUD


def _usd(found):
    return {cost.name: pytest.approx(cost.usd) for cost in found}


def test_what_is_paid_for_though_nothing_runs(settings, facts, prices):
    assert _usd(costs_at_rest(settings, facts, prices)) == {
        "NAT gateway": 730 * 0.05,
        "its address": 730 * 0.01,
        "services: processors": 1.5 * 730 * 0.04,  # 0.25 + 0.25 + the server's 1
        "services: memory": 3.5 * 730 * 0.005,  # 0.5 + 1 + 2
        "Postgres": 2 * 730 * 0.03,
        "Postgres: storage": 2 * 50 * 0.1,
        "secrets": 4 * 0.5,  # Snowflake's key, Slack, Prefect, the database
        "alarms": 5 * 0.1,
        "metrics of the log": 4 * 0.3,
        "key of the alarms' topic": 1.0,
        "private DNS zone": 0.5,
        "images": 10 * 0.1 * 0.2,
    }


def test_prefect_cloud_takes_servers_place(settings, facts, prices):
    names = {cost.name for cost in costs_at_rest(changed(settings, prefect=CLOUD), facts, prices)}

    assert names.isdisjoint({"Postgres", "Postgres: storage", "private DNS zone"})
    assert {"NAT gateway", "services: processors", "secrets"} <= names


def test_one_zone_costs_half_of_the_database(settings, facts, prices):
    api = settings.prefect.api.model_dump(mode="json") | {"is_multi_zone": False}
    found = _usd(costs_at_rest(changed(settings, prefect={"api": api}), facts, prices))

    assert found["Postgres"] == 730 * 0.03
    assert found["Postgres: storage"] == 50 * 0.1


def test_a_database_without_a_price_is_named(prices):
    with pytest.raises(KeyError, match=r"no price of db\.r5\.large: add database_r5_large_hour"):
        prices.database_hour("db.r5.large")


def test_what_a_volume_adds_in_a_month(volume, settings, prices):
    plan = plan_as_set(volume, settings, history_days=100)
    seconds = 24 * (260 + 2 * 60 + plan.computed_seconds) * DAYS_A_MONTH
    pages = 2_400 * DAYS_A_MONTH

    assert _usd(costs_of_volume(plan, settings, prices)) == {
        "NAT gateway": 24 * DAYS_A_MONTH * 0.1,
        "flow runs: processors": seconds / 3600 * 2 * 0.04,
        "flow runs: memory": seconds / 3600 * 4 * 0.005,
        "S3: new pages": 90 * 2.4 * 0.02,
        "S3: cold pages": 10 * 2.4 * 0.005,
        "S3: puts": pages / 1000 * 0.006,
        "S3: gets": pages / 1000 * 3 * 0.0004,
        "S3: moves": pages / 1000 * 0.02,
        "logs": (2_400 * 100 + 72 * 1_000) * DAYS_A_MONTH / 1e9 * 0.5,
        "warehouse": plan.credits_a_day * DAYS_A_MONTH * 2,
        "Snowflake's storage": 7.2 * 100 / 1000 * 30,
    }


def test_readers_beside_the_first_are_tasks_of_their_own(volume, settings):
    one = plan_as_set(volume, settings, history_days=1)
    three = replace(one, readers=3)
    landing = 125 / 3
    added = 24 * (2 * (60 + landing) - (125 - landing)) / 3600 * DAYS_A_MONTH

    assert costs.task_hours(three) - costs.task_hours(one) == pytest.approx(added)
    assert log_gb_a_month(three) > log_gb_a_month(one)


def test_nothing_is_cold_before_its_time(volume, settings, prices):
    young = plan_as_set(volume, settings, history_days=30)

    assert stored_gb(young, settings) == (pytest.approx(72), 0)
    assert _usd(costs_of_volume(young, settings, prices))["S3: moves"] == 0


def test_each_bill_has_its_own_sum(volume, settings, prices):
    found = costs_of_volume(plan_as_set(volume, settings, history_days=30), settings, prices)
    of_snowflake = {"warehouse", "Snowflake's storage"}

    assert total(found, is_snowflakes=True) == pytest.approx(
        sum(cost.usd for cost in found if cost.name in of_snowflake)
    )
    assert total(found, is_snowflakes=True) + total(found, is_snowflakes=False) == pytest.approx(
        sum(cost.usd for cost in found)
    )


def test_what_is_counted_is_what_the_program_makes(graph):
    def count(kind: str) -> int:
        return sum(resource.type.endswith(f":{kind}") for resource in graph.resources)

    assert count("MetricAlarm") == costs.ALARMS
    assert count("LogMetricFilter") == costs.METRICS
    assert count("Key") == costs.KEYS
    assert count("PrivateDnsNamespace") == costs.ZONES
    assert count("NatGateway") == count("Eip") == 1
    assert count("Service") == 4  # server, two workers; and the server's name
