"""`make status` shows runs under way and bad ends first, however many runs wait."""

from local.stack.status import ENDED, POOL, UNDER_WAY, WAITING, last_runs, waiting_runs


class Server:
    def __init__(self):
        self.runs = {UNDER_WAY: [], ENDED: [], WAITING: []}

    def runs_in(self, pool, states, _, count):
        assert pool == POOL
        return self.runs[states][:count]

    def count_in(self, _, states):
        return len(self.runs[states])


def run(name, state, start="2026-11-21T08:00:00.123456Z"):
    return {
        "name": name, "state_type": state.upper(), "state_name": state, "start_time": start,
        "expected_start_time": "2026-11-21T07:59:00.5Z", "estimated_run_time": 1.26,
    }  # fmt: skip


def test_runs_that_wait_hide_no_others():
    asked = Server()
    asked.runs[UNDER_WAY] = [run("works", "Running")]
    asked.runs[ENDED] = [run("newest", "Completed"), run("broke", "Failed"), run("old", "Crashed")]
    asked.runs[WAITING] = [run(f"waits-{number}", "Scheduled", None) for number in range(250)]
    shown = last_runs(asked)
    assert [one["run"] for one in shown] == [
        "works", "broke", "old", "newest", "waits-0", "waits-1", "waits-2"
    ]  # fmt: skip
    assert shown[0] == {
        "run": "works", "state": "Running", "started": "2026-11-21T08:00:00Z", "seconds": 1.3
    }  # fmt: skip
    assert shown[-1]["started"] == ""
    (waiting,) = waiting_runs(asked)
    assert waiting == {"count": 250, "first": "waits-0", "since": "2026-11-21T07:59:00Z"}


def test_without_runs_that_wait_nothing_is_said_of_them():
    assert waiting_runs(Server()) == []
