"""A warehouse as version 1 of the rules left it: brought up, and its history booked anew."""

from decimal import Decimal
from importlib.resources import files
from io import StringIO

import pytest
from snowflake.connector.util_text import split_statements

from services import gold, silver
from services.gold import ensure_rate
from services.layers import Content, Layer, commit_window
from services.migrate import CONTRACTS, RULES, migrate, migration_checksums
from services.movements import RULES_VERSION
from services.watermarks import SILVER
from tests.coin.building import Out, Settlement, old, transferred
from tests.integration.local_world import USD_RATE
from tests.updates import ALICE, BOB, transaction

DATABASE = "VERSION_1"
# Not of version 1: 0008, for today's bronze loads the history, and records what its rules find.
OF_VERSION_1 = ["0001_ops", "0002_bronze", "0003_silver", "0004_gold", "0008_quality"]
SINCE = [
    "0005_coin", "0006_coins", "0007_unknown_coins", "0009_rewards", "0010_quarantine_acts",
    RULES.name, CONTRACTS.name,
]  # fmt: skip
PAID = Settlement(ALICE, [Out(BOB, "200", "8", "0.25")], [old(ALICE, "900")], change_fee="6")


@pytest.fixture
def warehouse(world):
    """A database that only version 1 has migrated."""
    world.make_infrastructure(DATABASE)
    made = world.warehouse(SNOWFLAKE_DATABASE=DATABASE)
    folder = files("services") / "sql" / "migrations"
    with made.session() as session:
        session.execute(
            """create table ops.schema_migrations (name string not null, checksum string not null,
                applied_at timestamp_ntz default current_timestamp())"""
        )
        for name in OF_VERSION_1:
            text = (folder / f"{name}.sql").read_text()
            for statement, _ in split_statements(StringIO(text), remove_comments=True):
                if statement:
                    session.execute(statement)
        held = {name: migration_checksums()[name] for name in OF_VERSION_1}
        for name, checksum in {**held, f"{RULES.prefix}1": "of version 1"}.items():
            session.execute(
                """insert into ops.schema_migrations (name, checksum)
                    values (%(name)s, %(checksum)s)""",
                {"name": name, "checksum": checksum},
            )
    ensure_rate(made, USD_RATE, "set-up")
    return made


def build_as_version_1(session, window, batch_id):
    """One row, as version 1 booked it: the sender burns the receiver's part of the fee as well."""
    values = {"network": window.network, "batch_id": batch_id, "alice": ALICE}
    session.execute(
        """insert into silver.canton_updates (network, update_id, migration_id, record_time,
                update_kind, is_known, movements, rules_version, batch_id)
            select network, source_event_id, 4, raw_payload:record_time::timestamp_ntz, 'payment',
                true, array_construct(), 1, %(batch_id)s
            from bronze.canton_transactions_raw where network = %(network)s""",
        values,
    )
    session.execute(
        """insert into silver.canton_transactions (network, update_id, event_id, leg, account,
                direction, movement_kind, amount_cc, record_time, migration_id, rules_version,
                batch_id)
            select network, update_id, update_id || ':0', 0, %(alice)s, 'sent', 'burn', 14,
                record_time, 4, 1, %(batch_id)s
            from silver.canton_updates where network = %(network)s""",
        values,
    )
    return Content(update_count=1, row_count=1)


def test_history_that_version_1_booked_is_booked_anew(warehouse, pipeline, scan):
    scan.add(transaction(transferred(PAID)))
    line = pipeline(scan, SNOWFLAKE_DATABASE=DATABASE)
    line.load()
    before = Layer(name="silver", stream=SILVER, consumes="bronze", build=build_as_version_1)
    commit_window(warehouse, before, line.window(before), line.run_id, rules=())

    assert migrate(warehouse) == SINCE
    assert line.build(silver.LAYER) is None, "what was consumed stays until a rebuild"
    assert [row["rules_version"] for row in line.table("silver.canton_transactions")] == [1]
    built = line.build(silver.LAYER, rebuild_from=1)
    line.build(gold.LAYER)

    assert [
        (row["account"], row["movement_kind"], row["amount_cc"], row["rules_version"])
        for row in line.table("silver.canton_transactions")
    ] == [
        (ALICE, "transfer", Decimal(200), RULES_VERSION),
        (BOB, "transfer", Decimal(200), RULES_VERSION),
        (BOB, "burn", Decimal(2), RULES_VERSION),
        (ALICE, "burn", Decimal(12), RULES_VERSION),
    ]
    assert built.reports == (
        "rows_agree_with_contracts: judged 0 of 1 updates with coin; the others have unknown coins",
    )
    assert {
        row["account"]: row["net_cc"] for row in line.table("gold.account_activity_minute")
    } == {ALICE: Decimal(-212), BOB: Decimal(198)}
