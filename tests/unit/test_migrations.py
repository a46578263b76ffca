"""Checks of which migrations run, and which warehouses are refused. SQL is tested elsewhere."""

import hashlib
from importlib.resources import files

import pytest

from services import movements
from services.errors import WarehouseRefused
from services.migrate import CONTRACTS, function_name, migrate
from tests.fakes import FakeWarehouse

FUNCTION = function_name()
NAMES = [
    *sorted(
        file.name.removesuffix(".sql")
        for file in (files("services") / "sql" / "migrations").iterdir()
    ),
    FUNCTION,
    CONTRACTS.name,
]


def applied_by(warehouse):
    """The migrations that were written down, with their checksums."""
    return {
        values["name"]: values["checksum"]
        for sql, values in warehouse.executed
        if sql.startswith("insert into ops.schema_migrations")
    }


@pytest.fixture(scope="module")
def checksums():
    warehouse = FakeWarehouse({"ops.schema_migrations": []})
    migrate(warehouse)
    return applied_by(warehouse)


def holding(checksums, **options):
    rows = [{"name": name, "checksum": checksum} for name, checksum in checksums.items()]
    return FakeWarehouse({"ops.schema_migrations": rows}, **options)


def test_a_new_warehouse_gets_every_migration_in_order_and_the_rules_last():
    warehouse = holding({})
    assert migrate(warehouse) == NAMES
    assert list(applied_by(warehouse)) == NAMES


def test_each_migration_has_the_number_after_the_one_before():
    numbers = [int(name.partition("_")[0]) for name in NAMES[:-2]]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_warehouse_that_is_up_to_date_gets_nothing(checksums):
    warehouse = holding(checksums)
    assert migrate(warehouse) == []
    ((sql, _),) = warehouse.executed
    assert sql.startswith("create table if not exists ops.schema_migrations")


def test_what_is_missing_is_applied_and_nothing_else(checksums):
    held = {name: checksum for name, checksum in checksums.items() if name != NAMES[1]}
    assert migrate(holding(held)) == [NAMES[1]]


def test_a_migration_that_fails_is_not_written_down():
    complete = holding({})
    migrate(complete)
    warehouse = holding({}, fail_at=len(complete.executed) - 2)
    with pytest.raises(WarehouseRefused):
        migrate(warehouse)
    assert list(applied_by(warehouse)) == NAMES[:-1]


def test_an_edited_migration_is_refused_by_name(checksums):
    edited = checksums | {NAMES[0]: "0" * 64}
    with pytest.raises(WarehouseRefused, match=f"migration {NAMES[0]} was edited after"):
        migrate(holding(edited))


def test_edited_rules_are_refused_with_what_to_do(checksums):
    edited = checksums | {FUNCTION: "0" * 64}
    with pytest.raises(WarehouseRefused, match=f"{FUNCTION} is in use: raise RULES_VERSION"):
        migrate(holding(edited))


@pytest.mark.parametrize("name", ["9999_future", function_name(movements.RULES_VERSION + 1)])
def test_a_newer_warehouse_is_refused_before_anything_is_changed(checksums, name):
    warehouse = holding(checksums | {name: "0" * 64})
    with pytest.raises(WarehouseRefused, match=rf"newer version \(it holds {name}\)"):
        migrate(warehouse)
    assert len(warehouse.executed) == 1


def test_earlier_rules_stay_beside_the_present_ones(checksums):
    held = checksums | {function_name(movements.RULES_VERSION - 1): "0" * 64}
    assert migrate(holding(held)) == []


def test_the_rules_become_one_statement_that_holds_the_module_as_it_stands():
    warehouse = holding({})
    migrate(warehouse)
    source = (files("services") / "movements.py").read_text()
    (created,) = (sql for sql, _ in warehouse.executed if f"function {FUNCTION}(" in sql)
    assert created == (
        f"create or replace function silver.cc_movements_v{movements.RULES_VERSION}(raw variant)"
        " returns array language python runtime_version = '3.11' handler = 'cc_movements'"
        f" as $$\n{source}$$"
    )


def test_a_checksum_is_of_the_whole_text(checksums):
    text = (files("services") / "sql" / "migrations" / f"{NAMES[0]}.sql").read_text()
    assert checksums[NAMES[0]] == hashlib.sha256(text.encode()).hexdigest()
