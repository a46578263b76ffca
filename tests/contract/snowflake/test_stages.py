"""Internal and external stages: PUT, LIST, and COPY of other formats."""

import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from snowflake.connector import SnowflakeConnection

from tests.contract.snowflake.server import BUCKET, LocalSnowflake, s3_client
from tests.contract.snowflake.sql import Sql


def test_a_file_that_was_put_can_be_listed_and_loaded(sql: Sql, tmp_path: Path) -> None:
    file = tmp_path / "rows.ndjson"
    file.write_text('{"a": 1}\n{"a": 2}\n')
    sql("create stage files")
    sql("create table t (a int, file string)")
    (put,) = sql(f"put file://{file} @files/in/")

    assert put[:2] == ("rows.ndjson", "rows.ndjson.gz")
    assert put[6] == "UPLOADED"
    assert [row[0] for row in sql("list @files")] == ["files/in/rows.ndjson.gz"]
    assert sql("list @files/out") == []
    copied = sql(
        """copy into t from (select $1:a::int, metadata$filename from @files/in/)
           files = ('rows.ndjson.gz') file_format = (type = json)"""
    )
    assert [row[:4] for row in copied] == [("files/in/rows.ndjson.gz", "LOADED", 2, 2)]
    assert sql("select a, file from t order by a") == [
        (1, "in/rows.ndjson.gz"),
        (2, "in/rows.ndjson.gz"),
    ]


def test_an_upload_needs_the_signature(local_snowflake: LocalSnowflake) -> None:
    url = f"http://127.0.0.1:{local_snowflake.port}/upload/CANTON/BRONZE/X/f?signature=guess"
    request = urllib.request.Request(url, data=b"x", method="PUT")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)  # noqa: S310 -- our own server

    with refused.value:
        assert refused.value.code == 403
    assert not (local_snowflake.data / "stages/CANTON/BRONZE/X/f").exists()


def test_an_external_stage_lists_its_objects(
    sql: Sql, schema: str, s3_settings: dict[str, str]
) -> None:
    client = s3_client(s3_settings)
    for name in ("b", "a"):
        client.put_object(Bucket=BUCKET, Key=f"canton/{schema}/{name}=1.gz", Body=b"12345")

    assert [row[:2] for row in sql(f"list @canton.bronze.landing/{schema}/")] == [
        (f"s3://{BUCKET}/canton/{schema}/a=1.gz", 5),
        (f"s3://{BUCKET}/canton/{schema}/b=1.gz", 5),
    ]


@pytest.mark.parametrize("stage", ["@files", '@"FILES"', "@%t"])
def test_a_copy_can_transform(sql: Sql, tmp_path: Path, stage: str) -> None:
    csv, parquet = tmp_path / "rows.csv", tmp_path / "rows.parquet"
    csv.write_text('1,"x, y",1.5\n2,z,\n')
    pq.write_table(pa.table({"id": [3], "name": ["w"], "cc": ["2.5"]}), parquet)
    sql("create stage files")
    sql("create table t (name string, id int, cc number(38,10))")
    sql(f"put file://{csv} {stage} auto_compress = false")
    sql(f"put file://{parquet} {stage} auto_compress = false")
    sql(
        f"""copy into t from (select $2, $1, $3 from {stage}) files = ('rows.csv')
            file_format = (type = csv field_optionally_enclosed_by = '"')"""
    )
    sql(
        f"""copy into t (id, name, cc) from (select $1:id, $1:name::string, $1:"cc"::number(38,10)
            from {stage}) files = ('rows.parquet') file_format = (type = parquet)"""
    )

    assert sql("select id, name, cc::string from t order by id") == [
        (1, "x, y", "1.5000000000"),
        (2, "z", None),
        (3, "w", "2.5000000000"),
    ]


@pytest.fixture
def parquet(sql: Sql, tmp_path: Path) -> Callable[..., None]:
    """Puts a Parquet file of named columns on a stage, with two file formats beside it."""
    sql("create temporary stage p")
    sql("create temporary file format plain type = parquet")
    sql("create temporary file format logical type = parquet use_logical_type = true")

    def put(name: str, **columns: pa.Array) -> None:
        pq.write_table(pa.table(columns), tmp_path / name)
        sql(f"put file://{tmp_path / name} @p auto_compress = false")

    return put


AT = datetime(2026, 1, 1, 10)  # noqa: DTZ001 -- TIMESTAMP_NTZ


def test_bytes_of_parquet_are_text_unless_their_format_says_otherwise(
    sql: Sql, parquet: Callable[..., None]
) -> None:
    parquet("a.parquet", b=pa.array([b"0aff"], pa.binary()), n=pa.array([1]))
    parquet("bad.parquet", b=pa.array([b"\xff"], pa.binary()))
    sql("create table t (b binary)")
    sql("create table v (v variant)")
    bytes_ = "(type = parquet binary_as_text = false)"

    assert sql.one("select $1 = parse_json('{\"b\": \"0aff\", \"n\": 1}') from @p/a"
                   " (file_format => plain)")  # fmt: skip
    for options, loaded in (("(type = parquet)", b"\x0a\xff"), (bytes_, b"0aff")):
        sql(f"copy into t from (select $1:b from @p/a) file_format = {options} force = true")
        assert sql.one("select b from t") == loaded
        sql("truncate table t")
    assert sql.failure(f"copy into v from @p/a file_format = {bytes_}")[0] == 2
    assert sql.failure("copy into v from @p/bad file_format = (type = parquet)")[0] == 100144


def test_the_columns_of_parquet_files_are_inferred(sql: Sql, parquet: Callable[..., None]) -> None:
    values = {
        "n": 1, "Big One": Decimal("1.50"), "f": 0.5, "b": True, "s": "x", "d": AT.date(),
        "o": {"a": 1}, "at": AT, "t": AT.time(),
    }  # fmt: skip
    parquet("a.parquet", **{name: pa.array([value]) for name, value in values.items()})
    parquet("b.parquet", s=pa.array(["y"]), more=pa.array([2], pa.int8()))
    call = "table(infer_schema(location => '@p', file_format => 'logical'))"

    assert sql(f"select column_name, type from {call} order by order_id") == [
        ("n", "NUMBER(38, 0)"),
        ("Big One", "NUMBER(3, 2)"),
        ("f", "REAL"),
        ("b", "BOOLEAN"),
        ("s", "TEXT"),
        ("d", "DATE"),
        ("o", "VARIANT"),
        ("at", "TIMESTAMP_NTZ"),
        ("t", "TIME"),
        ("more", "NUMBER(38, 0)"),
    ]
    folded = call.replace("))", ", ignore_case => true))")
    assert sql(f"select * from {folded} c where column_name = 'MORE'") == [
        ("MORE", "NUMBER(38, 0)", True, "$1:MORE::NUMBER(38, 0)", "b.parquet", 9)
    ]


@pytest.mark.parametrize(
    ("column", "call", "errno", "named"),
    [
        (pa.array([AT]), "location => '@p', file_format => 'plain'", 2, "USE_LOGICAL_TYPE = TRUE"),
        (pa.array([b"x"]), "location => '@p', file_format => 'logical'", 2, "binary"),
        (pa.array([[1]]), "location => '@p', file_format => 'logical'", 2, "list"),
        (pa.array([1]), "location => '@p', file_format => 'lines'", 2, "anything but Parquet"),
        (pa.array([1]), "location => '@p', file_format => 'none'", 2003, "NONE"),
        (pa.array([1]), "location => '@p/none', file_format => 'plain'", 2003, "@p/none"),
        (pa.array([1]), "location => '@p', file_format => 'plain', files => 'x'", 2, "FILES"),
        (pa.array([1]), "location => '@p'", 1003, "FILE_FORMAT"),
    ],
)
def test_what_is_not_known_to_be_inferred_is_refused(
    sql: Sql, parquet: Callable[..., None], column: pa.Array, call: str, errno: int, named: str
) -> None:
    sql("create file format lines type = json")
    parquet("a.parquet", c=column)

    found, message = sql.failure(f"select * from table(infer_schema({call}))")
    assert (found, named in message) == (errno, True), message


def test_several_files_need_a_stage_that_is_named(
    connect: Callable[..., SnowflakeConnection], schema: str, tmp_path: Path
) -> None:
    session = Sql(connect(paramstyle="qmark", schema=schema))
    session("create stage s")
    (tmp_path / "a.csv").write_text("1")

    assert session.failure(f"put file://{tmp_path}/*.csv ?", ["@s"])[0] == 2
    assert [row[0] for row in session(f"put file://{tmp_path}/*.csv @s")] == ["a.csv"]


def test_tables_are_named_by_bound_values(
    connect: Callable[..., SnowflakeConnection], schema: str
) -> None:
    session = Sql(connect(paramstyle="qmark", schema=schema))
    name = f'"CANTON".{schema}."a.b"'
    session("create table if not exists identifier(?) (n int)", [name])
    session("insert into identifier(?) select ? union all select ?", [name, 1, 2])

    assert session("select t.n from identifier(?) t where t.n > ?", [name, 1]) == [(2,)]
    session(f"set called = '{schema}.\"a.b\"'")
    assert session("select count(*) from identifier($called)") == [(2,)]
    session("truncate table identifier(?)", [name])
    session("alter table identifier(?) rename to identifier(?)", [name, f"{schema}.c"])
    assert session("select count(*) from c") == [(0,)]
    assert session.failure("select * from identifier(?)", ["read_text('/etc/hosts')"])[0] == 2003
    session("drop table if exists identifier(?)", ["c"])
    assert session.failure("select * from c")[0] == 2003
