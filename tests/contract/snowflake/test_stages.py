"""Internal and external stages: PUT, LIST, and COPY of other formats."""

import urllib.error
import urllib.request
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

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
