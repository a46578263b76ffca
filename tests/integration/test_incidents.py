"""A run that failed is packed, masked, and fails at home as it did there."""

import json
import os

import pytest

from flows.bronze_transactions import bronze_transactions_flow
from flows.gold_transactions import gold_transactions_flow
from local.console.errors import CommandFailed
from local.console.prefect_api import PrefectApi
from local.embedded.state import StateFolder
from local.snapshots import archive, objects
from local.snapshots.embedded_state import EmbeddedState
from local.snapshots.incident.evidence import gather
from local.snapshots.incident.failed import read_failed
from local.snapshots.incident.origin import Origin
from local.snapshots.incident.pack import incident, pack_run
from local.snapshots.objects import bucket_of
from local.snapshots.restore import restore
from mocks.canton_scan.app import create_app
from mocks.canton_scan.replay import Recording
from services import gold, silver
from services.errors import PageRefused, QualityFailed
from tests.integration.scans import FaultyScan
from tests.updates import ALICE, BOB, DSO, transaction
from tests.updates import tap as devnet_tap

MOST = "9999999999999999999999999999.0"  # two of these are beyond NUMBER(38, 10)

pytestmark = pytest.mark.timeout(300)


def tap(account, amount, number, **fields):
    return transaction(devnet_tap(account, amount), number=number, **fields)


def of_network(scan, update):
    """An update of the network itself: its DSO's namespace is no secret, and stays as it is."""
    own, whose = scan.dso_party_id.rpartition("::")[2], DSO.rpartition("::")[2]
    return json.loads(json.dumps(update).replace(whose, own))


START = "2026-01-01T00:00:00Z"  # before any run of the tests


@pytest.fixture
def packed(world, database, tmp_path):
    """Packs the newest run of a layer; the file."""

    def pack(layer):
        api = PrefectApi(world.run.ports.url("prefect"))
        password = world.environment["SNOWFLAKE_PASSWORD"]
        origin = Origin(
            "prod",
            api,
            bucket_of(world.environment),
            world.warehouse(SNOWFLAKE_DATABASE=database),
            frozenset({password}),
        )
        (run,) = [one for one in api.layer_runs(START) if one.layer == layer]
        failed = read_failed(api, run.run_id)
        file = tmp_path / "prod.tar.zst"
        pack_run(origin, failed, gather(origin, failed), file, tmp_path / "snapshots")
        api.close()
        return file

    return pack


@pytest.fixture
def at_home(tmp_path, environment, scan_host, pipeline):
    """Restores a file, and opens the pipeline on what it became."""
    opened = []

    def open_restored(file):
        told = {"NAME": str(file), "STATE": str(tmp_path / "home"), "YES": "1"}
        assert restore(told, tmp_path / "snapshots") == 0
        manifest = archive.read_manifest(file)
        place = EmbeddedState({"STATE": str(tmp_path / "home")})
        replay = tmp_path / "snapshots" / "prod.replay.json"
        served = place.served(StateFolder(manifest.network, tmp_path / "home"))
        target = served.__enter__()
        opened.append(served)
        own = {name: value for name, value in target.settings().items() if "PREFECT" not in name}
        return pipeline(create_app(Recording(replay)), **own)

    yield open_restored
    for served in opened:
        served.__exit__(None, None, None)


def test_a_page_that_breaks_a_rule_breaks_it_at_home(
    run_flow, pipeline, scan, database, packed, at_home, capsys
):
    line = pipeline(scan, SNOWFLAKE_DATABASE=database)
    scan.add(tap(ALICE, "5.0", 1))
    assert line.load().row_count == 1
    scan.add(tap(ALICE, "7.1234567890", 2), tap(BOB, "6.0", 3, update_id="1220zz"))
    with pytest.raises(QualityFailed, match="update_id_is_a_hash") as there:
        run_flow(bronze_transactions_flow)

    file = packed("bronze")
    assert archive.read_manifest(file).failure.message.endswith(str(there.value))
    home = at_home(file)
    assert "make run REPLAY=" in capsys.readouterr().out
    assert home.watermark().position == line.watermark().position
    landed = home.land(home.watermark())
    with pytest.raises(QualityFailed) as here:
        home.check(landed)
    assert str(here.value) == str(there.value)
    (held,) = [home.services.landing.read(page.key) for page in landed]
    assert ALICE not in str(held)


def test_a_page_that_was_refused_is_refused_at_home(
    run_flow, pipeline, scan, database, packed, at_home
):
    faulty = FaultyScan(create_app(scan))
    scan.add(tap(ALICE, "5.0", 1))
    line = pipeline(faulty.app, SNOWFLAKE_DATABASE=database)
    line.load()
    scan.add(tap(BOB, "6.0", 2))
    faulty.fault = lambda body: body[:-40]
    with pytest.raises(PageRefused) as there:
        run_flow(bronze_transactions_flow)

    home = at_home(packed("bronze"))
    with pytest.raises(PageRefused) as here:
        home.land(home.watermark())
    assert here.value.reason == there.value.reason
    assert BOB.encode() not in here.value.body
    assert b'"6.0"' in here.value.body


def test_a_batch_that_gold_can_not_build_stops_it_at_home(
    run_flow, pipeline, scan, database, packed, at_home
):
    scan.add(*(of_network(scan, tap(ALICE, MOST, number)) for number in (1, 2)))
    line = pipeline(scan, SNOWFLAKE_DATABASE=database)
    line.load()
    line.build(silver.LAYER)
    with pytest.raises(QualityFailed, match="more than 28 digits before the point"):
        run_flow(gold_transactions_flow, max_age_minutes=0)

    home = at_home(packed("gold"))
    assert home.load().row_count == 2
    home.build(silver.LAYER)
    with pytest.raises(QualityFailed, match="more than 28 digits before the point"):
        home.build(gold.LAYER)


def test_the_verb_packs_what_gold_was_consuming(
    run_flow, pipeline, scan, world, database, tmp_path, capsys
):
    scan.add(tap(ALICE, "5.0", 1))
    line = pipeline(scan, SNOWFLAKE_DATABASE=database)
    line.load()
    line.build(silver.LAYER)
    line.execute("update silver.canton_transactions set movement_kind = 'barter'")
    with pytest.raises(QualityFailed, match="gold_equals_silver"):
        run_flow(gold_transactions_flow, max_age_minutes=0)

    url = world.environment["PREFECT_API_URL"]
    api = PrefectApi(url.removesuffix("/api"))
    (run,) = [one for one in api.layer_runs(START) if one.layer == "gold"]
    api.close()
    asked = {**os.environ, "ENV": "prod", "PREFECT_API_URL": url, "RUN": run.run_id}
    shelf = tmp_path / "snapshots"
    assert incident({**asked, "NAME": "gold"}, shelf) == 0
    said = capsys.readouterr().out
    assert "gold_equals_silver" in said
    assert f"./pipeline restore {shelf / 'gold.tar.zst'} brings it back on any machine" in said
    (tmp_path / "parts").mkdir()
    manifest = archive.unpack(shelf / "gold.tar.zst", tmp_path / "parts")
    assert (manifest.failure.flow, manifest.failure.environment) == (
        "canton-transactions-gold", "prod",
    )  # fmt: skip
    assert manifest.failure.parameters["max_age_minutes"] == "0"
    (held,) = objects.read(tmp_path / "parts")
    assert b'"5.0"' in held.lines[0]
    assert ALICE.encode() not in held.lines[0]
    with pytest.raises(CommandFailed, match="is there already: YES=1 replaces it"):
        incident({**asked, "NAME": "gold"}, shelf)
