"""`make doctor` and `./pipeline report` on a stack that is up, and after one without a clone."""

import json
import shutil
import subprocess
import zipfile

import pytest

from local.stack.settings import project_of
from tests.clone import until
from tests.e2e.engine import NOTHING, PROJECT, SERVICE


def findings(clone, *words):
    done = clone.make("doctor", "FORMAT=json", *words)
    return done.returncode, json.loads(done.stdout)


def test_the_doctor_finds_nothing_that_stops_the_stack_that_is_up(up):
    code, told = findings(up)
    assert code == 0, told
    states = {one["what"]: one["state"] for one in told["findings"]}
    for what in ("Docker engine", "Compose", "memory", "disk", "ports", "files", "clock"):
        assert states[what] == "ok", what
    said = [one["say"] for one in told["findings"] if one["what"] == "clock"]
    assert said == [
        "Docker's engine has this machine's time",
        "Prefect's server has this machine's time",
    ]


def test_a_paused_service_is_told_by_doctor_and_status(up, engine):
    slack = engine.containers(up.project)["slack"]
    slack.pause()
    try:
        _, told = findings(up)
        status = up.status()
    finally:
        slack.unpause()
    assert "slack is paused" in [one["say"] for one in told["findings"]]
    assert {"service": "slack", "problem": "paused"} in status["problems"]


def test_what_ran_out_of_memory_is_told_although_it_is_gone(up, engine):
    labels = {PROJECT: up.project, SERVICE: "flow-run"}
    greedy = engine.client.containers.run(
        up.settings["FLOW_IMAGE"], ["python", "-c", "b'x' * 10**9"], labels=labels,
        mem_limit="64m", memswap_limit="64m", init=True, detach=True,
    )  # fmt: skip
    assert greedy.wait(timeout=60)["StatusCode"] == 137
    greedy.remove()

    def warnings():
        said = [one["warning"] for one in up.status()["warnings"]]
        return [one for one in said if one.startswith("flow-run ran out of memory")]

    until(warnings, "make status tells of it", seconds=60)
    _, told = findings(up)
    (found,) = [one for one in told["findings"] if one["say"].startswith("flow-run ran out")]
    assert found["type"].startswith("make up FLOW_MEMORY=…")


def test_a_report_of_the_stack_has_its_logs_and_runs_and_none_of_its_passwords(up):
    printed = up.makes("report")
    (file,) = up.path.glob("canton-report-*.zip")
    assert file.name in printed
    with zipfile.ZipFile(file) as archive:
        texts = {name.partition("/")[2]: archive.read(name).decode() for name in archive.namelist()}
    file.unlink()
    passwords = [value for name, value in up.settings.items() if "PASSWORD" in name]
    passwords.append(up.settings["PREFECT_AUTH"].partition(":")[2])
    assert [name for name, text in texts.items() if any(one in text for one in passwords)] == []
    wanted = {"configuration/compose.yml", "runs/stack.jsonl", "warehouse/stack-batches.jsonl"}
    logs = {f"logs/stack/{name}.log" for name in ("snowflake", "prefect-server", "deploy")}
    assert wanted | logs <= set(texts)


@pytest.fixture
def gone(tmp_path):
    """The project of a clone that was deleted with a container, an image and data still there."""
    folder = tmp_path / "gone"
    folder.mkdir()
    project = project_of(folder)
    labels = [f"com.docker.compose.project={project}"]
    folder_label = f"com.docker.compose.project.working_dir={folder}"
    image = f"{project}/mocks:latest"
    run("docker", "tag", "canton-base:trixie", image)
    run("docker", "volume", "create", "--label", labels[0], f"{project}_data")
    chosen = [word for label in (*labels, folder_label) for word in ("--label", label)]
    run("docker", "create", "--name", f"{project}-one", *chosen, image, "true")
    shutil.rmtree(folder)
    yield project
    for kind, name in (("container", f"{project}-one"), ("image", image)):
        subprocess.run(["docker", kind, "rm", name], check=False, capture_output=True)
    run("docker", "volume", "rm", f"{project}_data")


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


def test_what_a_deleted_clone_left_is_removed_but_its_data(clone, engine, gone):
    _, told = findings(clone, "FIX=1")
    assert f"removed 1 containers, 1 images of {gone}" in told["done"]
    assert {**engine.everything(gone), "volumes": set()} == {**NOTHING, "volumes": set()}
    (left,) = [one for one in told["findings"] if gone in one["say"]]
    assert "if it is gone: docker volume rm" in left["type"]
    assert left["is_fixable"] is False
