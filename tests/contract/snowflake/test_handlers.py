"""The processes of Python handlers: what one does fails its statement, and harms nobody else."""

import contextlib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from local.embedded.children import Children
from tests.clone import until
from tests.contract.snowflake.server import LocalSnowflake, start
from tests.contract.snowflake.sql import Failure, Sql

NewSql = Callable[..., Sql]
IS_LINUX = sys.platform == "linux"
on_linux = pytest.mark.skipif(not IS_LINUX, reason="only Linux restricts calls and files")
ENDED = "Python Interpreter Error:\nthe handler was ended: its process {}\n in function F with handler handler"  # noqa: E501


def define(sql: Sql, body: str, signature: str = "f(x int) returns string") -> None:
    sql(
        f"create or replace function {signature} language python runtime_version = '3.11'"
        f" handler = 'handler' as $$\n{body}\n$$"
    )


def answer(sql: Sql, body: str) -> str:
    define(sql, body)
    return sql.one("select f(1)")


def failure(sql: Sql, body: str) -> Failure:
    define(sql, body)
    return sql.failure("select f(1)")


def processes(server: LocalSnowflake) -> list[psutil.Process]:
    return psutil.Process(server.child.process.pid).children()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalSnowflake]:
    """A server that nobody else uses."""
    with Children(tmp_path / "logs") as children:
        yield start(children, tmp_path / "data")


@pytest.mark.parametrize(
    ("body", "how"),
    [
        ("import os\ndef handler(x): os._exit(3)", "ended with exit code 3"),
        ("import os\ndef handler(x): os.abort()", "was ended by signal 6 (SIGABRT)"),
        ("import ctypes\ndef handler(x): ctypes.string_at(0)", "was ended by signal 11 (SIGSEGV)"),
    ],
)
def test_a_handler_that_ends_its_process_fails_its_statement_alone(
    sql: Sql, body: str, how: str
) -> None:
    assert failure(sql, body) == (100357, ENDED.format(how))
    assert answer(sql, "def handler(x): return 'the next one'") == "the next one"


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("import sys\ndef handler(x): sys.exit(3)", "SystemExit: 3"),
        ("def handler(x): return 'x' * 10**10", "MemoryError"),
        (
            "def handler(x):\n    kept = []\n    while True: kept.append(bytes(10**6))",
            "MemoryError",
        ),
        (
            "def handler(x): return str(open('a', 'w').write('x' * 10**8))",
            "OSError: [Errno 27] File too large",
        ),
        (
            "def handler(x): return str([open('/dev/null') for _ in range(1000)])",
            "OSError: [Errno 24] Too many open files: '/dev/null'",
        ),
        ("def handler(x): return input()", "EOFError: EOF when reading a line"),
        (
            "import importlib\ndef handler(x): return str(importlib.import_module('duckdb'))",
            "ModuleNotFoundError: No module named 'duckdb'",
        ),
    ],
)
def test_a_handler_gets_no_more_than_its_share(sql: Sql, body: str, line: str) -> None:
    errno, message = failure(sql, body)

    assert (errno, message.splitlines()[-2]) == (100357, line)


@on_linux
@pytest.mark.parametrize(
    "body",
    [
        "import os\ndef handler(x): return str(os.kill(os.getppid(), 9))",
        "import os\ndef handler(x): return str(os.fork())",
        "import subprocess\ndef handler(x): return str(subprocess.run(['true']))",
        "import socket\ndef handler(x): return str(socket.socket())",
        "def handler(x): return open('/etc/passwd').read()",
        "import os\ndef handler(x): return open(f'/proc/{os.getppid()}/environ').read()",
        f"def handler(x): return str(open({str(Path(__file__).parent / 'left')!r}, 'w'))",
    ],
)
def test_a_handler_reaches_nothing_outside(sql: Sql, body: str) -> None:
    errno, message = failure(sql, body)

    assert (errno, message.splitlines()[-2].split(":")[0]) == (100357, "PermissionError")


def test_a_handler_sees_no_password_and_an_empty_folder(new_sql: NewSql) -> None:
    body = """
import json, os, sys, tempfile
def handler(x):
    with tempfile.TemporaryFile("w+") as file:
        file.write("kept")
    open_files = []
    for number in range(64):
        try:
            os.fstat(number)
            open_files.append(number)
        except OSError:
            pass
    is_own = tempfile.gettempdir() == os.getcwd()
    return json.dumps([dict(os.environ), is_own, os.listdir("."), open_files])
"""
    environment, is_own, files, open_files = json.loads(answer(new_sql(), body))

    assert (environment, is_own, files) == ({}, True, [])
    assert open_files == [0, 1, 2, 3], "nothing thrice, and the channel"


@pytest.mark.parametrize(
    "body",
    [
        "def handler(x):\n    while True: pass",
        "import re\ndef handler(x): return str(re.match('(a+)+b', 'a' * 60))",
    ],
)
def test_an_endless_loop_ends_at_the_statement_s_timeout(sql: Sql, body: str) -> None:
    define(sql, body)
    sql("alter session set statement_timeout_in_seconds = 1")

    assert sql.failure("select f(1)")[0] == 630
    sql("alter session unset statement_timeout_in_seconds")
    assert answer(sql, "def handler(x): return 'the next one'") == "the next one"


def test_an_endless_loop_ends_when_the_client_gives_up(sql: Sql) -> None:
    define(sql, "def handler(x):\n    while True: pass")
    cursor = sql.connection.cursor()
    failures: list[int | None] = []

    def run() -> None:
        try:
            cursor.execute("select f(1)", timeout=1)
        except Exception as error:  # noqa: BLE001 -- told by the assertion
            failures.append(getattr(error, "errno", None))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert failures == [604]


def test_a_thread_that_a_handler_leaves_disturbs_nobody(sql: Sql) -> None:
    body = """
import threading, time
def handler(x):
    threading.Thread(target=time.sleep, args=(3600,), daemon=x == 0).start()
    return "left"
"""
    assert answer(sql, body) == "left"
    assert sql("select f(column1) from values (0), (1)") == [("left",), ("left",)]


def test_processes_are_shared_by_statements_and_by_no_sessions(
    server: LocalSnowflake,
) -> None:
    first, second = Sql(server.connect()), Sql(server.connect())
    assert processes(server) == [], "none before the first call"
    body = "calls = []\ndef handler(x):\n    calls.append(x)\n    return str(len(calls))"
    define(first, body)

    assert [first.one("select f(1)"), first.one("select f(2)")] == ["1", "2"]
    assert second.one("select f(1)") == "1"
    started = processes(server)
    assert len(started) == 2
    second.connection.close()
    until(lambda: len(processes(server)) == 1, "the session's process ended")
    first.connection.close()
    until(lambda: processes(server) == [], "all processes ended")
    assert list((server.data / "temporary").glob("handlers-*")) == []


def test_many_rows_are_answered_in_order_by_two_processes(server: LocalSnowflake) -> None:
    sql = Sql(server.connect())
    define(sql, "def handler(x, text): return str(x)", "f(x int, text string) returns string")
    sql("create table n as select seq4() as x from table(generator(rowcount => 5000))")

    same = "count_if(f(x, repeat('y', 3000)) = x::string)"
    assert sql.one(f"select count(*), {same} from n") == (5000, 5000)
    assert len(processes(server)) == 2
    sql.connection.close()


def test_processes_end_with_the_server_however_it_ends(server: LocalSnowflake) -> None:
    idle, busy = Sql(server.connect()), Sql(server.connect())
    define(idle, "def handler(x): return 'called'")
    assert idle.one("select f(1)") == "called"
    (waiting,) = processes(server)
    define(busy, "def handler(x):\n    while True: pass", "g(x int) returns string")
    (looping,) = set(processes(server)) - {waiting}
    lost = threading.Thread(target=lambda: run_until_the_end(server, busy, "select g(1)"))
    lost.start()
    until(lambda: looping.cpu_times().user > 1, "a busy handler")
    server.kill()

    assert psutil.wait_procs([waiting, looping], timeout=20)[1] == []
    lost.join(20)


def run_until_the_end(server: LocalSnowflake, sql: Sql, text: str) -> None:
    """Ask once, where the connector would ask a server that is gone again and again."""
    rest = sql.connection.rest
    assert rest is not None
    with contextlib.suppress(OSError):
        server.post("/queries/v1/query-request?requestId=endless", {"sqlText": text}, rest.token)
