"""COPY INTO from S3: what it loads, what it says, what it remembers."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.snowflake.server import BUCKET, s3_client
from tests.contract.snowflake.sql import Sql

Put = Callable[..., str]
UPDATES = [
    {"update_id": "u1", "record_time": "2025-12-10T16:23:25.721430Z", "n": 1, "z": None},
    {"update_id": "u2", "record_time": "2025-12-10T16:23:26.000001Z", "n": {"é": [1.5]}},
]


@pytest.fixture
def put(s3_settings: dict[str, str], schema: str) -> Put:
    """Puts gzipped JSON lines below the test's prefix; the key relative to the stage."""
    client = s3_client(s3_settings)

    def put_object(name: str, *rows: Any, content: bytes | None = None) -> str:
        lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
        body = gzip.compress(lines, mtime=0) if content is None else content
        client.put_object(Bucket=BUCKET, Key=f"canton/{schema}/{name}", Body=body)
        return f"{schema}/{name}"

    return put_object


RAW = """raw (source string, id string, at timestamp_ntz, file string, number int,
    payload variant)"""


@pytest.fixture
def load(sql: Sql) -> Callable[..., list[tuple]]:
    """Loads files into the table RAW of the test's schema."""
    sql(f"create table {RAW}")

    def copy(*files: str, options: str = "") -> list[tuple]:
        return sql(copy_statement(*files, options=options))

    return copy


def copy_statement(*files: str, options: str = "") -> str:
    listed = ", ".join(f"'{file}'" for file in files)
    return f"""copy into raw (source, id, at, file, number, payload)
        from (select 'canton', $1:update_id::string, $1:record_time::timestamp_ntz,
                     metadata$filename, metadata$file_row_number, $1 from @canton.bronze.landing/)
        {f"files = ({listed})" if files else ""} file_format = (type = json) {options}"""


def loaded(file: str, rows: int) -> tuple:
    return (f"s3://{BUCKET}/canton/{file}", "LOADED", rows, rows, 1, 0, None, None, None, None)


def skipped(file: str) -> tuple:
    message = "File was loaded before."
    url = f"s3://{BUCKET}/canton/{file}"
    return (url, "LOAD_SKIPPED", 0, 0, None, 1, message, None, None, None)


def test_each_line_becomes_a_row_with_its_place(sql: Sql, load: Any, put: Put) -> None:
    file = put("after=4_2025.ndjson.gz", *UPDATES)

    assert load(file) == [loaded(file, 2)]
    rows = sql("select source, id, at::string, file, number, payload from raw order by number")
    assert [(*row[:5], json.loads(row[5])) for row in rows] == [
        ("canton", "u1", "2025-12-10 16:23:25.721", f"canton/{file}", 1, UPDATES[0]),
        ("canton", "u2", "2025-12-10 16:23:26.000", f"canton/{file}", 2, UPDATES[1]),
    ]


@pytest.mark.parametrize(
    "name",
    ["a=1/b=2.ndjson.gz", "50%25 off.ndjson.gz", "a+b c&d.ndjson.gz", "é.ndjson.gz", "p[1]*?.gz"],
)
def test_a_file_may_have_any_name(sql: Sql, load: Any, put: Put, name: str) -> None:
    file = put(name, UPDATES[0])

    assert load(file) == [loaded(file, 1)]
    assert sql.one("select file from raw") == f"canton/{file}"


def test_a_loaded_file_is_skipped_and_said_to_be(sql: Sql, load: Any, put: Put) -> None:
    first, second = put("1.gz", UPDATES[0]), put("2.gz", UPDATES[1])
    load(first)

    assert load(first, second) == [skipped(first), loaded(second, 1)]
    assert load(first, second) == [skipped(first), skipped(second)]
    assert sql.one("select count(*) from raw") == 2


def test_files_found_by_prefix_are_told_only_when_they_are_new(sql: Sql, put: Put) -> None:
    sql("create table raw (payload variant)")
    first, second = put("p/1.gz", UPDATES[0]), put("p/2.gz", UPDATES[1])
    folder = first.removesuffix("1.gz")
    copy = f"copy into raw from @canton.bronze.landing/{folder} file_format = (type = json)"

    assert sql(copy) == [loaded(first, 1), loaded(second, 1)]
    assert sql(copy) == [("Copy executed with 0 files processed.",)]
    third = put("p/3.gz", UPDATES[1])
    assert sql(copy) == [loaded(third, 1)]


def test_force_loads_again_and_force_false_does_not(sql: Sql, load: Any, put: Put) -> None:
    file = put("1.gz", *UPDATES)
    load(file)

    assert load(file, options="force = false purge = false") == [skipped(file)]
    assert load(file, options="force = true") == [loaded(file, 2)]
    assert sql.one("select count(*) from raw") == 4


def test_a_changed_file_is_another_file(sql: Sql, load: Any, put: Put) -> None:
    load(put("1.gz", UPDATES[0]))
    file = put("1.gz", UPDATES[1])

    assert load(file) == [loaded(file, 1)]
    assert sql("select id from raw order by id") == [("u1",), ("u2",)]


def test_a_rollback_forgets_what_was_loaded(sql: Sql, load: Any, put: Put) -> None:
    file = put("1.gz", *UPDATES)
    sql("begin")
    load(file)
    sql("rollback")

    assert sql.one("select count(*) from raw") == 0
    assert load(file) == [loaded(file, 2)]


def test_values_are_converted_to_the_columns_types(sql: Sql, put: Put) -> None:
    sql("create table raw (id string, at timestamp_ntz, n int, payload variant, source variant)")
    file = put("1.gz", UPDATES[0])
    sql("begin")
    sql("insert into raw (id) values ('first')")
    sql(
        f"""copy into raw from (select $1:update_id, $1:record_time, $1:n, $1, 'canton'
            from @canton.bronze.landing/) files = ('{file}') file_format = (type = json)"""
    )
    sql("commit")

    assert sql(
        "select id, at::string, n, payload:update_id::string, source from raw where n = 1"
    ) == [("u1", "2025-12-10 16:23:25.721", 1, "u1", '"canton"')]


def test_truncate_forgets_what_was_loaded(sql: Sql, load: Any, put: Put) -> None:
    file = put("1.gz", *UPDATES)
    load(file)
    sql("truncate table raw")

    assert load(file) == [loaded(file, 2)]


def test_a_table_made_anew_has_loaded_nothing(sql: Sql, load: Any, put: Put) -> None:
    file = put("1.gz", UPDATES[0])
    load(file)
    sql("create table if not exists raw (payload variant)")
    assert load(file) == [skipped(file)]
    sql(f"create or replace table {RAW}")

    assert load(file) == [loaded(file, 1)]
    sql("drop table raw")
    sql(f"create table {RAW}")
    assert load(file) == [loaded(file, 1)]


def test_a_missing_file_fails_the_whole_copy(sql: Sql, load: Any, put: Put) -> None:
    file = put("1.gz", UPDATES[0])
    errno, message = sql.failure(copy_statement(file, f"{file}.nowhere"))

    assert errno == 91016
    assert f"Remote file 's3://{BUCKET}/canton/{file}.nowhere' was not found" in message
    assert sql.one("select count(*) from raw") == 0
    assert load(file) == [loaded(file, 1)]


@pytest.mark.usefixtures("load")
def test_a_missing_stage_or_bucket_is_named(sql: Sql) -> None:
    assert sql.failure(
        "copy into raw from @canton.bronze.nowhere/x file_format = (type = json)"
    ) == (
        2003,
        "SQL compilation error:\nStage 'CANTON.BRONZE.NOWHERE' does not exist or not authorized.",
    )
    sql("create stage elsewhere url = 's3://no-such-bucket/'")
    errno, message = sql.failure(
        "copy into raw from @elsewhere/x files = ('a') file_format = (type = json)"
    )
    assert (errno, "no-such-bucket" in message) == (91016, True)


@pytest.mark.usefixtures("load")
def test_more_than_a_thousand_files_are_refused(sql: Sql) -> None:
    errno, message = sql.failure(copy_statement(*(f"{n}.gz" for n in range(1001))))

    assert (errno, "1000" in message) == (1112, True)


@pytest.mark.usefixtures("load")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b'{"update_id": "u1"}\n{"broken\n', "line 2", id="broken"),
        pytest.param(b'{"a": 1, "a": 2}\n', 'duplicate object attribute "a"', id="repeated"),
        pytest.param(b'{"a": 12345678901234567.123}\n', "more than 17 digits", id="long number"),
        pytest.param(b'{"a": "\xff"}\n', "Invalid UTF8", id="not UTF-8"),
        pytest.param(gzip.compress(b'{"a": 1}\n')[:-9], "Error reading file", id="cut off"),
    ],
)
def test_a_bad_line_loads_nothing(sql: Sql, put: Put, content: bytes, message: str) -> None:
    file = put("1.gz", content=content)
    errno, said = sql.failure(copy_statement(file))

    assert errno in (2, 100069, 100144)
    assert message in said
    assert f"canton/{file}" in said
    assert sql.one("select count(*) from raw") == 0


@pytest.mark.usefixtures("load")
@pytest.mark.parametrize(
    "option",
    ["on_error = 'skip_file_5%'", "purge = true", "size_limit = 10", "nonsense = 1"],
)
def test_an_option_that_is_not_exact_is_refused(sql: Sql, option: str) -> None:
    errno, message = sql.failure(copy_statement("a", options=option))

    assert (errno, option.split(maxsplit=1)[0].upper() in message.upper()) in (
        (2, True),
        (1006, True),
    )


def test_the_format_of_a_stage_is_its_default(sql: Sql, put: Put) -> None:
    sql("create table raw (payload variant)")
    file = put("1.gz", UPDATES[0])
    sql(f"create stage typed url = 's3://{BUCKET}/canton/' file_format = (type = json)")

    assert sql(f"copy into raw from @typed/ files = ('{file}')") == [loaded(file, 1)]


def test_load_history_tells_what_was_loaded(sql: Sql, load: Any, put: Put, schema: str) -> None:
    file = put("1.gz", *UPDATES)
    load(file)

    assert sql(
        """select schema_name, table_name, file_name, status, row_count
           from canton.information_schema.load_history where schema_name = %s""",
        (schema,),
    ) == [(schema, "RAW", f"s3://{BUCKET}/canton/{file}", "LOADED", 2)]


def test_a_renamed_table_takes_its_load_history_along(sql: Sql, load: Any, put: Put) -> None:
    file = put("renamed.json.gz", *UPDATES)
    assert load(file) == [loaded(file, 2)]
    sql("alter table raw rename to kept")
    ((_, status, *_),) = sql(copy_statement(file).replace("into raw", "into kept"))
    assert (status, sql.one("select count(*) from kept")) == ("LOAD_SKIPPED", 2)
    sql(f"create table {RAW}")
    assert load(file) == [loaded(file, 2)]
