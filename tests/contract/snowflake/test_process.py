"""The server as a process: what outlives it, and when it doesn't start."""

import contextlib
import http.client
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from local.embedded.children import Children, free_port
from tests.clone import until
from tests.contract.snowflake.server import PASSWORD, USER, LocalSnowflake, start
from tests.contract.snowflake.sql import Sql

ENVIRONMENT = {
    "LOCAL_SNOWFLAKE_USER": USER,
    "LOCAL_SNOWFLAKE_PASSWORD": PASSWORD,
    "LANDING_BUCKET": "landing",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def everything(server: LocalSnowflake) -> list[object]:
    """Return a server's answers about everything that it keeps."""
    sql = Sql(server.connect())
    answers = [
        sql("select a::string, s from t order by a"),
        sql.one("select double(21)"),
        sql("select comment from canton.information_schema.tables where table_name = 'T'"),
        sorted(row[1] for row in sql("show stages")),
        [row[1] for row in sql("describe table t")],
        sql("copy into landed from @files file_format = (type = json)"),
        sql("select * from v"),
        sql("select a, metadata$action from changes order by 1"),
        [(row[1], row[5]) for row in sql("show dynamic tables")],
        [(row[1], row[10]) for row in sql("show tasks")],
        server.certificate(),
    ]
    sql.connection.close()
    return answers


def fill(server: LocalSnowflake, tmp_path: Path) -> None:
    sql = Sql(server.connect())
    file = tmp_path / "rows.ndjson"
    file.write_text('{"a": 1}\n')
    for statement in (
        "create table t (a number(38,10), s varchar(5)) comment = 'kept'",
        "create stream changes on table t",
        "insert into t values (1.5, 'x'), (2, null)",
        """create function double(n int) returns int language python runtime_version = '3.11'
           handler = 'h' as 'def h(n): return 2 * n'""",
        "create stage files file_format = (type = json)",
        "create table landed (v variant)",
        "create view v as select count(*) as n from t",
        "create dynamic table d target_lag = downstream warehouse = w as select n from v",
        "create task due schedule = '1 hour' as delete from t",
        "alter task due resume",
        f"put file://{file} @files",
        "copy into landed from @files file_format = (type = json)",
    ):
        sql(statement)
    sql.connection.close()


@dataclass
class Life:
    """The answers of three servers that ran one after the other on the same folder."""

    filled: list[object]
    stop_code: int
    restarted: list[object]
    full: tuple[int | None, str]
    rolled_back: tuple[int, list[tuple]]
    revived: list[object]
    idle_ended: tuple[int, list[tuple]]
    busy_stop: tuple[int, float]


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Fill, stop; start, fill the disk, write, kill -9; start, be idle, stop while busy."""
    folder = tmp_path_factory.mktemp("life")
    with contextlib.ExitStack() as stack:

        def run(*arguments: str) -> LocalSnowflake:
            children = stack.enter_context(Children(folder / "logs"))
            return start(children, folder / "data", *arguments)

        first = run()
        fill(first, folder)
        filled, stop_code = everything(first), first.stop()
        second = run("--idle-transaction-seconds", "1")
        restarted, full = everything(second), fill_the_disk(second)
        rolled_back = be_in_the_way(second)
        sql = Sql(second.connect())
        sql("begin")
        sql("insert into t values (9, 'lost')")
        second.kill()
        third = run("--idle-seconds", "1")
        revived, idle_ended = everything(third), be_idle(third)
        return Life(
            filled,
            stop_code,
            restarted,
            full,
            rolled_back,
            revived,
            idle_ended,
            stop_while_busy(third),
        )


def fill_the_disk(server: LocalSnowflake) -> tuple[int | None, str]:
    """The error of a statement that needs more than the largest file may grow by; then room again.

    A limit on the size of files stands for the disk: it needs no mount, and can be lifted.
    """
    sql = Sql(server.connect())
    sql("create table large (s string)")
    pid = server.child.process.pid
    largest = max(file.stat().st_size for file in server.data.glob("*.db*"))
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest + 100_000, hard))
    try:
        return sql.failure(
            "insert into large select uuid_string() from table(generator(rowcount => 300000))"
        )
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


def be_in_the_way(server: LocalSnowflake) -> tuple[int, list[tuple]]:
    """The error of an idle transaction that blocked another, and what the other one left."""
    idle, other = Sql(server.connect()), Sql(server.connect())
    idle("create table blocked (a int)")
    idle("insert into blocked values (1)")
    idle("begin")
    idle("update blocked set a = 2")
    other("update blocked set a = a + 10")
    return idle.failure("select 1")[0], other("select a from blocked")


def be_idle(server: LocalSnowflake) -> tuple[int, list[tuple]]:
    """A session ends with its transaction while another waits for its lock."""
    idle, other = Sql(server.connect()), Sql(server.connect())
    idle("create table locked (a int)")
    idle("insert into locked values (1)")
    idle("begin")
    idle("update locked set a = 2")
    other("update locked set a = a + 10")
    return idle.failure("select 1")[0], other("select a from locked")


def largest_file(process: psutil.Process, size: int) -> None:
    """Limit how far the process may grow a file, which stands for a full disk."""
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, hard))


def test_a_rest_that_finds_no_space_loses_no_database_and_one_that_does_ends_the_server(
    data: Path, tmp_path: Path
) -> None:
    with Children(tmp_path / "logs") as children:
        server = start(children, data, "--idle-seconds", "4")
        process = psutil.Process(server.child.process.pid)
        sql = Sql(server.connect())
        sql("create table t as select uuid_string() as s from table(generator(rowcount => 20000))")
        file = data / "CANTON.db"
        largest_file(process, file.stat().st_size)
        sql.connection.close()
        log = server.child.log
        until(lambda: "the log of CANTON stays" in log.read_text(), "a rest without space")
        _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        largest_file(process, hard)

        sql = Sql(server.connect())
        assert sql("select count(*) from t") == [(20_000,)]
        broken = tmp_path / "broken.db"
        broken.write_bytes(b"no database" * 500)
        broken.replace(file)
        sql.connection.close()
        assert server.child.process.wait(60) == os.EX_IOERR
        assert f"so the server ends: {file} can't be read by DuckDB" in log.read_text()


def stop_while_busy(server: LocalSnowflake) -> tuple[int, float]:
    """Exit code and seconds of a stop in the middle of a long statement."""
    token = server.connect().rest.token
    rows = [f"table(generator(rowcount => 100000)) {name}" for name in "abc"]
    slow = f"select count(*) from {', '.join(rows)}"  # without an end, on any machine
    client = threading.Thread(target=post_quietly, args=(server, slow, token))
    client.start()
    process = psutil.Process(server.child.process.pid)
    idle = process.cpu_times().user
    until(lambda: process.cpu_times().user > idle + 0.5, "it is at work", 55)
    assert client.is_alive()
    started = time.monotonic()
    code = server.stop()
    client.join(10)
    return code, time.monotonic() - started


def post_quietly(server: LocalSnowflake, statement: str, token: str) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        server.post("/queries/v1/query-request?requestId=1", {"sqlText": statement}, token)


def test_everything_survives_a_restart(life: Life) -> None:
    assert life.stop_code == 0
    assert life.restarted == life.filled
    assert life.restarted[5] == [("Copy executed with 0 files processed.",)]


def test_nothing_committed_is_lost_to_kill_9(life: Life) -> None:
    assert life.revived == life.filled


def test_a_full_disk_is_told_and_nothing_is_half_committed(life: Life) -> None:
    errno, message = life.full

    assert (errno, "No space left on device" in message) == (300002, True)
    assert life.revived == life.filled


def test_an_idle_transaction_that_blocks_another_is_rolled_back(life: Life) -> None:
    assert life.rolled_back == (615, [(11,)])


def test_an_idle_session_ends_and_frees_its_locks(life: Life) -> None:
    assert life.idle_ended == (390111, [(11,)])


def test_a_stop_while_a_statement_runs_is_quick(life: Life) -> None:
    code, seconds = life.busy_stop

    assert (code, seconds < 8) == (0, True)


def refused(*arguments: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "mocks.snowflake", *arguments],
        env={**os.environ, **ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_folder_has_one_server_at_a_time(local_snowflake: LocalSnowflake) -> None:
    data = local_snowflake.data
    code, said = refused("--data", str(data), "--port", str(free_port()))

    assert (code, said) == (78, f"snowflake: another local Snowflake is using {data}\n")


def test_a_folder_of_a_newer_version_is_refused(data: Path) -> None:
    data.mkdir()
    (data / "format").write_text("99\n")
    code, said = refused("--data", str(data), "--port", str(free_port()))

    assert (code, said.count("\n")) == (65, 1)
    assert "state refused: " in said
    assert "written by a newer version (format 99" in said


def test_a_database_that_duckdb_cannot_read_is_refused(data: Path) -> None:
    data.mkdir()
    (data / "account.db").write_bytes(b"no database" * 500)
    (data / "format").write_text("1\n")
    code, said = refused("--data", str(data), "--port", str(free_port()))

    assert (code, said.count("\n")) == (65, 1)
    assert f"state refused: {data}/account.db can't be read by DuckDB " in said


def test_a_server_without_credentials_does_not_start(data: Path) -> None:
    arguments = ("--data", str(data), "--port", str(free_port()))
    code, said = refused(*arguments, LOCAL_SNOWFLAKE_PASSWORD="")

    assert (code, said.count("\n"), "LOCAL_SNOWFLAKE_PASSWORD" in said) == (78, 1, True)


def test_a_port_that_is_taken_is_named(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = refused("--data", str(data), "--port", str(port))

    assert (code, said.count("\n"), f"port {port}" in said) == (78, 1, True)


def test_an_init_script_that_fails_is_told(data: Path) -> None:
    file = data.with_suffix(".sql")
    file.write_text("select nosuch;")
    arguments = ("--data", str(data), "--port", str(free_port()), "--init", str(file))
    code, said = refused(*arguments)

    assert (code, said.count("\n"), "invalid identifier 'NOSUCH'" in said) == (78, 1, True)
