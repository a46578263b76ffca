"""COPY's clauses on internal stages, unloading, GET, REMOVE and SELECT from a stage."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from snowflake.connector.constants import FIELD_ID_TO_NAME

from tests.contract.snowflake.sql import Sql

Put = Callable[..., None]
BAD = "10;ten\neleven;11\n\n12;twelve\n"
SEMICOLON = "file_format = (type = csv field_delimiter = ';')"


@pytest.fixture
def put(sql: Sql, tmp_path: Path) -> Put:
    """Puts a file as it is on the stage S, below a prefix; the stage and table T are there."""
    sql("create stage s")
    sql("create table t (n int, word string)")

    def put_file(name: str, content: str, prefix: str = "") -> None:
        (tmp_path / name).write_text(content)
        sql(f"put file://{tmp_path / name} @s/{prefix} auto_compress = false")

    return put_file


def rows(sql: Sql) -> list[tuple]:
    return sql("select n, word from t order by n")


@pytest.mark.parametrize(
    ("options", "content", "expected"),
    [
        pytest.param("skip_header = 2", "a,b\nc,d\n1,x\n", [(1, "x")], id="header"),
        pytest.param("trim_space = true", " 1 ,  x y \n", [(1, "x y")], id="trimmed"),
        pytest.param("field_delimiter = '|' ", "1|a,b\n", [(1, "a,b")], id="delimiter"),
        pytest.param("record_delimiter = ';'", "1,a;2,b", [(1, "a"), (2, "b")], id="record"),
        pytest.param("", "1,a\\,b\r\n2,\\N\r\n", [(1, "a,b"), (2, None)], id="escapes"),
        pytest.param("escape_unenclosed_field = none", "1,a\\n\n", [(1, "a\\n")], id="as it is"),
        pytest.param(
            "field_optionally_enclosed_by = '\"'",
            '1,"two\nlines, ""quoted"""\n2,""\n3,\n',
            [(1, 'two\nlines, "quoted"'), (2, ""), (3, None)],
            id="enclosed",
        ),
        pytest.param(
            "null_if = ('-', 'x')", "1,-\n2,xy\n3,x\n", [(1, None), (2, "xy"), (3, None)], id="null"
        ),
        pytest.param("empty_field_as_null = false", "1,\n", [(1, "")], id="empty"),
        pytest.param("skip_blank_lines = true", "1,a\n\n2,b\n", [(1, "a"), (2, "b")], id="blank"),
        pytest.param(
            "error_on_column_count_mismatch = false", "1\n2,b,c\n", [(1, None), (2, "b")], id="few"
        ),
    ],
)
def test_a_csv_is_read_by_its_format(
    sql: Sql, put: Put, options: str, content: str, expected: list[tuple]
) -> None:
    put("a.csv", content)
    null = ["null_if = ('')"] if options == "escape_unenclosed_field = none" else []
    sql(f"copy into t from @s file_format = (type = csv {' '.join([options, *null])})")

    assert rows(sql) == expected


@pytest.mark.parametrize(
    ("content", "options", "errno"),
    [
        pytest.param("1,a,b\n", "", 100080, id="too many columns"),
        pytest.param(
            '1,"a" b\n', "field_optionally_enclosed_by = '\"'", 100016, id="after a quote"
        ),
        pytest.param('1,"a\n', "field_optionally_enclosed_by = '\"'", 100132, id="no end"),
        pytest.param("1,a\\qb\n", "", 2, id="an escape that is not known"),
        pytest.param("one,a\n", "", 100038, id="no number"),
        pytest.param("1,a\n", "nonsense = 1", 1006, id="no option"),
        pytest.param("1,a\n", "encoding = 'latin1'", 2, id="not answered"),
    ],
)
def test_a_csv_that_is_not_of_its_format_loads_nothing(
    sql: Sql, put: Put, content: str, options: str, errno: int
) -> None:
    put("a.csv", f"7,good\n{content}")

    assert sql.failure(f"copy into t from @s file_format = (type = csv {options})")[0] == errno
    assert rows(sql) == []


@pytest.mark.parametrize(
    ("on_error", "told", "loaded"),
    [
        ("continue", ("PARTIALLY_LOADED", 4, 2, 4, 2), [10, 12]),
        ("skip_file", ("LOAD_FAILED", 4, 0, 1, 2), []),
        ("'skip_file_2'", ("LOAD_FAILED", 4, 0, 2, 2), []),
        ("skip_file_3", ("PARTIALLY_LOADED", 4, 2, 3, 2), [10, 12]),
    ],
)
def test_on_error_tells_what_could_not_be_loaded(
    sql: Sql, put: Put, on_error: str, told: tuple, loaded: list[int]
) -> None:
    put("bad.csv", BAD)
    ((file, *answer),) = sql(f"copy into t from @s {SEMICOLON} on_error = {on_error}")

    assert (file, tuple(answer[:5])) == ("s/bad.csv", told)
    assert ("eleven" in answer[5], answer[6]) == (True, 2)
    assert [n for n, _ in rows(sql)] == loaded
    kept = sql(
        """select status, row_parsed, row_count, error_limit, error_count, first_error_line_number
           from information_schema.load_history where schema_name = current_schema()"""
    )
    assert kept == ([("PARTIALLY LOADED", *told[1:], 2)] if loaded else [])


def test_on_error_keeps_no_row_back_that_snowflake_would_load(sql: Sql, put: Put) -> None:
    sql("create table j (v variant)")
    put("a.json", '{"a": 1}\n{"a": 12345678901234567.123}\n', "in")
    copy = "copy into j from @s/in file_format = (type = json) on_error = continue"

    assert sql.failure(copy)[0] == 2
    assert sql("select * from j") == []


def test_load_history_names_a_file_by_its_place_on_the_stage(
    sql: Sql, put: Put, schema: str
) -> None:
    put("a.csv", "1,x\n", "in")
    copy = "copy into t from @s/in file_format = (type = csv)"
    sql(copy)
    history = "information_schema.load_history where schema_name = current_schema()"

    assert sql(f"select file_name from {history}") == [(f"CANTON/{schema}/S/in/a.csv",)]
    assert sql(copy) == [("Copy executed with 0 files processed.",)]


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_file_is_compressed_as_its_format_says(sql: Sql, put: Put, kind: str) -> None:
    put("plain", "1\n")
    sql("create table v (v variant)")
    sql("copy into @s/packed from (select 1) single = true file_format = (type = csv)")
    load = f"copy into {'t (n)' if kind == 'csv' else 'v'} from"

    for file, compression in (("plain", "gzip"), ("packed", "none")):
        options = f"file_format = (type = {kind} compression = {compression})"
        assert sql.failure(f"{load} @s/{file} {options}")[0] in (100069, 100144)
    for file, compression in (("plain", "none"), ("packed", "gzip"), ("packed", "auto")):
        options = f"file_format = (type = {kind} compression = {compression}) force = true"
        sql(f"{load} @s/{file} {options}")
    assert sql.one(f"select count(*) from {'t' if kind == 'csv' else 'v'}") == 3


def test_files_are_chosen_by_a_pattern_and_purged(sql: Sql, put: Put) -> None:
    for name in ("a.csv", "b.csv", "c.txt"):
        put(name, "1,x\n", "in")
    sql("copy into t from @s/in pattern = '[ab][.]csv' purge = true file_format = (type = csv)")

    assert len(rows(sql)) == 2
    assert [name for name, *_ in sql("list @s")] == ["s/in/c.txt"]
    assert sql.failure("copy into t from @s pattern = '('")[0] == 2201


def test_validation_loads_nothing(sql: Sql, put: Put) -> None:
    put("a.csv", "1,x\n2,y\n3,z\n")
    copy = "copy into t from @s file_format = (type = csv) validation_mode = "

    assert sql(copy + "return_2_rows") == [(1, "x"), (2, "y")]
    assert sql(copy + "return_errors") == []
    put("b.csv", "one,x\n")
    assert sql.failure(copy + "return_all_errors")[0] == 2
    assert sql.failure(copy + "return_9_rows")[0] == 100038
    assert rows(sql) == []


def test_json_is_taken_apart_by_options_and_names(sql: Sql, put: Put) -> None:
    put("a.json", '[\n {"N": 1, "word": "x", "more": 1},\n {"n": 2, "void": null}\n]')
    json_format = "file_format = (type = json strip_outer_array = true strip_null_values = true)"
    sql(f"copy into t from @s {json_format} match_by_column_name = case_insensitive")
    sql("create table raw (v variant)")
    sql(f"copy into raw from @s {json_format}")

    assert rows(sql) == [(1, "x"), (2, None)]
    assert {tuple(json.loads(v)) for (v,) in sql("select v from raw")} == {
        ("N", "more", "word"),
        ("n",),
    }
    assert sql.failure(f"copy into t from @s {json_format} force = true")[0] == 2019


def test_several_values_of_json_on_a_line_are_rows(sql: Sql, put: Put) -> None:
    put("a.json", '{"n": 1, "word": "} {"}{"n": 2} {"n": 3}\n{"n": 4, "word": "}{"}\n')
    sql("create table raw (v variant)")
    sql("copy into raw from @s file_format = (type = json)")
    sql("copy into t from @s file_format = (type = json) match_by_column_name = case_insensitive")

    assert sql("select v:n::int, v:word::string from raw order by 1") == rows(sql)
    assert rows(sql) == [(1, "} {"), (2, None), (3, None), (4, "}{")]


@pytest.mark.parametrize("line", ['{"n": 1} {', '{"n": 1} oops {"n": 2}', "[1] [2"])
def test_a_line_that_ends_within_a_value_is_told(sql: Sql, put: Put, line: str) -> None:
    put("a.json", line)
    sql("create table raw (v variant)")

    assert sql.failure("copy into raw from @s file_format = (type = json)")[0] == 100069


def test_a_header_names_the_columns(sql: Sql, put: Put) -> None:
    put("a.csv", "word,other,N\nx,?,1\n")
    sql(
        """copy into t from @s file_format = (type = csv parse_header = true)
           match_by_column_name = case_insensitive"""
    )

    assert rows(sql) == [(1, "x")]


def test_a_stage_can_be_selected_from(sql: Sql, put: Put) -> None:
    sql("create file format piped type = csv field_delimiter = '|'")
    put("a.csv", "1|x\n2|y\n")
    put("b.json", '{"k": {"n": 5}}\n')

    assert sql(
        "select s.$2, metadata$filename, $1::int + 1 from @s/a (file_format => piped) s"
    ) == [
        ("x", "a.csv", 2),
        ("y", "a.csv", 3),
    ]
    stage = "@s (file_format => 'piped', pattern => 'a.*')"
    sql(f"create table made as select $1 as n, $3 as none from {stage}")
    assert sql("select * from made order by n") == [("1", None), ("2", None)]
    sql("create file format js type = json")
    assert sql.one("select sum($1:k.n::int) from @s/b.json (file_format => js)") == 5
    assert sql.failure("select $1 from @s, t")[0] == 2


def test_a_row_tells_when_its_file_was_written_and_read(sql: Sql, put: Put) -> None:
    before = sql.one("select current_timestamp()")
    put("a.csv", "1\n2\n")
    query = "select metadata$file_last_modified, metadata$start_scan_time from @s/a"
    described = sql.connection.cursor().describe(query)
    (modified, read), (other, _) = sql(query)

    assert [FIELD_ID_TO_NAME[c.type_code] for c in described] == ["TIMESTAMP_NTZ", "TIMESTAMP_LTZ"]
    assert modified == other
    assert before - timedelta(seconds=1) <= modified.replace(tzinfo=UTC) <= read  # whole seconds
    sql("create table times (at timestamp_ltz, n int)")
    sql("""copy into times
           from (select metadata$start_scan_time, metadata$file_row_number from @s/a)
           file_format = (type = csv)""")
    loaded = sql("select * from times order by n")
    assert [n for _, n in loaded] == [1, 2]
    assert all(read <= at <= sql.one("select current_timestamp()") for at, _ in loaded)


def test_a_table_is_unloaded_and_loaded_again(sql: Sql, put: Put, tmp_path: Path) -> None:
    put("other.txt", "")
    sql("insert into t values (1, 'a,b'), (2, null), (3, '')")
    answer = sql.one("copy into @s/out/part from t file_format = (type = csv)")
    assert answer[0] == 3
    assert [n for n, *_ in sql("list @s/out")] == ["s/out/part_0_0_0.csv.gz"]
    sql(f"get @s/out file://{tmp_path}")
    written = gzip.decompress((tmp_path / "part_0_0_0.csv.gz").read_bytes()).decode()
    assert sorted(written.splitlines()) == ["1,a\\,b", "2,\\N", "3,"]

    sql("copy into @s/one.csv from (select n, word as w from t where n = 1) single = true "
        "header = true file_format = (type = csv compression = none)")  # fmt: skip
    sql(f"get @s/one.csv file://{tmp_path}")
    assert (tmp_path / "one.csv").read_text() == "N,W\n1,a\\,b\n"
    assert (
        sql.failure("copy into @s/one.csv from t single = true file_format = (compression = none)")[
            0
        ]
        == 2
    )

    sql("copy into @s/j from (select object_construct('n', n) from t) file_format = (type = json)")
    sql("create file format js type = json")
    assert sql("select $1:n::int from @s/j (file_format => js) order by 1") == [(1,), (2,), (3,)]


def test_files_are_listed_and_removed_by_pattern(sql: Sql, put: Put) -> None:
    for name in ("a.csv", "b.csv", "c.txt"):
        put(name, "1,x\n")

    assert [n for n, *_ in sql("list @s pattern = '.*[.]csv'")] == ["s/a.csv", "s/b.csv"]
    assert sql("rm @s pattern = '.*b.*'") == [("s/b.csv", "removed")]
    assert sql("remove @s/a.csv") == [("s/a.csv", "removed")]
    assert [n for n, *_ in sql("list @s")] == ["s/c.txt"]
    assert sql.failure("list @s pattern = 'c.*'")[0] == 2
    assert sql.failure("remove @nowhere")[0] == 2003


def test_files_of_an_external_stage_stay(sql: Sql) -> None:
    reference = "@canton.bronze.landing/nothing_of_this_name"

    assert sql(f"remove {reference}") == []
    assert sql.failure(f"copy into {reference} from (select 1)")[0] == 2
    sql("create table raw (v variant)")
    copy = f"copy into raw from {reference} file_format = (type = json) purge = true"
    assert sql.failure(copy)[0] == 2


def test_several_files_are_put_by_one_statement(sql: Sql, put: Put, tmp_path: Path) -> None:
    put("z.txt", "")
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("1,x\n")

    assert sorted(row[0] for row in sql(f"put file://{tmp_path}/*.csv @s")) == ["a.csv", "b.csv"]


def test_a_stage_is_named_by_a_bound_value(connect: Callable[..., Any], schema: str) -> None:
    session = connect(paramstyle="qmark", schema=schema)
    session.cursor().execute("create temporary stage identifier(?)", ("BOUND",))

    assert session.cursor().execute("list @bound").fetchall() == []


def test_a_copy_has_bound_values(
    connect: Callable[..., Any], schema: str, sql: Sql, put: Put
) -> None:
    put("a.csv", "1,x\nno,y\n")
    session = connect(paramstyle="qmark", schema=schema)
    copy = "copy into identifier(?) from @s file_format = (type = csv) on_error = ?"

    session.cursor().execute(copy, ("T", "continue"))
    assert rows(sql) == [(1, "x")]


def test_an_earlier_result_is_a_table(sql: Sql) -> None:
    sql("select column1 as n, parse_json('{\"k\": 7}') as v from values (1), (2), (3)")
    sql("select 'later'")

    assert sql(
        """select n, v:k::int from table(result_scan(last_query_id(-2))) r
           where n > 1 order by 1 desc"""
    ) == [(3, 7), (2, 7)]
    assert sql.failure("select * from table(result_scan('no-such-id'))")[0] == 709
    sql("create table kept (n int)")
    sql("insert into kept values (4), (5)")
    assert sql.one('select "number of rows inserted" from table(result_scan(last_query_id()))') == 2


def test_files_are_fetched_by_so_many_threads(sql: Sql, put: Put, tmp_path: Path) -> None:
    put("a.csv", "1,x\n")
    fetched = tmp_path / "fetched"
    fetched.mkdir()

    sql(f"get @s file://{fetched} parallel = 7")
    assert (fetched / "a.csv").read_text() == "1,x\n"


def test_the_format_of_binaries_matters_where_there_are_some(sql: Sql, put: Put) -> None:
    put("a.json", '{"N": 1}\n')
    copy = """copy into {} from @s match_by_column_name = 'case_insensitive'
              file_format = (type = 'JSON', binary_format = 'BASE64')"""
    sql("create table numbers (n int)")
    sql("create table binaries (n binary)")

    sql(copy.format("numbers"))
    assert sql.one("select n from numbers") == 1
    assert sql.failure(copy.format("binaries"))[0] == 2


@pytest.mark.parametrize("kind", ["variant", "array"])
def test_a_field_of_a_csv_becomes_a_variant_by_a_cast_alone(sql: Sql, put: Put, kind: str) -> None:
    sql(f"create table raw (i int, v {kind})")
    put("a.csv", "7;[1]\n")
    assert sql.failure(f"copy into raw from @s {SEMICOLON}")[0] == 2
    sql(f"copy into raw from (select $1, parse_json($2) from @s) {SEMICOLON}")
    assert sql("select i, v[0]::int from raw") == [(7, 1)]
    assert sql.failure(f"copy into nowhere from @s {SEMICOLON}")[0] == 2003


def test_a_file_is_fetched_into_a_folder_of_any_name(sql: Sql, put: Put, tmp_path: Path) -> None:
    folder = tmp_path / "5c0ib"
    folder.mkdir()
    put("a.csv", "1,x\n")
    sql(f"get @s/a.csv file://{folder}/")
    assert [file.name for file in folder.iterdir()] == ["a.csv"]
