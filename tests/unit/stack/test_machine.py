"""`make up` starts nothing on a machine that can't hold it, and says what is missing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.console.errors import CommandFailed
from local.console.finding import refused
from local.stack.checks.files import check_certificates, judged_readable
from local.stack.checks.here import Here
from local.stack.checks.room import available_memory, judged_disk, judged_memory
from local.stack.engine import Engine, ahead_seconds
from local.stack.settings import Stack

GIB = 2**30
MEMINFO = "MemTotal:       24683500 kB\nMemAvailable:    1048576 kB\n"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def told(finding):
    return finding.state, finding.message


def test_too_little_memory_says_how_much_there_is_and_how_much_is_needed():
    assert told(judged_memory(GIB)) == (
        "fail",
        (
            "too little memory: 1024 MiB are available, the stack needs 1536:"
            " end other programs, or give Docker's machine more"
        ),
    )
    assert told(judged_memory(2 * GIB)) == ("ok", "2048 MiB are available, the stack needs 1536")


def test_too_little_disk_says_where():
    assert told(judged_disk(Path("/srv/docker"), 2 * GIB)) == (
        "fail",
        (
            "too little disk: 2048 MiB are free in /srv/docker, the stack needs 3072:"
            " docker system df tells what images and volumes take"
        ),
    )
    assert judged_disk(Path("/srv/docker"), 4 * GIB).state == "ok"


def test_a_disk_that_holds_no_more_files_is_told():
    state, message = told(judged_disk(Path("/srv"), 4 * GIB, 1_000))
    assert state == "warn"
    assert message.startswith("only 1000 more files fit in /srv, images need 50000: docker system")


@pytest.mark.parametrize(
    ("engine_bytes", "found"),
    [pytest.param(24 * GIB, GIB, id="this machine"), pytest.param(GIB // 2, GIB // 2, id="its VM")],
)
def test_memory_is_the_least_of_this_machines_and_the_engines(tmp_path, engine_bytes, found):
    (tmp_path / "meminfo").write_text(MEMINFO)
    engine = Engine(engine_bytes, "/var/lib/docker")
    assert available_memory(engine, tmp_path / "meminfo") == found


def test_a_mac_has_the_memory_of_dockers_machine(tmp_path):
    assert available_memory(Engine(GIB, "/var/lib/docker"), tmp_path / "none") == GIB


def test_files_that_containers_can_not_read_are_named_with_what_to_type(tmp_path):
    for name in ("flows", "services", "offline.env"):
        (tmp_path / name).mkdir(mode=0o755)
    assert [one.state for one in judged_readable(tmp_path.iterdir())] == ["ok"]
    for name in ("flows", "services"):
        (tmp_path / name).chmod(0o700)
    (found,) = judged_readable(tmp_path.iterdir())
    assert told(found) == (
        "fail",
        "the containers' user can't read flows, services: chmod -R go+rX flows services",
    )


def test_files_in_the_depth_are_opened_and_only_what_was_run_can_be_run(tmp_path):
    deep = tmp_path / "flows" / "deep"
    deep.mkdir(parents=True)
    for name, mode in (("text", 0o600), ("program", 0o700), ("open", 0o644)):
        (deep / name).touch()
        (deep / name).chmod(mode)
    deep.chmod(0o700)
    (deep / "__pycache__").mkdir(mode=0o700)
    (found,) = judged_readable([tmp_path / "flows"])
    assert found.fix() == "chmod -R go+rX flows (3 files and folders)"
    modes = {path.name: path.stat().st_mode & 0o777 for path in (deep, *deep.iterdir())}
    assert modes == {
        "deep": 0o755, "text": 0o644, "program": 0o755, "open": 0o644, "__pycache__": 0o700,
    }  # fmt: skip
    assert [one.state for one in judged_readable([tmp_path / "flows"])] == ["ok"]


def test_what_is_mounted_and_missing_is_named(tmp_path):
    (found,) = judged_readable([tmp_path / "prefect.yaml"])
    assert told(found) == ("fail", "prefect.yaml is missing here: git checkout -- prefect.yaml")


def test_certificates_that_are_not_there_stop_the_build_before_it_begins(tmp_path):
    (found,) = check_certificates(Here(Stack({"CA_FILE": str(tmp_path / "none.pem")})))
    assert found.state == "fail"
    (tmp_path / "none.pem").touch()
    assert list(check_certificates(Here(Stack({"CA_FILE": str(tmp_path / "none.pem")})))) == []


@pytest.mark.parametrize(
    ("told_at", "ahead"),
    [
        pytest.param("2026-11-22T12:00:00.500000123Z", 0, id="within"),
        pytest.param("2026-11-22T12:00:11.000000001Z", 10, id="ahead"),
        pytest.param("2026-11-22T11:59:00Z", -60, id="behind"),
        pytest.param("2026-11-22T13:00:01+01:00", 0, id="of-another-time-zone"),
        pytest.param("", 0, id="silent"),
    ],
)
def test_a_clock_is_compared_with_the_time_that_asking_took(told_at, ahead):
    assert ahead_seconds(told_at, NOON, NOON + timedelta(seconds=1)) == pytest.approx(ahead)


@pytest.mark.parametrize(
    ("message", "say", "type_this"),
    [
        ("there is no docker here: install it", "there is no docker here", "install it"),
        ("docker info failed: a: b", "docker info failed: a: b", ""),
        ("nobody answers", "nobody answers", ""),
    ],
)
def test_a_refusal_becomes_a_finding_with_the_same_message(message, say, type_this):
    found = refused("engine", CommandFailed(message))
    assert (found.result, found.type_this, found.message) == (say, type_this, message)
