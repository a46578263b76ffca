"""The server's side of handlers' processes."""

import itertools

import msgspec
import pytest

from mocks.snowflake.errors import StatementFailed
from mocks.snowflake.handlers import children, workers
from mocks.snowflake.handlers.children import ProcessLost
from mocks.snowflake.handlers.messages import Definition, Failed, Results, Rows
from mocks.snowflake.handlers.workers import Worker, Workers


def definition(body: str) -> Definition:
    code = f"def handler():\n    {body}"
    returns = ("VARCHAR", "TEXT")
    return Definition("f", "F", code, "<f>", "handler", (), returns, is_strict=False)


@pytest.fixture
def all_workers():
    opened = Workers()
    yield opened
    opened.close()


def results(worker: Worker, body: str, *counts: int) -> list[object]:
    portions = (Rows("f", count, []) for count in counts)
    replies = worker.call(definition(body), portions, len(counts))
    return [
        msgspec.msgpack.decode(r.values) if isinstance(r, Results) else r.traceback.split("\n")[-1]
        for r in replies
    ]


def test_a_row_may_take_no_longer_than_its_seconds(all_workers, monkeypatch):
    monkeypatch.setattr(children, "ROW_SECONDS", 0.5)
    worker = all_workers.open(lambda: False)
    with pytest.raises(ProcessLost, match=r"no result for a row within 0\.5 seconds"):
        results(worker, "while True: pass", 1)
    monkeypatch.undo()
    assert results(worker, "return 'next'", 1) == [["next"]]


def test_many_rows_may_take_longer_than_one(all_workers, monkeypatch):
    monkeypatch.setattr(children, "ROW_SECONDS", 3)
    worker = all_workers.open(lambda: False)
    body = "import time; time.sleep(0.4); return 'slept'"
    assert results(worker, body, 10) == [["slept"] * 10]


def test_answers_of_two_processes_keep_the_order_of_the_portions(all_workers):
    worker = all_workers.open(lambda: False)
    counts = [5, 1, 4, 2, 3, 1]
    found = results(worker, "import os; return str(os.getpid())", *counts)
    assert [len(each) for each in found] == counts
    assert len(set(itertools.chain(*found))) == workers.PROCESSES


def test_a_portion_that_fails_leaves_no_answer_for_the_next_statement(all_workers):
    worker = all_workers.open(lambda: False)
    replies = worker.call(definition("return 1 / 0"), (Rows("f", 1, []) for _ in range(6)), 6)
    assert isinstance(next(replies), Failed)
    replies.close()
    other = msgspec.structs.replace(definition("return 'next'"), key="g")
    (reply,) = worker.call(other, iter([Rows("g", 2, [])]), 1)
    assert msgspec.msgpack.decode(reply.values) == ["next", "next"]


def test_a_canceled_statement_starts_no_process(all_workers):
    worker = all_workers.open(lambda: True)
    with pytest.raises(StatementFailed, match="SQL execution canceled"):
        worker.define(definition("return 1"))


def test_a_process_that_ended_between_statements_is_replaced(all_workers):
    worker = all_workers.open(lambda: False)
    body = "import threading, os; threading.Timer(0.1, os._exit, (1,)).start(); return 'soon'"
    assert results(worker, body, 1) == [["soon"]]
    (child,) = worker._idle
    child._process.wait(20)
    assert results(worker, "return 'next'", 1) == [["next"]]


@pytest.mark.parametrize("answer", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x01\xc1"])
def test_an_answer_that_is_none_is_told(all_workers, answer):
    worker = all_workers.open(lambda: False)
    body = f"import os; os.write(3, {answer!r}); return ''"
    with pytest.raises(ProcessLost, match="its process answered with no result"):
        results(worker, body, 1)
