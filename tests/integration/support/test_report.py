"""A report is packed where nothing works, and holds no secret that lies anywhere around."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.clone import made_clone

KEY = "-----BEGIN {0}-----\nMIIplantedKeyBody0123456789\n-----END {0}-----\n".format("PRIVATE KEY")
FILES = {
    ".env": "SNOWFLAKE_PASSWORD=planted-dotenv\n",
    ".stack/env": (
        "COMPOSE_PROJECT=canton-000000\nPOSTGRES_PASSWORD=planted-postgres\n"
        "PREFECT_AUTH=admin:planted-prefect\nWAREHOUSE_PASSWORD=planted-warehouse\n"
    ),
    ".stack/warehouse_key": KEY,
    ".local/mock/state.json": '{"format": 1, "network": "mock", "token": "planted-state"}',
    ".local/mock/secrets.json": '{"warehouse_password": "planted-local"}',
    ".local/mock/running.json": "{}",
    ".local/mock/logs/prefect.log": (
        "login with planted-local and planted-postgres\n"
        "GET /x Authorization: Bearer planted0bearer\n"
        "postgresql://me:planted-url@db/x\n"
        f"{KEY}an ordinary line\n"
    ),
    "docker-compose.override.yml": "services: {slack: {environment: {X_TOKEN: planted-compose}}}\n",
}
SHELL = {
    "AWS_SECRET_ACCESS_KEY": "planted/shell+key",
    "AWS_ACCESS_KEY_ID": "AKIA" + "PLANTEDPLANTED12",
    "PREFECT_API_KEY": "pnu_planted",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/planted",
    "HTTPS_PROXY": "http://me:planted-proxy@127.0.0.1:1",
    "PIP_INDEX_URL": "https://me:planted-index@index.example/simple",
    "DOCKER_HOST": "tcp://127.0.0.1:1",
}
DOCKER = """#!/bin/sh
[ "$2" != version ] || { echo 2.30.0; exit; }
echo "Cannot connect to the Docker daemon" >&2
exit 1
"""


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    with made_clone(tmp_path_factory.mktemp("clone"), SHELL) as made:
        for name, text in FILES.items():
            (made.path / name).parent.mkdir(parents=True, exist_ok=True)
            (made.path / name).write_text(text)
        (made.path / ".docker").mkdir()
        (made.path / ".docker" / "docker").write_text(DOCKER)
        (made.path / ".docker" / "docker").chmod(0o755)
        yield made


def supports(clone, command, **environment):
    path = f"{clone.path / '.docker'}:{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "local", command],
        cwd=clone.path, env={**os.environ, **SHELL, "PATH": path, **environment},
        capture_output=True, text=True, check=False, timeout=110,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done


def test_a_report_without_engine_or_stack_holds_no_secret_and_says_what_it_lacks(clone):
    done = supports(clone, "report")
    assert done.returncode == 0, done.stderr
    (file,) = clone.path.glob("canton-report-*.zip")
    assert file.name in done.stdout
    assert file.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(file) as archive:
        texts = {Path(name).name: archive.read(name).decode() for name in archive.namelist()}
    assert [name for name, text in texts.items() if "planted" in text.lower()] == []
    assert "planted" not in done.stdout.lower()
    assert "an ordinary line" in texts["prefect.log"]
    assert "COMPOSE_PROJECT=canton-000000" in texts["env-of-stack"]
    assert "SNOWFLAKE_PASSWORD=***" in texts["env-of-clone"]
    assert "\npytest " in texts["packages.txt"]
    assert "no Docker engine answers" in texts["doctor.txt"]
    assert "logs/stack: no Docker engine answers" in texts["README.txt"]
    ignored = (clone.path / ".gitignore").read_text().splitlines()
    assert "/canton-report-*.zip" in ignored


def test_the_doctor_tells_what_stops_a_start_without_an_engine_and_mends_what_it_can(clone):
    (clone.path / "flows").chmod(0o700)
    done = supports(clone, "doctor", FIX="1", FORMAT="json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["done"] == [
        "chmod -R go+rX flows (1 files and folders)",
        "removed .local/mock/running.json",
    ]
    found = {one["what"]: one for one in told["findings"] if one["state"] != "ok"}
    assert found["Docker engine"]["state"] == "fail"
    typed = [one["type"] for one in told["findings"]]
    assert [one for one in typed if one.startswith("unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY")]
    assert {"make run", "files"}.isdisjoint(found)
    assert "planted" not in done.stdout.lower()


def test_the_stack_of_another_clone_is_not_taken_for_this_ones(clone, tmp_path):
    (tmp_path / ".stack").mkdir()
    (tmp_path / ".stack" / "env").touch()
    env = clone.path / ".stack" / "env"
    env.write_text(f"{env.read_text()}CLONE={tmp_path}\n")
    done = supports(clone, "doctor")
    assert done.returncode == 1
    assert f"fail clone          .stack is a copy of the one in {tmp_path}" in done.stdout
