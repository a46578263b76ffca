"""The dashboard in Streamlit's own harness, held against what the tables say row by row."""

from collections import defaultdict
from decimal import Decimal

import pytest

from local.embedded.children import free_port
from services.quality_results import latest_results, outcome
from tests.clients.dashboard.conftest import COUNT

ACTIVITY, ACCOUNT, HEALTH = "Activity", "Account", "Freshness and quality"
MOVED = ("transferred_cc", "minted_cc", "burned_cc")


TWO_QUIET_MINUTES = """insert into gold.network_activity_minute (network, minute_at, update_count,
        transaction_count, aborted_count, account_count, transferred_cc, minted_cc, burned_cc,
        usd_rate, usd_value, batch_id)
    select '122000000000', column1::timestamp_ntz, 7, 0, 0, 0, 1500000, 0, 0, 0.15, 0, 1
    from values ('2025-12-10 16:26:00'), ('2025-12-10 16:28:00')"""


def network_rows(pipeline):
    return pipeline.table("gold.network_activity_minute")


def account_rows(pipeline):
    return pipeline.table("gold.account_activity_minute")


def busiest(pipeline):
    """Each account's transactions, the busiest first."""
    counts = defaultdict(int)
    for row in account_rows(pipeline):
        counts[row["account"]] += int(row["transaction_count"])
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def whole(amount):
    return f"{amount:,.0f}"


@pytest.mark.parametrize("period", ["minute", "hour", "day"])
def test_totals_are_those_of_golds_rows_whatever_they_are_grouped_by(pipeline, show, period):
    shown = show({"network": pipeline.network, "by": period})
    rows = network_rows(pipeline)
    volumes = [sum(row[name] for name in MOVED) for row in rows]
    priced = [
        volume * row["ledger_price_usd"]
        for volume, row in zip(volumes, rows, strict=True)
        if row["ledger_price_usd"] is not None
    ]
    assert shown["metrics"] == {
        "Updates": f"{COUNT:,}",
        "That moved coin": whole(sum(row["transaction_count"] for row in rows)),
        "Volume in CC": whole(sum(volumes)),
        "USD, configured rate": whole(sum(row["usd_value"] for row in rows)),
        "USD, ledger's price": whole(sum(priced)),
    }
    assert [chart["encoding"]["y"]["title"] for chart in shown["charts"]] == [
        f"Updates per {period}", f"CC per {period}", f"USD per {period}",
    ]  # fmt: skip
    last = {"hour": "16:00", "day": "00:00"}.get(period)
    note = f" The last {period}, from 2025-12-10 {last}, isn't over: it is still growing."
    assert shown["caption"][0].endswith(note) is bool(last)
    for chart in shown["charts"]:
        assert chart["encoding"]["x"]["title"] == "Time (UTC)"
        assert chart["encoding"]["x"]["scale"] == {"type": "utc"}


def test_the_busiest_accounts_come_first(pipeline, show):
    shown = show({"network": pipeline.network})
    (table,) = shown["tables"]
    found = [(row["account"], row["transactions"]) for row in table]
    assert found == busiest(pipeline)[: len(found)]
    assert len(found) == min(15, len(busiest(pipeline)))


def test_an_account_has_its_balance_counterparties_and_payments(pipeline, show):
    (account, _) = busiest(pipeline)[0]
    address = {"network": pipeline.network, "page": ACCOUNT, "account": account, "by": "minute"}
    shown = show(address)
    assert shown["address"] == address
    own = [row for row in account_rows(pipeline) if row["account"] == account]
    assert own
    assert f"{min(row['minute_at'] for row in own):%Y-%m-%d %H:%M}" in shown["caption"][1]
    balances = [point["value"] for point in shown["points"][0]]
    assert balances[-1] == pytest.approx(float(sum(row["net_cc"] for row in own)))
    assert len(balances) == len(own)
    payments = [
        row
        for row in pipeline.table("silver.canton_transactions")
        if row["account"] == account and row["movement_kind"] == "transfer"
    ]
    counterparties, newest = shown["tables"]
    assert {row["counterparty"] for row in counterparties} <= {
        row["counterparty"] for row in payments
    }
    for side in ("sent", "received"):
        paid = [row["amount_cc"] for row in payments if row["direction"] == side]
        told = [Decimal(row["amount_cc"]) for row in newest if row["direction"] == side]
        assert sorted(told) == sorted(paid), "fewer than the most that are shown"


def test_quality_is_told_as_the_pipeline_tells_it(pipeline, show):
    shown = show({"network": pipeline.network, "page": HEALTH})
    with pipeline.services.warehouse.session() as session:
        known = [row for row in latest_results(session) if row["network"] == pipeline.network]
    layers, rules = shown["tables"]
    assert [row["layer"] for row in layers] == ["bronze", "silver", "gold"]
    assert {(row["layer"], row["rule"], row["result"], row["offenders"]) for row in rules} == {
        (row["layer"], row["rule"], outcome(row), row["offenders"]) for row in known
    }
    broken = sum(row["is_broken"] for row in known)
    assert bool(shown["warning"]) == bool(broken)


def test_inside_snowflake_the_apps_own_session_is_asked(pipeline, show):
    address = {"network": pipeline.network}
    inside, here = show(address, inside=True), show(address)
    ages = "caption"  # the age of the newest minute goes on
    assert {**inside, ages: []} == {**here, ages: []}
    assert inside["metrics"]["Updates"] == f"{COUNT:,}"


def test_what_an_address_names_wrongly_is_chosen_anew(pipeline, show):
    shown = show({"network": "0", "page": "Nowhere", "by": "century"})
    assert shown["address"]["page"] == ACTIVITY
    assert shown["address"]["by"] == "hour"
    assert shown["metrics"]["Updates"] == f"{COUNT:,}"


def test_an_account_that_gold_does_not_have_is_said(pipeline, show):
    shown = show({"network": pipeline.network, "page": ACCOUNT, "account": "nobody::1220"})
    assert shown["info"] == ["Gold has no minute of this account on this network."]


def test_an_empty_gold_says_what_fills_it(world, show):
    world.new_database("EMPTY")
    shown = show({}, SNOWFLAKE_DATABASE="EMPTY")
    (said,) = shown["info"]
    assert said.startswith("Gold has no minutes yet.")
    assert (shown["error"], shown["charts"]) == ([], [])


@pytest.mark.parametrize("page", [ACTIVITY, ACCOUNT])
def test_minutes_without_accounts_or_a_price_are_told(world, show, page):
    name = f"QUIET_{page.upper()}"
    with world.new_database(name).session() as session:
        session.execute(TWO_QUIET_MINUTES)
    shown = show({"page": page, "by": "minute"}, SNOWFLAKE_DATABASE=name)
    assert shown["info"] == ["No account moved coin in this time."]
    assert shown["caption"][0].endswith("configured rate and unknown on the ledger.")
    if page == ACTIVITY:
        assert shown["metrics"]["Updates"] == "14"
        assert shown["metrics"]["Volume in CC"] == "3.00 M"
        counts = [row["value"] for row in shown["points"][0] if row["what"] == "all updates"]
        assert counts == [7, 0, 7], "nothing at 16:27, which gold has no row of"
        assert shown["metrics"]["USD, ledger's price"] == "unknown"


def test_a_database_without_tables_is_an_error_that_names_the_table(world, show):
    world.make_infrastructure("BARE")
    (said,) = show({}, SNOWFLAKE_DATABASE="BARE")["error"]
    assert said.startswith("The warehouse doesn't answer this page: ")
    assert "NETWORK_ACTIVITY_MINUTE" in said.upper()


def test_a_wrong_password_is_an_error_that_says_so_and_not_the_password(show):
    (said,) = show({}, SNOWFLAKE_PASSWORD="of-somebody-else")["error"]
    assert "password" in said.lower()
    assert "of-somebody-else" not in said


def test_a_warehouse_that_is_away_is_an_error(show):
    (said,) = show({}, SNOWFLAKE_PORT=str(free_port()))["error"]
    assert said.startswith("The warehouse doesn't answer this page: ")
    assert "configuration" not in said, "Streamlit's own words for whatever goes wrong"
