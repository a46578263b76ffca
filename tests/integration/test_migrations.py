"""Migrations against a warehouse: once each, and never past a version that they don't know."""

import pytest

from services.errors import WarehouseRefused
from services.migrate import CONTRACTS, function_name, migrate

ALL = [
    *("0001_ops", "0002_bronze", "0003_silver", "0004_gold", "0005_coin", "0006_coins"),
    *("0007_unknown_coins", "0008_quality", "0009_rewards"),
    "0010_quarantine_acts",
    function_name(),
    CONTRACTS.name,
]


@pytest.fixture
def empty(world):
    """A database in which no migration ever ran."""
    world.make_infrastructure("EMPTY")
    return world.warehouse(SNOWFLAKE_DATABASE="EMPTY")


def rewrite(warehouse, sql):
    with warehouse.session() as session:
        assert session.execute(sql) == 1


def test_migrations_run_once_and_refuse_what_they_do_not_know(empty):
    assert [migrate(empty), migrate(empty)] == [ALL, []]
    with empty.session() as session:
        streams = session.query("select stream from ops.streams")
    assert len(streams) == 3

    ledger = "ops.schema_migrations"
    rewrite(empty, f"delete from {ledger} where name = '0004_gold'")
    assert migrate(empty) == ["0004_gold"], "a migration that stopped half way runs again"

    rewrite(empty, f"update {ledger} set checksum = 'other' where name = '0003_silver'")
    with pytest.raises(WarehouseRefused, match=r"0003_silver was edited after .* add a new one"):
        migrate(empty)
    rewrite(empty, f"delete from {ledger} where name = '0003_silver'")
    migrate(empty)

    rewrite(empty, f"update {ledger} set checksum = 'other' where name = '{function_name()}'")
    with pytest.raises(
        WarehouseRefused, match=r"movements.py was edited.* raise RULES_VERSION in it"
    ):
        migrate(empty)
    rewrite(empty, f"delete from {ledger} where name = '{function_name()}'")
    migrate(empty)


@pytest.mark.parametrize("newer", ["0099_later", "silver.cc_movements_v99"])
def test_a_warehouse_of_a_newer_version_is_refused(world, database, newer):
    warehouse = world.warehouse(SNOWFLAKE_DATABASE=database)
    rewrite(
        warehouse, f"insert into ops.schema_migrations (name, checksum) values ('{newer}', 'x')"
    )
    with pytest.raises(WarehouseRefused, match=f"newer version .it holds {newer}.: use that"):
        migrate(warehouse)
