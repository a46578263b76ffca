"""Checks of the Docker commands that are run, with a fake `docker` that records its arguments."""

import json
import os
from pathlib import Path

import httpx
import pytest

from cloud.deploy.docker import PLATFORM, Order, ensure_image
from cloud.deploy.registry import Login, Registry
from cloud.pools.ecs import ecs_pool
from local.console.errors import CommandFailed
from tests.clouds import made_outputs, own_settings

FAKE = """#!/usr/bin/env python3
import json, os, sys
with open(os.environ["FAKE_JOURNAL"], "a") as journal:
    typed = sys.stdin.read() if "--password-stdin" in sys.argv else ""
    host = os.environ.get("DOCKER_HOST", "")
    journal.write(json.dumps({"words": sys.argv[1:], "typed": typed, "host": host}) + "\\n")
words = " ".join(sys.argv[1:])
if os.environ.get("FAKE_FAILS") and os.environ["FAKE_FAILS"] in words:
    sys.exit("no space left on device")
if "context inspect" in words:
    print("unix:///run/of-the-person.sock")
if "image inspect" in words:
    print(os.environ.get("FAKE_PLATFORM", "linux/amd64"))
"""
MANIFEST = '{"schemaVersion": 2}'
REPOSITORY = "registry.acme.com/canton"
PASSWORD = "hush"


@pytest.fixture
def journal(tmp_path, monkeypatch):
    """A function that returns the recorded calls of Docker, one item each."""
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "docker"
    fake.write_text(FAKE)
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_JOURNAL", str(tmp_path / "journal"))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    file = tmp_path / "journal"
    file.touch()
    return lambda: [json.loads(line) for line in file.read_text().splitlines()]


@pytest.fixture
def order():
    settings = {"PIP_INDEX_URL": "https://index/simple", "HTTPS_PROXY": "http://proxy:1"}
    return Order("c0ffee", "inputs-f00d", settings)


def registry(journal):
    """Has the image once it was pushed."""

    def answer(_: httpx.Request) -> httpx.Response:
        is_pushed = any("push" in call["words"] for call in journal())
        return httpx.Response(200, text=MANIFEST) if is_pushed else httpx.Response(404)

    return Registry(REPOSITORY, Login("AWS", PASSWORD), httpx.MockTransport(answer))


def test_an_image_is_built_pushed_and_read_back(journal, order):
    digest = ensure_image(registry(journal), order, lambda _: None)
    assert digest.startswith("sha256:")
    words = [
        call["words"] for call in journal() if "push" in call["words"] or "build" in call["words"]
    ]
    build, push = words
    assert "--target=pipeline" in build
    assert f"--platform={PLATFORM}" in build
    assert "--label=org.opencontainers.image.revision=c0ffee" in build
    assert "--build-arg=PIP_INDEX_URL=https://index/simple" in build
    assert {"--build-arg=HTTPS_PROXY=http://proxy:1", "--build-arg=https_proxy=http://proxy:1"} < {
        *build
    }
    assert push[-1] == f"{REPOSITORY}:inputs-f00d"


def test_the_login_is_typed_kept_apart_and_forgotten(journal, order):
    ensure_image(registry(journal), order, lambda _: None)
    (login,) = (call for call in journal() if "login" in call["words"])
    assert login["typed"] == PASSWORD
    assert PASSWORD not in " ".join(login["words"])
    folder = Path(login["words"][login["words"].index("--config") + 1])
    assert not folder.exists()
    assert login["host"] == "unix:///run/of-the-person.sock"


def test_an_image_that_is_there_is_not_built_again(journal, order):
    there = Registry(REPOSITORY, None, httpx.MockTransport(lambda _: httpx.Response(200, text="m")))
    ensure_image(there, order, lambda _: None)
    assert journal() == []


def test_an_image_for_another_machine_is_refused(journal, order, monkeypatch):
    monkeypatch.setenv("FAKE_PLATFORM", "linux/arm64")
    with pytest.raises(CommandFailed, match="ECS runs linux/amd64"):
        ensure_image(registry(journal), order, lambda _: None)
    assert not [call for call in journal() if "push" in call["words"]]


def test_a_failure_of_docker_is_told_in_its_own_words(journal, order, monkeypatch):
    monkeypatch.setenv("FAKE_FAILS", "build")
    with pytest.raises(CommandFailed, match="docker build failed:\nno space left on device"):
        ensure_image(registry(journal), order, lambda _: None)


def test_the_image_is_for_the_platform_of_the_task():
    settings = own_settings()
    pool = ecs_pool(settings, made_outputs(settings), "r@sha256:0")
    platform = pool.template["job_configuration"]["task_definition"]["runtimePlatform"]
    assert platform == {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"}
    assert PLATFORM == "linux/amd64"
