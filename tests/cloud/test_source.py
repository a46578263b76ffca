"""Checks that a deploy is of a commit and that an image's inputs are known by their content."""

import re
import subprocess
from pathlib import Path

import pytest

from cloud.deploy.refusing import explain_source
from cloud.plan.source import IMAGE_INPUTS, read_source
from local.console.errors import CommandFailed


@pytest.fixture
def copy(tmp_path):
    """A working copy with one commit."""
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "config", "user.name", "Ada")
    git(tmp_path, "config", "user.email", "ada@acme.com")
    write(tmp_path, "flows/x.py")
    write(tmp_path, "README.md")
    commit(tmp_path)
    return tmp_path


def git(folder, *arguments):
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def write(folder, name, text="1"):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def commit(folder):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "x")


def test_a_commit_is_deployed_by_whom_git_names(copy):
    found = read_source(copy)
    assert re.fullmatch("[0-9a-f]{40}", found.commit)
    assert found.person == "Ada <ada@acme.com>"
    assert explain_source(found) == []


@pytest.mark.parametrize(
    "name", ["README.md", "new file.txt", "flows/x.py", "cloud/infra/outputs.json"]
)
def test_what_is_not_committed_is_named(copy, name):
    write(copy, name, "2")
    assert explain_source(read_source(copy)) == [f"not committed: {name}"]


def test_records_of_deploys_may_wait_for_their_commit(copy):
    write(copy, "cloud/records/prod/20261121T000000Z.json")
    assert read_source(copy).uncommitted == ()


def test_an_image_is_another_one_when_what_it_is_made_of_changes(copy):
    before = read_source(copy).image_inputs
    write(copy, "README.md", "2")
    commit(copy)
    assert read_source(copy).image_inputs == before
    write(copy, "flows/x.py", "2")
    commit(copy)
    assert read_source(copy).image_inputs != before


def test_a_folder_without_git_is_refused(tmp_path):
    with pytest.raises(CommandFailed, match="what is deployed is a commit"):
        read_source(tmp_path)


def test_all_that_the_dockerfile_copies_into_the_image_counts():
    text = Path("docker/Dockerfile").read_text()
    stages = dict(
        re.findall(r"^FROM \S+ AS (\S+)\n(.*?)(?=^FROM|\Z)", text, re.DOTALL | re.MULTILINE)
    )
    named = re.findall(r"^FROM (\S+) AS (\S+)$", text, re.MULTILINE)
    parents = {stage: parent for parent, stage in named}
    needed, left = set(), {"pipeline"}
    while left:
        stage = left.pop()
        needed.add(stage)
        found = {parents[stage], *re.findall(r"^COPY --from=(\S+)", stages[stage], re.MULTILINE)}
        left |= (found & stages.keys()) - needed
    assert "ecs-worker" in needed
    copied = {
        name
        for body in (stages[stage] for stage in needed)
        for name in re.findall(r"^COPY (?!--from)(?:--\S+ )*(\S+) \S+$", body, re.MULTILINE)
    }
    assert copied == {*IMAGE_INPUTS} - {".dockerignore", "tools/base-image", "docker/Dockerfile"}
