"""`make run` as a user types it: stopped anywhere, it leaves no process and loses nothing."""

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from local.support.runs import newest_log, newest_runs
from tests.unit.docs.documents import Document

ROOT = Path(__file__).parents[3]
HISTORY = 300
FOREIGN = ("CANTON_", "MAKE", "MFLAGS")  # settings, and what an outer make was given
GONE_SECONDS = 10
PATIENCE_SECONDS = 100


class User:
    """Types `make` in a terminal, with state of their own."""

    def __init__(self, folder):
        self.state = folder / "state"
        self.screen = folder / "screen.txt"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)},
            "STATE": str(self.state),
            "AWS_PROFILE": "nobodys",  # an account that a shell leads to is none of its business
            "AT": "embedded",  # whether a stack of this clone is up or not
            "PYTHONUNBUFFERED": "1",
        }

    def starts(self, *options):
        """A `make run`, printing on the screen."""
        command = ["make", "run", f"HISTORY={HISTORY}", "SEED=terminal", *options]
        with self.screen.open("wb") as screen:
            return subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=screen, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    def types(self, *command):
        """The lines that a short command prints."""
        done = subprocess.run(
            ["make", *command], cwd=ROOT, env=self._environment, capture_output=True, text=True,
            check=True, timeout=PATIENCE_SECONDS,
        )  # fmt: skip
        return done.stdout.splitlines()

    def processes(self):
        """Everything that runs on this state, whoever its parent is by now."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get("STATE") == str(self.state):
                    found.append(process)
        return found

    def process(self, words):
        """The process with these words on its command line, once it is there."""
        return awaited(lambda: next((p for p in self.processes() if says(p, words)), None))

    def sees(self, words):
        """Waits for these words on the screen."""
        awaited(lambda: words in self.screen.read_text())

    def is_alone(self):
        """Waits until nothing runs on this state any more."""
        awaited(lambda: not self.processes(), GONE_SECONDS)

    def counts(self):
        """Updates by layer, as the warehouse that is stopped has them."""
        # "$u" would be nothing if make took it for a variable of its own.
        question = 'select layer, sum(update_count) as "$updates" from ops.batches group by layer'
        rows = [json.loads(row) for row in self.types("sql", f"Q={question}", "FORMAT=json")]
        return {row["layer"]: row["$updates"] for row in rows}


def awaited(condition, seconds=PATIENCE_SECONDS):
    """The condition's first true answer."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
    return answer


def columns(text):
    """The columns of each table that is printed in a text."""
    return [
        [name.strip() for name in head.split("│")]
        for head, line in pairwise(text.splitlines())
        if "─┼─" in line
    ]


def says(process, words):
    with suppress(psutil.Error):
        return words in " ".join(process.cmdline())
    return False


@pytest.fixture
def user(tmp_path):
    someone = User(tmp_path)
    yield someone
    for process in someone.processes():  # of a test that failed
        with suppress(psutil.Error):
            process.kill()


@pytest.mark.timeout(300)
def test_a_run_that_is_stopped_four_ways_loses_nothing(user):
    run = user.starts()
    user.process("mocks.snowflake")
    os.killpg(run.pid, signal.SIGINT)  # Ctrl-C
    assert run.wait(PATIENCE_SECONDS) == -signal.SIGINT
    assert "stopped; nothing is lost, the next make run goes on" in user.screen.read_text()
    user.is_alone()

    run = user.starts()
    user.process("-m local run").kill()
    run.wait(PATIENCE_SECONDS)
    user.is_alone()

    run = user.starts()
    user.process("mocks.snowflake").kill()
    assert run.wait(PATIENCE_SECONDS) == 2, "make's code for a recipe that failed"
    assert "error: snowflake ended with exit code -9" in user.screen.read_text()
    user.is_alone()

    run = user.starts()
    user.sees("stands at genesis")
    run.kill()
    run.wait()
    user.is_alone()

    run = user.starts()
    assert run.wait(PATIENCE_SECONDS) == 0, user.screen.read_text()
    user.is_alone()
    said = user.screen.read_text()
    for heading in ("gold: busiest accounts", "gold: latest minutes", "layers", "What to try next"):
        assert heading in said
    assert columns(said) == columns((ROOT / "README.md").read_text()), "what the page shows"
    counts = user.counts()
    assert counts.keys() == {"bronze", "silver", "gold"}
    assert HISTORY <= counts["bronze"] < 2 * HISTORY
    assert set(counts.values()) == {counts["bronze"]}

    (database,) = user.state.glob("*/prefect/prefect.db")
    assert newest_runs(database, 1)[0]["state_name"] == "Completed"
    assert "gold: batch" in newest_log(database, 300)

    told = user.types("run", "FLOW=audit", "DAYS=1", "SEED=terminal")
    assert columns("\n".join(told)) == [], "an audit writes no layer"
    assert "updates are as bronze loaded them; days read: 1 of 1" in newest_log(database, 50)
    assert "canton-audit-raw" in str(newest_runs(database, 1)[0])
    told = user.types("run", "FLOW=silver", "REBUILD_FROM=1", "SEED=terminal")
    assert [line.split()[0] for line in told if " Completed" in line] == ["silver"]
    assert user.counts() == {**counts, "silver": 2 * counts["silver"]}

    user.types("reset", "YES=1")
    assert not user.state.exists() or list(user.state.iterdir()) == []


@pytest.mark.timeout(300)
def test_a_run_that_fails_shows_what_slack_received_and_what_opens_its_links_again(user, tmp_path):
    (text,) = Document(ROOT / "docs/get-started.md").blocks("json")
    (tmp_path / "odd.json").write_text(text)
    run = user.starts(f"REPLAY={tmp_path}/odd.json")
    assert run.wait(PATIENCE_SECONDS) == 2, "make's code for a recipe that failed"
    said = user.screen.read_text()
    assert "Slack received 1:\n  :x: *canton-transactions-bronze* failed at a quality rule" in said
    opens = f"./pipeline open --at embedded --state {user.state}"
    assert f"ended with the run: {opens} opens Prefect's again" in said
