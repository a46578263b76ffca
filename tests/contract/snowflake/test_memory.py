"""Checks that the server's memory doesn't grow with a load and is given back afterwards."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from local.embedded.children import Children
from tests.clone import until
from tests.contract.snowflake.server import start
from tests.contract.snowflake.sql import Sql

FILES, FILE_MB, LIMIT_MB = 30, 6, 100
DOCUMENTS = 2_100
ROWS, ROW_BYTES = 200_000, 30 * 36
JOINED_ROWS, JOINS, STATEMENTS = 5_000, 20, 60
STATEMENT_BYTES = 30_000_000  # less than half of what one of these statements needs
KEPT_BYTES = 10_000_000  # less than the 13 MB that DuckDB keeps of them, if nobody asks
GIVEN_BACK_SECONDS = 60  # it takes seconds, where something else keeps no core busy
START_SECONDS, IDLE_MB = 3, 250


def test_a_copy_of_more_than_its_memory(tmp_path: Path) -> None:
    lines = [json.dumps({"text": os.urandom(5_000).hex()}) for _ in range(FILE_MB * 100)]
    with Children(tmp_path / "logs") as children:
        server = start(children, tmp_path / "data", "--memory", f"{LIMIT_MB}MB")
        sql = Sql(server.connect())
        sql("create stage files")
        sql("create table landed (v variant)")
        for number in range(FILES):
            file = tmp_path / f"{number}.json"
            file.write_text("\n".join(lines))
            sql(f"put file://{file} @files auto_compress=false")
            file.unlink()
        process = psutil.Process(server.child.process.pid)
        before = process.memory_info().rss
        sql("begin")
        assert len(sql("copy into landed from @files file_format = (type = json)")) == FILES
        grown = (process.memory_info().rss - before) / 2**20
        sql("commit")
        assert sql("select count(*) from landed") == [(FILES * len(lines),)]
        sql.connection.close()
    # Two files at a time, and what the engine keeps within its limit.
    assert grown < LIMIT_MB + 2 * FILE_MB < FILES * FILE_MB


@pytest.mark.parametrize("start_of_path", ["v:", "v[0]:"])
def test_many_paths_into_large_documents_need_no_more_than_one(
    tmp_path: Path, start_of_path: str
) -> None:
    """The engine parses 2,048 documents at a time; once for each path, they need 500 MB."""
    names = [f"n{number}" for number in range(6)]
    inner = {name: number for number, name in enumerate(names)}
    inner["events"] = [{"k": number} for number in range(800)]
    line = json.dumps([inner] if "[" in start_of_path else inner)
    (file := tmp_path / "documents.json").write_text("\n".join([line] * DOCUMENTS))
    with Children(tmp_path / "logs") as children:
        server = start(children, tmp_path / "data", "--memory", "350MB")
        sql = Sql(server.connect())
        sql("create stage files")
        sql("create table landed (v variant)")
        sql(f"put file://{file} @files auto_compress=false")
        sql("copy into landed from @files file_format = (type = json)")
        sums = ", ".join(f"sum({start_of_path}{name}::number)" for name in names)
        wanted = [tuple(number * DOCUMENTS for number in range(len(names)))]
        assert sql(f"select {sums} from landed where {start_of_path}n1::number = 1") == wanted
        sql.connection.close()


def test_documents_are_held_for_one_thread_alone(tmp_path: Path) -> None:
    """A statement reads blocks of 122,880 rows side by side, if it may."""
    large = [json.dumps({"n": 1, "events": [{"k": number} for number in range(800)]})] * 2_048
    small = ["{}"] * (122_880 - 2_048)
    (file := tmp_path / "documents.json").write_text("\n".join(large + small + large))
    with Children(tmp_path / "logs") as children:
        sql = Sql(start(children, tmp_path / "data", "--memory", "160MB").connect())
        sql("create stage files")
        sql("create table landed (v variant)")
        sql(f"put file://{file} @files auto_compress=false")
        sql("copy into landed from @files file_format = (type = json)")
        assert sql("select sum(v:n::number), count(v:events[0]:k) from landed") == [(4_096, 4_096)]
        sql.connection.close()


def test_what_sessions_needed_is_given_back_when_all_have_ended(tmp_path: Path) -> None:
    with Children(tmp_path / "logs") as children:
        server = start(children, tmp_path / "data", "--memory", "500MB", "--idle-seconds", "4")
        process = psutil.Process(server.child.process.pid)
        sql = Sql(server.connect())
        started = process.memory_info().rss
        text = "repeat(uuid_string(), 30)"
        sql(f"create table t as select {text} as s from table(generator(rowcount => {ROWS}))")
        assert sql("select count(distinct s) from t") == [(ROWS,)]
        sql.connection.close()
        half = started + ROWS * ROW_BYTES // 2
        until(lambda: process.memory_info().rss < half, "memory given back", GIVEN_BACK_SECONDS)
        again = Sql(server.connect())
        assert again("select count(*) from t") == [(ROWS,)]
        again.connection.close()


def test_ended_statements_leave_nothing_behind(tmp_path: Path) -> None:
    """DuckDB keeps 200 bytes for each buffer that a statement had, up to 40 MB."""
    joined = "select count(distinct a.s) as n from t a join t b on a.i = b.i and a.s = b.s"
    joins = [f"{joined} where a.i <> {number}" for number in range(JOINS)]
    many = f"select sum(n) from ({' union all '.join(joins)})"
    with Children(tmp_path / "logs") as children:
        server = start(children, tmp_path / "data", "--memory", "500MB", "--idle-seconds", "4")
        process = psutil.Process(server.child.process.pid)
        sql = Sql(server.connect())
        sql(
            "create table t as select seq4() as i, uuid_string() as s"
            f" from table(generator(rowcount => {JOINED_ROWS}))"
        )
        sql.connection.close()

        def run_statements() -> int:
            """Run them in a session of their own; the most memory in use after one of them."""
            sql, used = Sql(server.connect()), 0
            for _ in range(STATEMENTS):
                sql(many)
                used = max(used, process.memory_info().rss)
            sql.connection.close()
            return used

        def is_below(limit: int) -> Callable[[], bool]:
            return lambda: process.memory_info().rss < limit

        used = run_statements()
        until(is_below(used - STATEMENT_BYTES), "memory given back", GIVEN_BACK_SECONDS)
        at_rest = process.memory_info().rss
        run_statements()
        until(is_below(at_rest + KEPT_BYTES), "as much given back as before", GIVEN_BACK_SECONDS)


def test_a_statement_that_needs_more_than_its_memory_says_what_can_be_done(tmp_path: Path) -> None:
    with Children(tmp_path / "logs") as children:
        sql = Sql(start(children, tmp_path / "data", "--memory", "50MB").connect())
        rows = f"table(generator(rowcount => {ROWS * 10}))"
        number, message = sql.failure(f"select array_agg(uuid_string()) from {rows}")
        sql.connection.close()
    assert number == 300005
    assert message.endswith("read fewer rows at once, or start it with a larger --memory.")


def test_it_starts_within_three_seconds_and_idles_below_250_mb(tmp_path: Path) -> None:
    with Children(tmp_path / "logs") as children:
        server = start(children, tmp_path / "data")
        process = psutil.Process(server.child.process.pid)
        busy = sum(process.cpu_times()[:2])  # what a start takes where nothing else runs
        sql = Sql(server.connect())
        assert sql("select 1") == [(1,)]
        sql.connection.close()
        family = [process, *process.children(recursive=True)]
        idle = sum(one.memory_full_info().pss for one in family) / 1e6
    assert (busy < START_SECONDS, idle < IDLE_MB) == (True, True), (busy, idle)
