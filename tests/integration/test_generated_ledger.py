"""Every layer is what the mock's ledger planned, however many runs brought its history."""

import json

import pytest

from local.verify.truth import Oracle
from local.verify.verify import report_lines, verify
from mocks.canton_scan.clock import SECOND
from mocks.canton_scan.plan import MovementKind
from mocks.canton_scan.truth import bound, truth

COUNT = 800


@pytest.fixture
def loaded(ledger, pipeline):
    """A ledger whose history has gone through all layers, and its pipeline."""
    history = ledger(COUNT)
    line = pipeline(history)
    line.run()
    return history, line


def held(line, history, meanwhile=lambda: None):
    """The pipeline's tables against the ledger's own account, asked for in several parts."""

    def ask(query):
        meanwhile()
        return truth(history, bound(query, "after"), bound(query, "upto"), limit=300)

    oracle = Oracle(ask, lambda update_id: json.loads(history.find(update_id)))
    return verify(line.services.warehouse, line.network, oracle)


def test_every_layer_is_what_the_ledger_planned(loaded):
    history, line = loaded
    verdict = held(line, history)
    assert verdict.differences == {table: [] for table in verdict.row_counts}
    assert verdict.row_counts["bronze.canton_transactions_raw"] == COUNT
    table = "silver.canton_transactions"
    assert verdict.row_counts[table] == len(line.table(table))
    sides = line.rows(
        """select distinct movement_kind as kind from silver.canton_transactions
           where network = %(network)s"""
    )
    assert {row["kind"] for row in sides} == {kind.value for kind in MovementKind}


DAMAGE = {
    "payloads in bronze, a sample": (
        """update bronze.canton_transactions_raw
           set raw_payload = parse_json('{"update_id": "x", "migration_id": 4}')
           where network = %(network)s and source_event_id in (
               select source_event_id from bronze.canton_transactions_raw
               where network = %(network)s order by source_event_id limit 3)""",
        ": is_as_served is False, should be True",
    ),
    "bronze.canton_transactions_raw": (
        """delete from bronze.canton_transactions_raw where network = %(network)s
           and source_event_id = (select max(source_event_id) from bronze.canton_transactions_raw
                                  where network = %(network)s)""",
        "",
    ),
    "silver.canton_updates": (
        """update silver.canton_updates set migration_id = 5 where network = %(network)s
           and update_id = (select min(update_id) from silver.canton_updates
                            where network = %(network)s)""",
        ": migration_id is 5, should be ",
    ),
    "silver.canton_transactions": (
        """insert into silver.canton_transactions select * from silver.canton_transactions
           where network = %(network)s order by update_id, event_id, leg limit 1""",
        " is ",  # the amount of a movement, or the number of aborts
    ),
    "gold.account_activity_minute": (
        """update gold.account_activity_minute set net_cc = net_cc + 0.0000000001
           where network = %(network)s and account like 'Mock-Validator-1:%%'""",
        ": net_cc is ",
    ),
    "gold.network_activity_minute": (
        """insert into gold.network_activity_minute
           select network, dateadd('day', 1, minute_at), update_count, transaction_count,
               aborted_count, account_count, transferred_cc, minted_cc, burned_cc, usd_rate,
               usd_value, ledger_price_usd, batch_id
           from gold.network_activity_minute
           where network = %(network)s order by minute_at limit 1""",
        ": should not be there",
    ),
}


def test_whatever_differs_from_the_truth_is_named(loaded):
    history, line = loaded
    for statement, _ in DAMAGE.values():
        assert line.execute(statement) >= 1
    verdict = held(line, history)
    assert not verdict.holds
    for table, (_, words) in DAMAGE.items():
        assert verdict.differences[table], table
        assert all(words in difference for difference in verdict.differences[table])
    printed = list(report_lines(verdict))
    assert printed[0].startswith("bronze.canton_transactions_raw: differences: ")
    assert any(line.endswith(": is missing") for line in printed)
    assert any(": payload_id is x, should be 1220" in line for line in printed)


def test_a_layer_that_has_not_caught_up_is_told_instead(ledger, pipeline):
    history = ledger(50)
    line = pipeline(history)
    line.load()
    assert held(line, history).differences == {
        "batches": ["bronze_canton_transactions has batch 1, of which 0 were consumed: run again"]
    }


def test_a_run_that_commits_meanwhile_is_told_instead_of_differences(loaded, clock):
    history, line = loaded

    def run():
        clock.now += 100 * SECOND
        line.run()

    assert held(line, history, run).differences == {
        "batches": ["a run committed a batch meanwhile: make verify again when none is under way"]
    }
    assert held(line, history).holds


def test_two_runs_give_what_one_run_gives_and_a_third_nothing(ledger, clock, pipeline, database):
    history = ledger(300)
    twice = pipeline(history)
    first = twice.run()
    clock.now += 100 * SECOND
    second = twice.run()
    assert [batch.update_count for batch in (*first, *second)] == [300] * 3 + [
        history.count() - 300
    ] * 3
    assert history.count() > 400

    once = pipeline(history, SNOWFLAKE_DATABASE=database)
    once.run()
    assert twice.content() == once.content()

    before = twice.state()
    assert twice.run() == [None, None, None]
    assert twice.state() == before
