"""A batch's outputs and inputs have URIs that Prefect takes as keys."""

import re
from pathlib import Path

import pytest
from prefect.assets import Asset

from services import bronze, gold, silver
from services.catalog import LAYERS, MAIN_TABLES, READ_BY, TABLES
from services.lineage import (
    database_prefix,
    landing_lineage,
    layer_lineage,
    name_of,
    node_of,
    table_uri,
)
from services.settings import read_settings
from tests.updates import NETWORK

SERVICES = Path(bronze.__file__).parent
RAW = "snowflake://org-canton/CANTON/BRONZE/CANTON_TRANSACTIONS_RAW"
PAGES = f"s3://landing/canton/{NETWORK}/updates"


def settings(**changes):
    return read_settings({
        "CANTON_BASE_URL": "https://name:secret@scan.example/api/scan", "LANDING_BUCKET": "landing",
        "SNOWFLAKE_ACCOUNT": "org-canton", "SNOWFLAKE_USER": "flows", "SNOWFLAKE_PASSWORD": "x",
        **changes,
    })  # fmt: skip


def test_each_layer_is_made_from_the_one_before():
    here = settings()
    landed = landing_lineage(here, NETWORK)
    assert (landed.written, landed.read) == ((PAGES,), (f"canton://{NETWORK}/updates",))
    loaded = layer_lineage(here, "bronze", NETWORK)
    assert (loaded.written, loaded.read) == ((RAW,), (PAGES,))
    built = layer_lineage(here, "gold", NETWORK)
    assert "snowflake://org-canton/CANTON/GOLD/NETWORK_ACTIVITY_MINUTE" in built.written
    assert built.read == (
        "snowflake://org-canton/CANTON/SILVER/CANTON_UPDATES",
        "snowflake://org-canton/CANTON/SILVER/CANTON_TRANSACTIONS",
    )
    assert layer_lineage(here, "silver", NETWORK).read == (RAW,)


@pytest.mark.parametrize(
    "changes", [{}, {"SNOWFLAKE_DATABASE": 'the "old" one/two'}, {"SNOWFLAKE_ACCOUNT": "a b#c"}]
)
def test_prefect_takes_each_of_them_and_each_leads_back_to_its_node(changes):
    here = settings(**changes)
    keys = dict.fromkeys(landing_lineage(here, NETWORK).read, "Scan")
    keys |= dict.fromkeys(landing_lineage(here, NETWORK).written, "S3")
    for layer in LAYERS:
        keys |= dict.fromkeys(layer_lineage(here, layer, NETWORK).written, layer)
    assert len(keys) == 2 + sum(map(len, TABLES.values()))
    assert {Asset(key=key).key: node_of(key) for key in keys} == keys
    assert all(key.startswith(database_prefix(here.snowflake)) for key in keys if "snow" in key)


def test_other_keys_are_named_by_their_system():
    assert [node_of(key) for key in ("postgres://books/ledger", "snowflake://alone")] == [
        "books", "alone",
    ]  # fmt: skip
    assert name_of(table_uri(settings().snowflake, "silver.coins")) == "coins"


def test_a_layer_reads_the_tables_that_its_statements_name():
    assert set(TABLES) == set(LAYERS) == set(MAIN_TABLES)
    for module, before in ((silver, "bronze"), (gold, "silver")):
        layer = module.LAYER
        assert layer.consumes == before
        files = [Path(module.__file__), *(SERVICES / "sql" / layer.name).glob("*.sql")]
        text = "\n".join(file.read_text() for file in files)
        named = set(re.findall(rf'(?:from |join |table\(")({before}\.[a-z_]+)', text))
        assert named == set(READ_BY[layer.name])
