"""A copy of everything, as one moment shows it, for those who are logged in."""

import io
import tarfile

import duckdb
import httpx
import pytest


@pytest.fixture
def copied(local_snowflake, connect, tmp_path):
    """Makes a copy, and opens the pipeline's database in it."""

    def copy():
        token = connect().rest.token
        headers = {"Authorization": f'Snowflake Token="{token}"'}
        url = f"http://127.0.0.1:{local_snowflake.port}/copy"
        answer = httpx.get(url, headers=headers, trust_env=False, timeout=60)
        with tarfile.open(fileobj=io.BytesIO(answer.content)) as archive:
            archive.extractall(tmp_path, filter="data")
        return duckdb.connect(str(tmp_path / "CANTON.db"), read_only=True)

    return copy


def test_what_is_committed_is_in_it_to_the_last_digit(sql, schema, copied):
    sql("create table kept (big number(38,0), a number(38,10), v variant, came_at timestamp_ntz)")
    sql(
        "insert into kept select 99999999999999999999999999999999999999, '1.0000000001',"
        " parse_json('{\"n\": 1.5}'), '2025-12-10T16:23:29.721430Z'"
    )
    sql("begin")
    sql("insert into kept select 1, 1, null, null")
    with copied() as duck:
        (row,) = duck.execute(
            f'select big, a::varchar, v::varchar, came_at::varchar from "{schema.upper()}".KEPT'
        ).fetchall()
    sql("rollback")
    assert row[:2] == (99999999999999999999999999999999999999, "1.0000000001")
    assert row[2].replace(" ", "") == '{"n":1.5}'
    assert row[3] == "2025-12-10 16:23:29.72143"


def test_nothing_of_it_is_left_in_the_folder(local_snowflake, copied):
    copied().close()
    assert not list((local_snowflake.data / "temporary").glob("copy-*"))


def test_nobody_gets_it_without_a_session(local_snowflake):
    url = f"http://127.0.0.1:{local_snowflake.port}/copy"
    assert httpx.get(url, trust_env=False).status_code == 403
