"""Following a run outlasts a Prefect server that is killed, restarts or hangs."""

import httpx
import pytest

from local.console.errors import CommandFailed
from local.stack.runs import AWAY_SECONDS, Outage, follow, outage_explained

REQUEST = httpx.Request("GET", "http://127.0.0.1/api/flow_runs/run")
LINE = {"id": "1", "timestamp": "2026-11-21T08:00:00+00:00", "message": "gold: batch 1 committed"}
LAST = {**LINE, "id": "2", "message": "Finished in state Completed()"}


def refusal(status):
    return httpx.HTTPStatusError(
        f"{status} for url", request=REQUEST, response=httpx.Response(status)
    )


class Server:
    """Answers with a run's states one after the other; an error among them is raised."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def run(self, _):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {"state_type": answer, "state_name": answer.title(), "state": {}}

    def subruns(self, _):
        return []

    def logs(self, *_):
        return [{**one, "flow_run_id": "run"} for one in (LINE, LAST)]


def at_once(_):
    """No pause."""


@pytest.mark.parametrize(
    "errors",
    [
        [httpx.ConnectError("[Errno 111] Connection refused")] * 3,
        [httpx.ReadTimeout("timed out")],
        [httpx.RemoteProtocolError("Server disconnected"), httpx.ConnectError("refused")],
        [refusal(500), refusal(503)],
    ],
    ids=["killed", "paused", "restarted", "without its database"],
)
def test_a_run_is_followed_on_once_the_server_is_back(errors, capsys):
    server = Server("RUNNING", *errors, "RUNNING", "COMPLETED")
    assert follow(server, "run", pause=at_once)["state_type"] == "COMPLETED"
    first, lost, back = capsys.readouterr().out.splitlines()
    assert first.endswith("gold: batch 1 committed")
    assert lost.startswith(f"Prefect's server doesn't answer ({errors[0]}): the run goes on")
    assert back == "Prefect's server answers again, after 0 s"


def test_a_run_that_is_not_there_any_more_is_not_waited_for():
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        follow(Server("RUNNING", refusal(404)), "run", pause=at_once)


@pytest.mark.parametrize(
    ("error", "say"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), "doesn't answer ([Errno 111] Conn"),
        (httpx.ReadTimeout(""), "doesn't answer (ReadTimeout): "),
        (refusal(503), "answers 503: "),
    ],
    ids=["killed", "paused", "without its database"],
)
def test_a_service_that_is_away_as_a_run_shall_begin_is_named_with_what_to_type(error, say):
    with pytest.raises(CommandFailed) as refused, outage_explained("Prefect's server"):
        raise error
    assert str(refused.value).startswith(f"Prefect's server {say}")
    assert str(refused.value).endswith(
        ": make status tells how it is, make up starts what is missing"
    )


def test_a_server_that_stays_away_is_given_up():
    times = iter([0.0, AWAY_SECONDS, AWAY_SECONDS + 1.0])
    outage, error = Outage(lambda: next(times)), httpx.ConnectError("refused")
    assert "doesn't answer (refused)" in outage.note(error)
    assert outage.note(error) is None
    with pytest.raises(httpx.ConnectError):
        outage.note(error)
