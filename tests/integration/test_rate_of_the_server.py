"""The rate that a person sets on Prefect's server is the one of the next run."""

from decimal import Decimal

import pytest
from prefect.client.orchestration import get_client
from prefect.variables import Variable

from flows.gold_transactions import RATE_VARIABLE, gold_transactions_flow
from services.errors import SettingsWrong


@pytest.fixture
def set_rate(prefect_server):
    yield lambda value: Variable.set(RATE_VARIABLE, value, overwrite=True)
    with get_client(sync_client=True) as client:
        client.delete_variable_by_name(RATE_VARIABLE)


def test_a_run_without_a_rate_takes_the_servers(set_rate, run_flow, pipeline, scan, database):
    line = pipeline(scan, SNOWFLAKE_DATABASE=database)
    run_flow(gold_transactions_flow, max_age_minutes=0)
    set_rate("0.31")
    run_flow(gold_transactions_flow, max_age_minutes=0)
    run_flow(gold_transactions_flow, usd_rate=Decimal("0.2"), max_age_minutes=0)
    rates = line.rows("select usd_rate from ops.usd_rates order by effective_at")
    assert [one["usd_rate"] for one in rates] == [Decimal(rate) for rate in ("0.15", "0.31", "0.2")]


def test_a_rate_that_is_none_stops_the_run(set_rate, run_flow, pipeline, scan, database):
    pipeline(scan, SNOWFLAKE_DATABASE=database)
    set_rate("much")
    with pytest.raises(SettingsWrong, match="Prefect variable usd_rate=much"):
        run_flow(gold_transactions_flow, max_age_minutes=0)
