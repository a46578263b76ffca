"""A save runs the layers that the file can change, and no others."""

from pathlib import Path

import pytest

from local.embedded.dev.reach import Order, Reach, joined, order_for

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def reach():
    return Reach(ROOT)


@pytest.mark.parametrize(
    ("file", "first"),
    [
        ("services/gold.py", "gold"),
        ("flows/gold_transactions.py", "gold"),
        ("services/silver.py", "silver"),
        ("services/movements.py", "silver"),
        ("services/layers.py", "silver"),
        ("services/sql/silver/canton_updates.sql", "silver"),
        ("services/bronze.py", "bronze"),
        ("services/adapters/canton_scan.py", "bronze"),
        ("services/adapters/snowflake.py", "bronze"),
        ("services/sql/bronze/canton_transactions_raw.sql", "bronze"),
        ("services/sql/migrations/0004_gold.sql", "bronze"),
        ("services/backfill.py", None),
        ("flows/recover_runs.py", None),
        ("services/not_imported_yet.py", None),
    ],
)
def test_the_first_layer_of_a_file_is_told_by_who_imports_it(reach, file, first):
    assert reach.first_layer(Path(file)) == first


@pytest.fixture
def tree(tmp_path):
    for layer in ("bronze", "silver", "gold"):
        folder = tmp_path / "flows"
        folder.mkdir(exist_ok=True)
        (folder / f"{layer}_transactions.py").write_text(f"from services import {layer}\n")
    (tmp_path / "services").mkdir()
    return tmp_path


def test_a_file_that_can_t_be_read_keeps_its_imports(tree):
    gold = tree / "flows" / "gold_transactions.py"
    reach = Reach(tree)
    gold.write_text("from services import (gold\n")
    reach.read()
    assert reach.first_layer(Path("services/gold.py")) == "gold"


def test_a_new_import_is_known_once_it_is_read(tree):
    reach = Reach(tree)
    (tree / "services" / "silver.py").write_text("import services.prices\n")
    assert reach.first_layer(Path("services/prices.py")) is None
    reach.read()
    assert reach.first_layer(Path("services/prices.py")) == "silver"


def test_files_saved_together_run_from_the_earliest_layer_on(reach):
    files = [Path("services/gold.py"), Path("services/silver.py"), Path("services/backfill.py")]
    assert order_for(files, reach) == Order("silver")
    assert order_for(files[2:], reach) is None


@pytest.mark.parametrize(
    "file",
    [
        "services/movements.py",
        "services/coin_contracts.py",
        "services/sql/migrations/0003_silver.sql",
    ],
)
def test_rules_and_tables_are_made_anew(reach, file):
    order = order_for([Path(file)], reach)
    assert order is not None
    assert order.is_renewed


def test_what_failed_is_run_with_the_next_save():
    assert joined(Order("silver", is_renewed=True), Order("gold")) == Order(
        "silver", is_renewed=True
    )
    assert joined(None, Order("gold")) == Order("gold")
