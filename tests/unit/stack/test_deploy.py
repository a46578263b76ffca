"""`deploy` starts with Prefect's server and goes on as soon as that answers."""

import pytest

from flows import server
from local.stack import deploy
from tests.deploy_job import GIVEN


@pytest.mark.parametrize(("cores", "used"), [(1, 1), (2, 2), (16, 2)])
def test_a_flow_run_may_use_two_cores_or_all_that_there_are(cores, used):
    template = deploy.read_config(GIVEN, cores).pool.template
    created = template["variables"]["properties"]["container_create_kwargs"]["default"]
    assert created["nano_cpus"] == used * 10**9


class Server:
    """Answers from the n-th question on."""

    def __init__(self, answers_at):
        self.answers_at = answers_at
        self.asked = 0

    def api_healthcheck(self):
        self.asked += 1
        return None if self.asked >= self.answers_at else ConnectionError("refused")


def test_it_goes_on_when_the_server_answers(monkeypatch):
    monkeypatch.setattr(server, "LOOK_SECONDS", 0)
    there = Server(answers_at=3)
    server.wait_for_server(there)
    assert there.asked == 3


def test_a_server_that_never_answers_is_given_up_with_what_it_said(monkeypatch):
    monkeypatch.setattr(server, "PATIENCE_SECONDS", 0)
    with pytest.raises(server.ServerUnready, match="not within 0 s: refused"):
        server.wait_for_server(Server(answers_at=9))
