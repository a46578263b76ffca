"""An answer that is lost on its way: whatever it was about has happened exactly once afterwards."""

import json
import socket
import time

import pytest

from services import gold, silver
from services.errors import LandingUnavailable, WarehouseUnavailable
from services.landing import landing_key, pack
from services.model import GENESIS
from services.settings import read_snowflake
from services.wiring import open_warehouse
from tests.integration.lossy_proxy import Fault, LossyProxy

COUNT = 40
SESSION_GONE = json.dumps(
    {
        "data": None,
        "code": "390111",
        "message": "Session no longer exists. New login required to access the service.",
        "success": False,
    }
).encode()


@pytest.fixture
def s3_proxy(world):
    with LossyProxy(world.environment["AWS_ENDPOINT_URL_S3"]) as proxy:
        yield proxy


@pytest.fixture
def warehouse_proxy(world):
    with LossyProxy(world.run.ports.url("snowflake")) as proxy:
        yield proxy


def is_put(request):
    return request.method == "PUT"


def is_commit(request):
    return b'"sqlText": "commit"' in request.body


AND_THEN_GONE = Fault(is_commit, is_carried_out=False, answer=SESSION_GONE)


def is_compare_and_set(request):
    return b"update ops.cdc_watermarks" in request.body


def is_login(request):
    return "/session/v1/login-request" in request.path


def is_snowparks(request):
    """Tell whether Snowpark made the statement: Snowpark quotes every name."""
    return b"SELECT " in request.body and b'\\"MINUTE_AT\\"' in request.body


def loaded(line):
    """Batches of bronze as (number, rows), and the rows that are there."""
    batches = [(row["batch_id"], row["row_count"]) for row in line.batches()]
    return batches, len(line.table("bronze.canton_transactions_raw"))


@pytest.mark.parametrize("is_carried_out", [True, False])
def test_a_put_whose_answer_is_lost_stores_one_object(pipeline, ledger, s3_proxy, is_carried_out):
    history = ledger(COUNT)
    line = pipeline(history, AWS_ENDPOINT_URL_S3=s3_proxy.url)
    s3_proxy.expect(Fault(is_put, is_carried_out))
    watermark = line.watermark()
    with pytest.raises(LandingUnavailable) as lost:
        line.land(watermark)
    assert (s3_proxy.met, lost.value.retryable) == (1, True)

    (page,) = line.land(watermark)
    assert page.key == landing_key(line.network, GENESIS)
    assert line.services.landing.read(page.key) == pack(history.page(None, COUNT))
    line.load()
    assert loaded(line) == ([(1, COUNT)], COUNT)


@pytest.mark.parametrize("is_carried_out", [True, False])
def test_a_commit_asked_for_again_on_the_same_session_happens_once(
    pipeline, ledger, warehouse_proxy, is_carried_out
):
    line = pipeline(ledger(COUNT), SNOWFLAKE_PORT=str(warehouse_proxy.port))
    line.watermark()
    warehouse_proxy.expect(Fault(is_commit, is_carried_out))
    batch = line.load()
    assert (warehouse_proxy.met, batch.row_count) == (1, COUNT)
    assert loaded(line) == ([(1, COUNT)], COUNT)


def test_a_commit_whose_session_is_gone_is_found_by_another_one(pipeline, ledger, warehouse_proxy):
    line = pipeline(ledger(COUNT), SNOWFLAKE_PORT=str(warehouse_proxy.port))
    line.watermark()
    warehouse_proxy.expect(Fault(is_commit, is_carried_out=True), AND_THEN_GONE)
    batch = line.load()
    assert (warehouse_proxy.met, batch.row_count) == (2, COUNT)
    assert loaded(line) == ([(1, COUNT)], COUNT)


def test_a_commit_that_never_arrived_is_tried_again_from_the_start(
    pipeline, ledger, warehouse_proxy
):
    line = pipeline(ledger(COUNT), SNOWFLAKE_PORT=str(warehouse_proxy.port))
    line.watermark()
    warehouse_proxy.expect(Fault(is_commit, is_carried_out=False), AND_THEN_GONE)
    with pytest.raises(WarehouseUnavailable, match="COMMIT was not carried out") as lost:
        line.load()
    assert (warehouse_proxy.met, lost.value.retryable) == (2, True)
    assert loaded(line) == ([], 0)
    line.load()
    assert loaded(line) == ([(1, COUNT)], COUNT)


def test_an_empty_answer_in_a_transaction_is_tried_again_from_the_start(
    pipeline, ledger, warehouse_proxy
):
    line = pipeline(ledger(COUNT), SNOWFLAKE_PORT=str(warehouse_proxy.port))
    line.watermark()
    warehouse_proxy.expect(Fault(is_compare_and_set, is_carried_out=True, answer=b"{}"))
    with pytest.raises(WarehouseUnavailable, match="no answer came from the warehouse") as lost:
        line.load()
    assert (warehouse_proxy.met, lost.value.retryable) == (1, True)
    line.load()
    assert loaded(line) == ([(1, COUNT)], COUNT)


@pytest.mark.parametrize(
    ("is_meant", "says"),
    [
        pytest.param(is_snowparks, "Snowpark: no answer came", id="Snowpark's, as gold is built"),
        pytest.param(is_login, "login as .*: no answer came", id="a login's"),
    ],
)
def test_an_empty_answer_to_whoever_asks_may_be_tried_again(
    pipeline, ledger, warehouse_proxy, is_meant, says
):
    line = pipeline(ledger(COUNT), SNOWFLAKE_PORT=str(warehouse_proxy.port))
    line.load()
    line.build(silver.LAYER)
    warehouse_proxy.expect(Fault(is_meant, is_carried_out=False, answer=b"{}"))
    with pytest.raises(WarehouseUnavailable, match=says) as lost:
        line.build(gold.LAYER)
    assert (warehouse_proxy.met, lost.value.retryable) == (1, True)
    assert line.build(gold.LAYER).batch.row_count > 0


def test_a_login_that_nobody_answers_ends_at_its_timeout():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = {
            "SNOWFLAKE_ACCOUNT": "local",
            "SNOWFLAKE_USER": "u",
            "SNOWFLAKE_PASSWORD": "p",
            "SNOWFLAKE_HOST": "127.0.0.1",
            "SNOWFLAKE_PORT": str(silent.getsockname()[1]),
            "SNOWFLAKE_PROTOCOL": "http",
            "SNOWFLAKE_LOGIN_TIMEOUT_SECONDS": "2",
        }
        started = time.monotonic()
        with (
            pytest.raises(WarehouseUnavailable, match="SNOWFLAKE_PORT"),
            open_warehouse(read_snowflake(settings)).session(),
        ):
            pass
        assert time.monotonic() - started < 30  # the connector's own timeout is a minute
