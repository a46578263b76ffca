"""Checks of what `make doctor` reports, and of the commands it tells a person to type."""

import json

import pytest

from local.console.errors import CommandFailed
from local.console.finding import Finding, well
from local.console.programs import output_of
from local.stack.checks.here import Here
from local.stack.engine import Engine, docker
from local.stack.settings import Stack
from local.support.checks.clock import judged_clock
from local.support.checks.engine_place import judged_images, judged_platform, judged_socket
from local.support.checks.tools import check_buildx, judged_make, judged_python
from local.support.doctor import as_json, as_text, mend

SOCKET = "unix:///var/run/docker.sock"


@pytest.mark.parametrize(
    ("found", "state", "message"),
    [
        pytest.param(judged_make("GNU Make 4.3\nBuilt"), "ok", "GNU Make 4.3", id="make"),
        pytest.param(
            judged_make("GNU Make 3.80"), "warn", "GNU Make 3.80 is older than 3.81: update it",
            id="old-make",
        ),
        pytest.param(
            judged_make(""), "warn", "GNU make is needed, found: none: install GNU make",
            id="other-make",
        ),
        pytest.param(
            judged_python((3, 10, 12)), "fail",
            "Python 3.11 or newer is needed, .venv has 3.10.12:"
            " rm -rf .venv; make doctor PYTHON=/path/to/python3",
            id="old-python",
        ),
        pytest.param(
            judged_clock("the engine", -5), "ok", "the engine has this machine's time", id="clock"
        ),
        pytest.param(judged_socket(SOCKET, {}, is_there=True), "ok", SOCKET, id="socket"),
        pytest.param(
            judged_socket("tcp://10.0.0.7:2375", {"DOCKER_HOST": "…"}, is_there=True), "warn",
            "the engine at tcp://10.0.0.7:2375 may be another machine's: folders and ports are"
            " there then: unset DOCKER_HOST takes this machine's",
            id="remote-engine",
        ),
        pytest.param(
            judged_socket("unix:///run/user/7/docker.sock", {}, is_there=False), "warn",
            "the engine listens at unix:///run/user/7/docker.sock, and the stack's gate looks for"
            " it at /var/run/docker.sock: sudo ln -s /run/user/7/docker.sock /var/run/docker.sock",
            id="rootless-engine",
        ),
        pytest.param(judged_platform("amd64", "amd64", {}), "ok", "amd64", id="platform"),
        pytest.param(
            judged_platform("amd64", "amd64", {"DOCKER_DEFAULT_PLATFORM": "linux/arm64"}), "warn",
            "DOCKER_DEFAULT_PLATFORM asks for arm64, the engine runs amd64: emulated, slow:"
            " unset DOCKER_DEFAULT_PLATFORM",
            id="platform-by-variable",
        ),
        pytest.param(
            judged_platform("amd64", "arm64", {}), "warn",
            "Python here is amd64, the engine arm64: one of both may be emulated, slow:"
            " install arm64's Python, or that Docker",
            id="emulated-python",
        ),
    ],
)  # fmt: skip
def test_what_is_judged_tells_what_to_type(found, state, message):
    assert (found.state, found.message) == (state, message)


def test_a_clock_that_is_wrong_tells_by_how_much_and_which_way():
    late, early = judged_clock("the engine", -61.2), judged_clock("the engine", 6)
    assert (late.state, late.result) == ("warn", "the engine is 61 s behind this machine")
    assert early.result == "the engine is 6 s ahead of this machine"
    assert late.type_this


def test_images_of_another_processor_are_named_and_the_others_are_not():
    images = [("arm64", "canton-1/mocks:latest"), ("amd64", "canton-base:trixie")]
    (found,) = judged_images(images, "amd64")
    assert found.result == "not for amd64, and so run emulated and slowly: canton-1/mocks:latest"
    assert found.type_this.startswith("docker image rm canton-1/mocks:latest")


@pytest.fixture
def docker_is(tmp_path, monkeypatch):
    """A function that puts a script in the place of `docker`."""

    def put(script):
        (tmp_path / "docker").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "docker").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    return put


def test_a_docker_without_buildx_is_told_with_what_to_install(docker_is):
    here = Here(Stack({}), Engine(1, "/"))
    docker_is("exit 1")
    (found,) = check_buildx(here)
    assert (found.what, found.state) == ("buildx", "warn")
    assert found.type_this.startswith("install its plugin (Debian: docker-buildx, ")
    docker_is("echo github.com/docker/buildx v0.13.1")
    assert list(check_buildx(here)) == [well("buildx", "v0.13.1")]


def test_a_command_that_never_ends_is_not_waited_for(docker_is):
    docker_is("exec sleep 60")
    with pytest.raises(CommandFailed, match="took longer than 0 s: restart the engine"):
        docker("info", patience_seconds=0.2)


def test_a_command_that_is_not_there_or_fails_says_nothing():
    assert output_of("no-such-command-here") == ""
    assert output_of("false") == ""
    assert output_of("echo", "hello") == "hello"


def test_nothing_of_docker_is_asked_where_no_engine_answers():
    assert Here(Stack({"COMPOSE_PROJECT": "canton-1"})).of_this_stack("container") == []


def test_the_list_has_a_line_of_what_is_well_and_two_of_what_is_not():
    found = [
        well("disk", "much"),
        Finding("clock", "warn", "late", "set it"),
        Finding("files", "fail", "closed", "chmod", lambda: "opened"),
    ]
    assert as_text(found, ["opened"]).splitlines() == [
        "done: opened",
        "ok   disk           much",
        "warn clock          late",
        "                    → set it",
        "fail files          closed",
        "                    → chmod",
        "",
        "1 would stop make up; 1 to know of; make doctor FIX=1 does 1 of them, which loses nothing",
    ]
    assert as_text([well("disk", "much")]).endswith("nothing is wrong here")


def test_a_program_gets_the_same():
    found = [Finding("files", "fail", "closed", "chmod", lambda: "opened")]
    assert json.loads(as_json(found, ["opened"])) == {
        "findings": [
            {"what": "files", "state": "fail", "say": "closed", "type": "chmod", "is_fixable": True}
        ],
        "done": ["opened"],
    }


def test_what_can_not_be_mended_is_told_and_the_rest_is_mended():
    def refuse():
        raise CommandFailed("image is in use")

    found = [
        well("disk", "much"),
        Finding("old stacks", "warn", "3 images", "", refuse),
        Finding("files", "fail", "closed", "", lambda: "opened"),
    ]
    assert mend(found) == ["not done, 3 images: image is in use", "opened"]
