"""Parts of the local Snowflake that need no server."""

import json
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import duckdb
import psutil
import pyarrow as pa
import pytest

from mocks.snowflake import answers, arrow_format, declared_columns, errors, init_script, json_text
from mocks.snowflake.errors import StatementFailed
from mocks.snowflake.locks import TableLocks
from mocks.snowflake.login import Credentials
from mocks.snowflake.parameters import Parameters
from mocks.snowflake.results import BYTES_AT_REST, KEPT_RESULTS, Result, Results
from mocks.snowflake.settings import Misconfigured, read_settings
from mocks.snowflake.storage import Folder, FolderRefused, FolderUnreadable
from mocks.snowflake.warehouse import Limits, Warehouse

ARGUMENTS = ("--data", "d", "--port", "1")
USER = {"LOCAL_SNOWFLAKE_USER": "u", "LOCAL_SNOWFLAKE_PASSWORD": "p"}


def test_an_empty_result_has_columns_and_no_arrow() -> None:
    empty = Result(pa.table({"a": pa.array([], pa.int64())}), ("BIGINT",), 0)
    answer = answers.rows(empty, 4096, {}, as_json=False)["data"]
    assert (answer["rowsetBase64"], answer["total"]) == ("", 0)
    assert [column["name"] for column in answer["rowtype"]] == ["a"]


def test_settings_come_from_arguments_and_environment() -> None:
    settings = read_settings([*ARGUMENTS, "--memory", "2GB"], USER)

    assert (settings.data, settings.host, settings.memory) == (Path("d"), "127.0.0.1", "2GB")
    assert (settings.user, settings.password) == ("u", "p")
    assert "'p'" not in repr(settings)


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        pytest.param({}, "LOCAL_SNOWFLAKE_PASSWORD", id="nothing"),
        pytest.param({"LOCAL_SNOWFLAKE_PASSWORD": "p"}, "LOCAL_SNOWFLAKE_USER", id="no user"),
        pytest.param(
            USER | {"LOCAL_SNOWFLAKE_PUBLIC_KEY_FILE": "/nowhere"},
            "LOCAL_SNOWFLAKE_PUBLIC_KEY_FILE",
            id="no key",
        ),
    ],
)
def test_a_missing_setting_is_named(environ: Mapping[str, str], named: str) -> None:
    with pytest.raises(Misconfigured, match=named):
        read_settings(ARGUMENTS, environ)


def test_a_file_that_is_no_key_is_told() -> None:
    settings = read_settings(ARGUMENTS, USER)
    with pytest.raises(Misconfigured, match="LOCAL_SNOWFLAKE_PUBLIC_KEY_FILE"):
        Credentials.of(type(settings)(**{**vars(settings), "public_key": "no PEM"}))


def test_without_a_password_no_password_is_right() -> None:
    with pytest.raises(StatementFailed, match="390100"):
        Credentials("U", "", "").check({"LOGIN_NAME": "U", "PASSWORD": ""})


def test_a_script_is_split_at_its_semicolons() -> None:
    script = "-- one;\ncreate stage s url = 's3://${B}/;';\n\nselect $$a;b$$; /* ; */ select 3"

    assert [" ".join(s.split()) for s in init_script.statements_of(script, {"B": "x"})] == [
        "-- one; create stage s url = 's3://x/;'",
        "select $$a;b$$",
        "/* ; */ select 3",
    ]


@pytest.mark.parametrize("script", ["select '${NOWHERE}'", "select 'open"])
def test_a_script_that_can_not_be_read_is_refused(script: str) -> None:
    with pytest.raises(Misconfigured):
        list(init_script.statements_of(script, {}))


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    first = Folder(tmp_path / "data")
    with pytest.raises(FolderRefused, match="another local Snowflake is using"):
        Folder(tmp_path / "data")
    first.release()

    Folder(tmp_path / "data").release()


@pytest.mark.parametrize("written", ["2\n", "x\n", ""])
def test_a_folder_of_another_format_is_refused(tmp_path: Path, written: str) -> None:
    (tmp_path / "format").write_text(written)
    with pytest.raises(FolderUnreadable, match=r"newer version|should hold a number"):
        Folder(tmp_path)


def table(size: int) -> pa.Table:
    return pa.table({"x": ["x" * size]})


def test_the_oldest_results_give_way() -> None:
    results = Results(kept_bytes=30_000)
    kept = [Result(table(10_000), ("VARCHAR",), 1) for _ in range(5)]
    large = Result(table(50_000), ("VARCHAR",), 1)
    for result in (*kept, large):
        results.keep(result)

    assert [results.get(r.query_id) for r in kept] == [None, None, None, *kept[3:]]
    assert results.get(large.query_id) is None


def test_few_results_are_kept_while_nobody_is_connected(tmp_path: Path) -> None:
    warehouse = Warehouse(Folder(tmp_path), Limits("100MB"))
    kept = [Result(table(BYTES_AT_REST // 2 - 10_000), ("VARCHAR",), 1) for _ in range(3)]
    for result in kept:
        warehouse.results.keep(result)
    warehouse.rest()

    assert [warehouse.results.get(r.query_id) for r in kept] == [None, *kept[1:]]
    warehouse.close()


def test_a_transaction_that_could_not_begin_is_not_open(tmp_path: Path) -> None:
    warehouse = Warehouse(Folder(tmp_path), Limits("100MB"))
    session = warehouse.connect()
    for text in ("create database d", "create table t (i int)", "create stream s on table t"):
        session.cursor().run(text)
    warehouse.duck_conn.execute('DROP TABLE d._fs_information_schema."_local_stream_PUBLIC.S"')
    with pytest.raises(StatementFailed):
        session.cursor().run("begin")

    assert not session.transaction.is_open
    warehouse.close()


def test_a_kept_result_takes_what_it_holds() -> None:
    """A table from DuckDB has room for 2,048 rows in each column."""
    results, process = Results(), psutil.Process()
    columns = ", ".join(f"'text {n}' as c{n}" for n in range(100))
    with duckdb.connect() as duck:

        def memory_after(statements: int) -> int:
            for _ in range(statements):
                rows = duck.sql(f"select {columns}").to_arrow_table()
                results.keep(Result(rows, ("VARCHAR",) * 100, 1))
            return process.memory_info().rss

        grown = -memory_after(KEPT_RESULTS // 10) + memory_after(KEPT_RESULTS * 9 // 10)

    assert grown < KEPT_RESULTS * 100 * 1_000  # bytes a value; unpacked, one takes 2,500


class Busy:
    """A transaction in which a statement runs."""

    def abort_if_idle(self, _: float) -> None:
        pass


def test_a_lock_waits_for_its_holder() -> None:
    locks, order, holder = TableLocks(), [], Busy()
    locks.acquire(holder, "T", 0, lambda: False)

    def second() -> None:
        locks.acquire(Busy(), "T", 10, lambda: False)
        order.append("second")

    waiter = threading.Thread(target=second)
    waiter.start()
    order.append("first")
    locks.release(holder)
    waiter.join()

    assert order == ["first", "second"]


@pytest.mark.parametrize(("seconds", "is_canceled", "errno"), [(0, False, 625), (10, True, 604)])
def test_a_wait_ends_with_its_reason(seconds: float, errno: int, *, is_canceled: bool) -> None:
    locks = TableLocks()
    locks.acquire(Busy(), "T", 0, lambda: False)
    with pytest.raises(StatementFailed) as ended:
        locks.acquire(Busy(), "T", seconds, lambda: is_canceled)

    assert ended.value.errno == errno


def test_parameters_have_defaults_and_say_what_changed() -> None:
    changed: list[tuple] = []
    parameters = Parameters(lambda *change: changed.append(change))
    parameters.set("lock_timeout", "60")
    parameters.set("autocommit", "false")
    parameters.unset("lock_timeout")

    assert changed == [("LOCK_TIMEOUT", 60), ("AUTOCOMMIT", False), ("LOCK_TIMEOUT", 43200)]
    assert (parameters["LOCK_TIMEOUT"], parameters["AUTOCOMMIT"]) == (43200, False)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1}',
        '{"a":{"a":1},"b":{"a":1}}',
        '"12345678901234567890.1"',
        "12345678901234567890",
        '{"a":0.1}',
        '{"a":1e5}',
    ],
)
def test_json_that_keeps_its_values_passes(text: str) -> None:
    assert json_text.checked(text) == text
    assert json_text.kept(text) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (' [1, 2.5, "\\u00e9", null] ', '[1,2.5,"é",null]'),
        ('{"b": {"d": 1, "c": 2}, "a": 1.50}', '{"a":1.50,"b":{"c":2,"d":1}}'),
        ('{"b":1,"a":2}', '{"a":2,"b":1}'),
    ],
)
def test_attributes_are_kept_in_order(text: str, kept: str) -> None:
    assert json_text.checked(text) == kept


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a":1,"b"}', "malformed"),
        ("{'a':1}", "malformed"),
        ("NaN", "malformed"),
        ('{"a":1} x', "malformed"),
        ('{"a":1,"b":{"c":1,"c":2}}', 'duplicate object attribute "c"'),
    ],
)
def test_json_that_would_not_is_refused(text: str, said: str) -> None:
    with pytest.raises(json_text.BadJson, match=said):
        json_text.checked(text)


@pytest.mark.parametrize("text", ["[123456789012.1234567891]", "0.12345678901234567891"])
def test_a_json_number_that_would_lose_digits_is_refused(text: str) -> None:
    for read in (json_text.checked, json_text.tried, json_text.last_of_each):
        with pytest.raises(StatementFailed, match="more than 17 digits"):
            read(text)


@pytest.mark.parametrize("text", ["", "  \n", None])
def test_no_json_is_null(text: str | None) -> None:
    assert json_text.checked(text) is None


def test_timestamps_on_the_wire() -> None:
    moments = [
        datetime(1969, 12, 31, 23, 59, 59, 999_999),  # noqa: DTZ001 -- TIMESTAMP_NTZ
        None,
        datetime(2025, 12, 10, 16, 23, 25, 1),  # noqa: DTZ001 -- TIMESTAMP_NTZ
    ]
    result = Result(pa.table({"t": pa.array(moments, pa.timestamp("us"))}), ("TIMESTAMP",), 3)
    columns = arrow_format.column_types(result)
    sent = pa.ipc.open_stream(arrow_format.to_ipc(result.table, columns)).read_all()

    assert sent.column("t").to_pylist() == [
        {"epoch": -1, "fraction": 999_999_000},
        None,
        {"epoch": 1765383805, "fraction": 1000},
    ]
    metadata = sent.schema.field("t").metadata
    assert json.loads(json.dumps({k.decode(): v.decode() for k, v in metadata.items()})) == {
        "logicalType": "TIMESTAMP_NTZ",
        "precision": "38",
        "scale": "9",
        "charLength": "0",
    }


def test_a_refusal_names_the_heading_under_which_refusals_are_listed() -> None:
    file, heading = errors.REFUSALS.split(", ")
    title = heading.strip("'")

    assert f"\n## {title}\n" in Path(file).read_text()
    assert errors.unsupported("SEQ", "cast it").message == (
        "SQL compilation error:\nUnsupported feature 'SEQ' in the local Snowflake: cast it. "
        f"({file}, {heading})"
    )


def test_keys_that_an_older_version_kept_have_the_names_that_it_told() -> None:
    duck = duckdb.connect()
    duck.execute("CREATE SCHEMA _fs_information_schema")
    of_before = "schema_name, table_name, column_name, kind, primary_key, unique_key"
    duck.execute(
        f"""CREATE TABLE _fs_information_schema._local_declared_columns AS
            SELECT * FROM (VALUES ('S', 'T', 'A', '', 1::BIGINT, 0::BIGINT)) v({of_before})"""
    )
    for _ in range(2):  # each start does it
        duck.execute(declared_columns.creation_sql("memory"))
    kept = declared_columns.Declarations(duck, ("memory", "S", "T")).read()

    assert (kept["A"].primary, kept["A"].primary_name) == (1, "SYS_CONSTRAINT_T")
