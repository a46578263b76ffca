"""The folder, opened as editors open it: with the CLI of containers.dev, in a copy of the clone."""

import json
import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clone import Clone, made_clone, until
from tests.dap import debugger, line_of, two_ports

CLI = Path(__file__).parent / "node_modules" / ".bin" / "devcontainer"
OWNER = 4321  # of the clone, where this user is root: what a laptop's user is there
COMPOSE = ("docker", "compose", "--file", ".devcontainer/compose.yaml")
MOST_SECONDS = 60
IDENTITY = ("-c", "user.name=x", "-c", "user.email=x@example")
ACCOUNT = {"AWS_SECRET_ACCESS_KEY": "of-a-person", "SNOWFLAKE_PASSWORD": "of-a-person"}


@dataclass(frozen=True)
class DevContainer:
    """A clone that is open; `settings` is what the CLI said of it, `seconds` its last command's."""

    clone: Clone
    owner: int
    settings: dict[str, str]
    seconds: float

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command inside the dev container; return the output and exit code."""
        return cli(self.clone, "exec", *command)

    def runs(self, *command: str) -> str:
        """Run a command that must succeed; return its output."""
        done = self.run(*command)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def words(clone, verb, *more):
    folders = ("--workspace-folder", str(clone.path), "--user-data-folder", f"{clone.path}-cli")
    return str(CLI), verb, *folders, *more


def cli(clone, verb, *more):
    return clone.run(*words(clone, verb, *more), **ACCOUNT)


def last_line(done):
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-4000:]}"
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A copy whose owner is an ordinary user, with an environment of the machine's in it."""
    with made_clone(tmp_path_factory.mktemp("clone")) as made:
        for command in (("init",), ("add", "."), (*IDENTITY, "commit", "--message=x")):
            made.run("git", *command).check_returncode()
        environment = made.path / ".venv"
        ours = environment.readlink()
        environment.unlink()
        environment.mkdir()
        (environment / "of-the-machine").touch()
        if os.geteuid() == 0:
            subprocess.run(["chown", "--recursive", f"{OWNER}:{OWNER}", made.path], check=True)
        yield made
        made.run(*COMPOSE, "down", "--volumes", "--rmi", "all", "--timeout", "1")
        (environment / "of-the-machine").unlink()
        environment.rmdir()
        environment.symlink_to(ours)


@pytest.fixture(scope="module")
def opened(clone):
    said = last_line(cli(clone, "up", "--skip-post-create"))
    began = time.monotonic()
    last_line(cli(clone, "run-user-commands"))
    return DevContainer(clone, clone.path.stat().st_uid, said, time.monotonic() - began)


def test_it_is_open_within_a_minute_of_its_image(opened):
    assert opened.settings["outcome"] == "success"
    assert opened.seconds < MOST_SECONDS


def test_it_is_a_project_of_its_own_at_the_path_of_the_machine(opened):
    path = str(opened.clone.path)
    assert opened.settings["remoteWorkspaceFolder"] == path
    assert opened.runs("pwd").strip() == path
    name = opened.settings["composeProjectName"]
    assert name.startswith("canton-devcontainer-")
    plan = "import os; from local.stack.settings import plan_stack; print(plan_stack({}).project)"
    stacks = opened.runs(".venv/bin/python", "-c", plan).strip()
    assert name.removeprefix("canton-devcontainer-") == stacks.removeprefix("canton-")


def test_its_user_is_the_clones_owner_and_nobody_with_more_rights(opened):
    assert opened.runs("id", "--user").strip() == str(opened.owner)
    assert opened.owner != 0
    opened.runs("touch", "made-inside")
    assert (opened.clone.path / "made-inside").stat().st_uid == opened.owner


def test_its_python_is_the_images_and_the_machines_environment_is_left_alone(opened):
    assert opened.runs(".venv/bin/python", "--version").startswith("Python 3.13.")
    assert opened.run("ls", ".venv/of-the-machine").returncode
    assert [one.name for one in (opened.clone.path / ".venv").iterdir()] == ["of-the-machine"]


def test_it_has_the_tools_and_no_account_of_the_machine(opened):
    for tool in ("git", "make", "curl", "node", "npm"):
        opened.runs(tool, "--version")
    opened.runs("docker", "compose", "version")
    said = opened.runs("env")
    assert not [name for name in ACCOUNT if f"{name}=" in said]


def test_the_whole_lock_works_in_it_on_the_python_of_the_images(opened):
    said = opened.runs("make", "test", "T=tests/unit")
    assert int(re.search(r"(\d+) passed", said)[1]) > 1000


def test_checks_run_in_it(opened):
    opened.runs(".venv/bin/ruff", "check", ".")
    opened.runs(".venv/bin/lint-imports")


def test_a_debugger_of_the_machine_halts_a_flow_in_it(opened, tmp_path):
    flow, port = opened.clone.path / "flows" / "bronze_transactions.py", two_ports()
    line = line_of(flow, "return start_over_when_moved(")
    asked = ("./pipeline", "debug", "bronze", "--history", "40", "--debug-port", str(port))
    screen = tmp_path / "screen"
    with screen.open("wb") as output:
        debugged = subprocess.Popen(
            words(opened.clone, "exec", *asked), cwd=opened.clone.path,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    waits = f"waiting for a debugger on 127.0.0.1:{port}"
    until(lambda: waits in screen.read_text(), f"{waits} in {screen.read_text()}", 120)
    with debugger(port) as session:
        session.attach({flow: [line]})
        halt = session.halted()
        assert halt.line == (str(flow), line)
        assert halt.variables()["budget_pages"] == "200"
        halt.go_on()
    assert debugged.wait(120) == 0, screen.read_text()


def test_the_stack_starts_from_inside_and_ends_without_the_editor(opened):
    opened.runs("make", "up", "HISTORY=500")
    assert " healthy " in opened.runs("make", "status")
    assert "Completed" in opened.runs("make", "trigger", "BUDGET_PAGES=1")
    row = opened.runs(
        "make", "sql", "Q=select count(*) as n from bronze.canton_transactions_raw", "FORMAT=json"
    )
    assert json.loads(row.splitlines()[-1])["n"] > 0
    opened.runs("make", "down")
    opened.runs("true")
