"""A run that is killed inside its transaction doesn't keep the next one from its work."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from local.embedded.children import Children
from services.adapters.snowflake import Warehouse
from services.errors import WarehouseUnavailable
from services.migrate import migrate
from services.model import GENESIS
from services.settings import read_snowflake
from services.watermarks import BRONZE, advance, open_stream
from services.wiring import open_warehouse
from tests.contract.snowflake.server import PASSWORD, USER, LocalSnowflake, start

IDLE_SECONDS = 1
LOCK_TIMEOUT = 20  # the run fails after it, so that a lock which is kept fails the test
DIES_INSIDE = """
import sys
from dataclasses import replace
from services.model import GENESIS
from services.settings import read_snowflake
from services.watermarks import BRONZE, advance, open_stream
from services.wiring import open_warehouse

network, run_id = sys.argv[1:]
warehouse = open_warehouse(read_snowflake())
was = open_stream(warehouse, BRONZE, network, GENESIS)
with warehouse.session() as session, session.transaction(is_committed=bool, run_id=run_id):
    advance(session, was, replace(was, batch_id=was.batch_id + 1), run_id)
    print("inside", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSnowflake]:
    folder = tmp_path_factory.mktemp("warehouse")
    with Children(folder / "logs") as children:
        idle = ("--idle-transaction-seconds", str(IDLE_SECONDS))
        yield start(children, folder / "data", *idle)


@pytest.fixture(scope="module")
def environment(server: LocalSnowflake) -> dict[str, str]:
    """The settings of a run."""
    return {
        "SNOWFLAKE_ACCOUNT": "local",
        "SNOWFLAKE_USER": USER,
        "SNOWFLAKE_PASSWORD": PASSWORD,
        "SNOWFLAKE_HOST": "127.0.0.1",
        "SNOWFLAKE_PORT": str(server.port),
        "SNOWFLAKE_PROTOCOL": "http",
        "SNOWFLAKE_LOCK_TIMEOUT_SECONDS": str(LOCK_TIMEOUT),
    }


@pytest.fixture(scope="module")
def warehouse(environment: dict[str, str]) -> Warehouse:
    opened = open_warehouse(read_snowflake(environment))
    migrate(opened)
    return opened


def move(warehouse: Warehouse, network: str, run_id: str) -> None:
    """Commit a batch without content."""
    was = open_stream(warehouse, BRONZE, network, GENESIS)
    with (
        warehouse.session() as session,
        session.transaction(is_committed=lambda: False, run_id=run_id),
    ):
        advance(session, was, replace(was, batch_id=was.batch_id + 1), run_id)


def batch_id(warehouse: Warehouse, network: str) -> int:
    return open_stream(warehouse, BRONZE, network, GENESIS).batch_id


@pytest.mark.parametrize("next_run", ["the-same", "another"])
def test_a_run_goes_on_after_one_was_killed_inside_its_transaction(
    environment: dict[str, str], warehouse: Warehouse, next_run: str
) -> None:
    killed = subprocess.Popen(
        [sys.executable, "-c", DIES_INSIDE, next_run, "the-same"],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"inside\n"
        killed.kill()
    started = time.monotonic()
    move(warehouse, next_run, next_run)

    assert time.monotonic() - started < LOCK_TIMEOUT
    assert batch_id(warehouse, next_run) == 1


def overtake(warehouse: Warehouse, network: str, first: str, second: str) -> None:
    """Let a run commit while the transaction of another one, or of itself, is open."""
    was = open_stream(warehouse, BRONZE, network, GENESIS)
    with (
        warehouse.session() as session,
        session.transaction(is_committed=lambda: False, run_id=first),
    ):
        advance(session, was, replace(was, batch_id=5), first)
        move(warehouse, network, second)
        session.execute("insert into ops.streams (stream) values ('late')")


@pytest.mark.parametrize(
    ("second", "reason"), [("another", "idle for 1 seconds"), ("first", "SYSTEM.ABORT_TRANSACTION")]
)
def test_a_transaction_that_another_one_ended_may_be_tried_again(
    warehouse: Warehouse, second: str, reason: str
) -> None:
    network = f"overtaken-by-{second}"
    with pytest.raises(WarehouseUnavailable, match=reason) as ended:
        overtake(warehouse, network, "first", second)

    assert ended.value.retryable
    assert batch_id(warehouse, network) == 1
    with warehouse.session() as session:
        assert session.query("select 1 from ops.streams where stream = 'late'") == []
