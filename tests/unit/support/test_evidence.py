"""A report's files are masked, bounded, and each there whether or not the others are."""

import pytest

from local.console.errors import CommandFailed
from local.support.configuration import known_secrets
from local.support.evidence import Evidence, last_lines
from local.support.logs import add_embedded_logs
from local.support.runs import add_embedded_runs


def test_what_is_kept_has_no_secret_in_it():
    evidence = Evidence({"swordfish"})
    evidence.add("a.log", lambda: "said swordfish\nPASSWORD=other")
    assert evidence.files == {"a.log": "said ***\nPASSWORD=***\n"}


@pytest.mark.parametrize(
    "error", [CommandFailed("swordfish is dead"), OSError("swordfish is dead")]
)
def test_what_can_not_be_had_is_told_and_stops_nothing(error):
    def gather():
        raise error

    evidence = Evidence({"swordfish"})
    evidence.add("a.log", gather)
    evidence.add("b.log", lambda: "b")
    assert list(evidence.files) == ["b.log"]
    assert evidence.missing["a.log"].endswith("*** is dead")


def test_lines_and_files_are_bounded():
    evidence = Evidence()
    evidence.add("line", lambda: "x" * 300_000)
    evidence.add("huge", lambda: "x" * 1_000_000)
    evidence.add("many", lambda: "a line\n" * 100_000)
    assert evidence.files["line"] == f"{'x' * 2_000}… (300000 characters)\n"
    assert len(evidence.files["huge"]) < 2_100
    assert 399_000 < len(evidence.files["many"]) <= 400_000
    assert set(evidence.files["many"].splitlines()) == {"a line"}


def test_the_whole_is_bounded():
    evidence = Evidence(most_characters=100)
    for number in range(20):
        evidence.add(str(number), lambda: "a line")
    assert len(evidence.files) == 14
    assert evidence.missing["14"] == "the report is large enough without it"


def test_the_end_of_a_large_file_is_read_without_its_beginning(tmp_path):
    (tmp_path / "a.log").write_bytes(b"\xff\n" * 2_000_000 + b"last\n")
    assert last_lines(tmp_path / "a.log", 2) == "\ufffd\nlast"


def test_secrets_of_every_corner_are_known(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("SNOWFLAKE_PASSWORD=of-dotenv\n")
    (tmp_path / ".stack").mkdir()
    (tmp_path / ".stack" / "env").write_text("PREFECT_AUTH=admin:of-stack\nHISTORY=20000\n")
    (tmp_path / ".stack" / "warehouse_key").write_text("of-key-file\n")
    (tmp_path / ".local" / "mock").mkdir(parents=True)
    (tmp_path / ".local" / "mock" / "secrets.json").write_text('{"warehouse_password": "of-local"}')
    (tmp_path / ".local" / "dev" / "mock").mkdir(parents=True)
    (tmp_path / ".local" / "dev" / "mock" / "secrets.json").write_text('{"password": "of-dev"}')
    (tmp_path / ".local" / "broken").mkdir()
    (tmp_path / ".local" / "broken" / "secrets.json").write_text("{")
    assert known_secrets({"API_TOKEN": "of-shell", "HOME": "/home"}) == {
        "of-shell", "of-dotenv", "admin:of-stack", "of-stack", "of-key-file", "of-local", "of-dev",
    }  # fmt: skip


def test_make_dev_s_logs_and_runs_are_looked_for_beside_make_run_s(tmp_path):
    for folder in (tmp_path / "one", tmp_path / "dev" / "two"):
        (folder / "logs").mkdir(parents=True)
        (folder / "logs" / "s3.log").write_text("said\n")
        (folder / "lock").touch()
    evidence = Evidence()
    for add in (add_embedded_logs, add_embedded_runs):
        add(evidence, {"STATE": str(tmp_path)})
    assert {*evidence.files} == {"logs/embedded/one/s3.log", "logs/dev/two/s3.log"}
    missing = {f"{part}/{name}" for part in ("runs", "warehouse") for name in ("one", "dev-two")}
    assert {*evidence.missing} == missing
