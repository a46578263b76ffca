"""The local Snowflake convinces clients that others wrote, each in an environment of its own."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROGRAMS = HERE / "snowflake"
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def rows(connect):
    """The rows of a query, times as text."""

    def read(query):
        found = connect().cursor().execute(query).fetchall()
        return [tuple(str(v) if hasattr(v, "isoformat") else v for v in row) for row in found]

    return read


def test_dbt_builds_incremental_models_and_snapshots_twice(run_client, rows, tmp_path):
    folder = PROGRAMS / "dbt"
    places = ("--project-dir", str(folder), "--profiles-dir", str(folder))
    written = ("--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path))
    days = ("--event-time-start", "2026-01-01", "--event-time-end", "2026-01-04")
    for number in ("1", "2"):
        told = run_client("dbt", "dbt", "build", *places, *written, *days, ROUND=number)
        assert "PASS=12 WARN=0 ERROR=0 SKIP=0" in told

    a, b = (1, "a", "2026-01-01 10:00:00"), (2, "b", "2026-01-02 10:00:00")
    c, d = (2, "c", "2026-01-02 11:00:00"), (3, "d", "2026-01-03 10:00:00")
    built = {
        name: rows(f"select id, name, at from dbt.{name} order by 1, 2")
        for name in ("appended", "merged", "deleted", "overwritten", "by_day", "checked", "stamped")
    }
    assert built == {
        "appended": [a, b, c, d],
        "merged": [a, c, d],
        "deleted": [a, c, d],
        "overwritten": [c, d],
        "by_day": [c, d],
        "checked": [a, a, b, c, d],  # a is gone, which is a row of its own
        "stamped": [a, b, c, d],
    }
    current = "select id, dbt_is_deleted from dbt.checked where dbt_valid_to is null order by 1"
    assert rows(current) == [(1, "True"), (2, "False"), (3, "False")]
    assert rows("select id from dbt.stamped where dbt_valid_to is null order by 1") == [(2,), (3,)]
    described = rows("describe table dbt.merged")
    assert [row[9] for row in described[:2]] == ["a 'key'", "second"]


def test_sqlmesh_loads_a_second_day_over_https(run_client, connect, rows, certificate, tmp_path):
    project = shutil.copytree(PROGRAMS / "sqlmesh", tmp_path / "project")  # it writes a cache there
    trusting = {"REQUESTS_CA_BUNDLE": certificate, "SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "true"}
    everything = ("--run", "--auto-apply", "--no-prompts", "--execution-time")
    cursor = connect().cursor()
    cursor.execute("create schema canton.sqlmesh")
    cursor.execute("create table canton.sqlmesh.source (id int, name string, at timestamp_ntz)")
    for tomorrow, values in (
        ("2026-01-02", "(1, 'a', '2026-01-01 10:00:00'), (2, 'b', '2026-01-01 11:00:00')"),
        ("2026-01-03", "(2, 'c', '2026-01-02 11:00:00'), (3, 'd', '2026-01-02 12:00:00')"),
    ):
        cursor.execute(f"insert into canton.sqlmesh.source values {values}")
        logs = ("--log-file-dir", str(tmp_path / "logs"))
        run_client(
            "sqlmesh", "sqlmesh", *logs, "plan", *everything, tomorrow, cwd=project, **trusting
        )

    a, b = (1, "a", "2026-01-01 10:00:00"), (2, "b", "2026-01-01 11:00:00")
    c, d = (2, "c", "2026-01-02 11:00:00"), (3, "d", "2026-01-02 12:00:00")
    built = {
        name: rows(f"select id, name, at from meshed.{name} order by at")
        for name in ("updates", "by_day", "latest")
    }
    assert built == {"updates": [a, b, c, d], "by_day": [a, b, c, d], "latest": [a, c, d]}
    assert rows("select * from meshed.shown order by 1") == [("a", 1), ("b", 1), ("c", 1), ("d", 1)]
    assert rows("select * from meshed.kept order by name") == [
        (1, "a", "1970-01-01 00:00:00", None),
        (2, "b", "1970-01-01 00:00:00", "2026-01-03 00:00:00"),
        (2, "c", "2026-01-03 00:00:00", None),
        (3, "d", "2026-01-03 00:00:00", None),
    ]
    assert rows("describe table meshed.updates")[0][9] == "its number"


def test_the_snow_command_loads_a_file_and_reads_it(run_client, tmp_path):
    def snow(*arguments):
        return json.loads(run_client("snow", "snow", *arguments, "--format", "json"))

    (tmp_path / "parties.csv").write_text("1,a\n2,b\n")
    snow("sql", "-q", "create table parties (id int, name string)")
    snow("stage", "create", "files")
    (put,) = snow("stage", "copy", "parties.csv", "@files")
    assert put["status"] == "UPLOADED"
    (loaded,) = snow("sql", "-q", "copy into parties from @files file_format = (type = csv)")
    assert loaded["rows_loaded"] == 2
    parties = [{"ID": 1, "NAME": "a"}, {"ID": 2, "NAME": "b"}]
    assert snow("sql", "-q", "select * from parties order by id") == parties
    assert [table["rows"] for table in snow("object", "list", "table", "--like", "parties")] == [2]
    snow("stage", "copy", "@files", "fetched")
    assert (tmp_path / "fetched" / "parties.csv").read_text() == "1,a\n2,b\n"


@pytest.mark.parametrize("client", ["sqlalchemy", "dlt", "streamlit"])
def test_a_library_reads_back_what_it_wrote(client, run_client):
    silent = {"RUNTIME__DLTHUB_TELEMETRY": "false"}
    run_client(client, "python", str(PROGRAMS / f"with_{client}.py"), **silent)


def test_frames_of_pandas_become_tables(run_client):
    run_client("streamlit", "python", str(PROGRAMS / "with_pandas.py"))


def test_nodes_driver_reads_rows_as_json(account, certificate, connect, tmp_path):
    connect().cursor().execute("create schema canton.node")
    silent = {"HOME": str(tmp_path), "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true"}
    elsewhere = {"TZ": "America/New_York"}  # times must not depend on where the client is
    node = ["node", "--test", "--test-reporter=spec", "snowflake_sdk.test.mjs"]
    trusting = {"NODE_EXTRA_CA_CERTS": certificate}
    environment = {"PATH": os.environ["PATH"], **account, **silent, **elsewhere, **trusting}
    assert subprocess.run(node, cwd=HERE, env=environment, check=False).returncode == 0
