"""Two runs at once: one commits, the other finds the position moved and starts over."""

from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from itertools import count
from threading import Barrier

import pytest

from flows.bronze_transactions import bronze_transactions_flow
from mocks.canton_scan.app import create_app
from services import bronze, gold, silver
from services.adapters.snowflake import Session, Warehouse
from services.errors import PositionMoved
from services.layers import commit_window
from services.model import GENESIS
from services.watermarks import open_stream, read_watermark
from services.wiring import open_services
from tests.integration.scans import PATIENCE_SECONDS, MeetingPoint


class PausedWarehouse:
    """A warehouse whose sessions wait for each other before BEGIN, once all have come so far."""

    def __init__(self, warehouse: Warehouse, barrier: Barrier) -> None:
        self._warehouse = warehouse
        self._barrier = barrier

    @contextmanager
    def session(self) -> Generator[Session]:
        with self._warehouse.session() as session:
            yield PausedSession(session.connection, self._barrier)


class PausedSession(Session):
    def __init__(self, connection, barrier: Barrier) -> None:
        super().__init__(connection)
        self._barrier = barrier

    @contextmanager
    def transaction(self, **options) -> Generator[None]:
        self._barrier.wait(PATIENCE_SECONDS)
        with super().transaction(**options):
            yield


@pytest.fixture
def at_once():
    """Does something twice at once; what each gave, or the error it ended in."""

    def attempt(action: Callable[[], object]) -> object:
        try:
            return action()
        except PositionMoved as moved:
            return moved

    def both(action: Callable[[], object]) -> list[object]:
        with ThreadPoolExecutor(2) as pool:
            waiting = [pool.submit(copy_context().run, attempt, action) for _ in range(2)]
            return [one.result() for one in waiting]

    return both


@pytest.fixture
def paused(pipeline, ledger):
    """A pipeline with 40 updates to load, and its warehouse, which pauses before BEGIN."""
    line = pipeline(ledger(40))
    return line, PausedWarehouse(line.services.warehouse, Barrier(2))


def kinds(outcomes):
    return Counter(type(outcome).__name__ for outcome in outcomes)


ONE_WINS = {"BatchRecord": 1, "PositionMoved": 1}


def test_of_two_runs_that_load_the_same_pages_one_wins_and_the_other_starts_over(paused, at_once):
    line, warehouse = paused
    watermark = line.watermark()
    checked = line.check(line.land(watermark))
    runs = count(1)
    outcomes = at_once(
        lambda: bronze.commit_batch(warehouse, watermark, checked, f"run-{next(runs)}").batch
    )
    assert kinds(outcomes) == ONE_WINS
    assert line.load() is None, "nothing is left to do for the one that starts over"
    assert [(row["batch_id"], row["row_count"]) for row in line.batches()] == [(1, 40)]
    assert len(line.table("bronze.canton_transactions_raw")) == 40


@pytest.mark.parametrize("layer", [silver.LAYER, gold.LAYER], ids=lambda layer: layer.name)
def test_of_two_runs_that_build_the_same_batches_one_wins_and_the_other_starts_over(
    paused, at_once, layer
):
    line, warehouse = paused
    line.load()
    if layer is gold.LAYER:
        line.build(silver.LAYER)
    window = line.window(layer)
    runs = count(1)
    outcomes = at_once(lambda: commit_window(warehouse, layer, window, f"run-{next(runs)}").batch)
    assert kinds(outcomes) == ONE_WINS
    before = line.state()
    assert line.build(layer) is None
    assert line.state() == before
    assert [row["batch_id"] for row in line.batches() if row["layer"] == layer.name] == [1]


def test_a_stream_that_two_runs_open_at_once_has_one_row(paused, at_once):
    line, warehouse = paused
    opened = at_once(lambda: open_stream(warehouse, silver.LAYER.stream, line.network, GENESIS))
    assert opened[0] == opened[1]
    assert len(line.table("ops.cdc_watermarks")) == 1
    with line.services.warehouse.session() as session:
        assert read_watermark(session, silver.LAYER.stream, line.network) == opened[0]


def test_two_flows_that_meet_after_reading_the_position_load_each_update_once(
    run_flow, pipeline, ledger, at_once, caplog
):
    meeting = MeetingPoint(create_app(ledger(40)), runs=2)
    line = pipeline(meeting.app)
    open_services()  # the process's own, which both flows share
    runs = at_once(lambda: run_flow(bronze_transactions_flow))
    assert meeting.came >= 2
    assert [message for message in caplog.messages if message.endswith("starting over")] == [
        f"bronze_canton_transactions of {line.network} moved on from batch 0; starting over"
    ]
    assert sorted(run.batch is not None for run in runs) == [False, True]
    assert [(row["batch_id"], row["row_count"]) for row in line.batches()] == [(1, 40)]
    assert len(line.table("bronze.canton_transactions_raw")) == 40
