"""`make trigger` shows each line of a run once, however late it comes."""

from datetime import UTC, datetime, timedelta

import pytest

from local.stack.run_log import RunLog

BEGAN = datetime(2026, 11, 21, 8, tzinfo=UTC)


class Server:
    """Answers as Prefect's server does: lines after a time, oldest first, a page of 200."""

    def __init__(self):
        self.lines = []

    def log(self, seconds, message, run_id="run"):
        at = BEGAN + timedelta(seconds=seconds)
        line = {"id": str(len(self.lines)), "timestamp": at.isoformat(), "message": message}
        self.lines.append({**line, "flow_run_id": run_id})

    def subruns(self, _):
        return [{"id": "child"}]

    def logs(self, run_ids, after, offset):
        found = [
            line
            for line in sorted(self.lines, key=lambda line: line["timestamp"])
            if line["flow_run_id"] in run_ids and line["timestamp"] > after.isoformat()
        ]
        return found[offset : offset + 200]


def test_lines_come_once_from_the_run_and_its_subflows():
    server = Server()
    log = RunLog(server, "run")
    server.log(1, "bronze: page 1")
    server.log(2, "gold: batch 1", "child")
    server.log(2, "of another run", "other")
    assert list(log.new_lines()) == ["08:00:01 | bronze: page 1", "08:00:02 | gold: batch 1"]
    assert list(log.new_lines()) == []


def test_a_line_that_arrives_after_a_younger_one_is_shown():
    server = Server()
    log = RunLog(server, "run")
    server.log(5, "younger")
    assert list(log.new_lines()) == ["08:00:05 | younger"]
    server.log(3, "older")
    assert list(log.new_lines()) == ["08:00:03 | older"]


def test_no_line_of_many_is_lost():
    server = Server()
    for second in range(450):
        server.log(second, f"page {second}")
    assert len(list(RunLog(server, "run").new_lines())) == 450


@pytest.mark.parametrize(
    "line",
    [
        "Beginning flow run 'grim-hog' for flow 'canton-transactions-silver'",
        "Flow run 'grim-hog' submitted to infrastructure",
        "Running 1 deployment pull step(s)",
        "Executing deployment step: set_working_directory",
        "Deployment step 'set_working_directory' completed successfully",
        "All deployment steps completed successfully",
    ],
)
def test_what_prefect_says_of_itself_is_left_out(line):
    server = Server()
    server.log(1, line)
    assert list(RunLog(server, "run").new_lines()) == []


def test_a_log_is_whole_when_the_runs_own_last_line_is_there():
    server = Server()
    log = RunLog(server, "run")
    server.log(1, "Finished in state Completed()", "child")
    assert (list(log.new_lines()), log.is_whole) == ([], False)
    server.log(2, "Finished in state Completed()")
    assert (list(log.new_lines()), log.is_whole) == ([], True)


def test_a_brief_log_is_without_tracebacks():
    server = Server()
    server.log(1, "Retries are exhausted\nTraceback (most recent call last):\n  File x")
    whole, brief = (list(RunLog(server, "run", is_brief=one).new_lines()) for one in (False, True))
    assert brief == ["08:00:01 | Retries are exhausted"]
    assert whole == [f"{brief[0]}\nTraceback (most recent call last):\n  File x"]
