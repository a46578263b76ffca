"""Checks that a hostile web page can do nothing to any mock of a running `make run` or stack."""

from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from local.embedded.children import Children, ChildSpec, free_port

EVIL = "https://evil.example"
HEALTH = "/_localstack/health"  # of ministack


@dataclass(frozen=True)
class Mock:
    """A mock as a process: its address, something to read there, and something to change."""

    url: str
    read: str
    change: tuple[str, str]

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def ask(self, method: str, path: str, **headers: str) -> httpx.Response:
        body = {"content-type": "application/json"} if method == "POST" else {}
        with httpx.Client(trust_env=False) as client:
            content = b'{"text": "hello"}' if body else None
            return client.request(
                method, f"{self.url}{path}", headers={**body, **headers}, content=content
            )


def started(children: Children, name: str, ready: str, *arguments: str) -> str:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    arguments = ("--port", str(port), *arguments)
    spec = ChildSpec(f"guarded-{name}", f"mocks.{name}", arguments, ready_url=f"{url}{ready}")
    children.wait_ready(children.start(spec))
    return url


@pytest.fixture(scope="session")
def canton_scan(children, tmp_path_factory) -> Mock:
    state = Path(tmp_path_factory.mktemp("guarded")) / "scan.json"
    url = started(
        children, "canton_scan", "/api/scan/readyz", "--state", str(state), "--history", "50"
    )
    return Mock(url, "/api/scan/version", ("DELETE", "/_mock/faults"))


@pytest.fixture(scope="session")
def slack(children, tmp_path_factory) -> Mock:
    inbox = Path(tmp_path_factory.mktemp("guarded")) / "inbox.jsonl"
    url = started(children, "slack", "/readyz", "--inbox", str(inbox))
    return Mock(url, "/messages", ("POST", "/services/local"))


@pytest.fixture(scope="session")
def s3(s3_endpoint) -> Mock:
    return Mock(s3_endpoint, HEALTH, ("PUT", "/guarded"))


@pytest.fixture(scope="session")
def aws(children) -> Mock:
    """The emulated AWS of `./pipeline rehearse`."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0"}
    spec = ChildSpec("guarded-aws", "mocks.aws", env=settings, ready_url=f"{url}{HEALTH}")
    children.wait_ready(children.start(spec))
    return Mock(url, HEALTH, ("PUT", "/guarded"))


@pytest.fixture(scope="session")
def snowflake(local_snowflake) -> Mock:
    url = f"http://127.0.0.1:{local_snowflake.port}"
    return Mock(url, "/", ("POST", "/telemetry/send"))


@pytest.fixture(params=["canton_scan", "slack", "s3", "aws", "snowflake"])
def mock(request) -> Mock:
    return request.getfixturevalue(request.param)


def test_a_program_is_served(mock):
    assert mock.ask("GET", mock.read).status_code == 200
    assert mock.ask(*mock.change).status_code == 200


def test_the_mocks_own_page_is_served(mock):
    origin = f"http://{mock.host}"
    assert mock.ask("GET", mock.read, origin=origin).status_code == 200
    assert mock.ask(*mock.change, origin=origin).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param(EVIL, id="another site"),
        pytest.param("http://127.0.0.1:1", id="another port of this machine"),
        pytest.param("null", id="a sandboxed frame, a file, a redirect"),
    ],
)
def test_a_page_of_another_origin_can_neither_change_nor_read(mock, origin):
    for method, path in (mock.change, ("GET", mock.read), ("OPTIONS", mock.change[1])):
        answer = mock.ask(method, path, origin=origin)
        assert answer.status_code == 403
        assert repr(origin) in answer.text
        assert "access-control-allow-origin" not in answer.headers


def test_a_public_name_that_was_rebound_to_this_machine_is_refused(mock):
    for method, path in (mock.change, ("GET", mock.read)):
        answer = mock.ask(method, path, host="evil.example:80", origin="http://evil.example:80")
        assert (answer.status_code, "'evil.example:80'" in answer.text) == (403, True)


def test_a_service_is_known_by_its_name_on_the_compose_network(mock):
    assert mock.ask("GET", mock.read, host="canton-scan:5012").status_code == 200


def test_what_was_refused_has_not_been_done(slack, canton_scan):
    before = (slack.ask("GET", "/messages").json(), clock_of(canton_scan)["is_frozen"])
    for path, mock in (("/services/local", slack), ("/_mock/clock", canton_scan)):
        for headers in ({"origin": EVIL}, {"host": "evil.example"}):
            answer = httpx.post(f"{mock.url}{path}", json={"freeze": True}, headers=headers)
            assert answer.status_code == 403
    assert (slack.ask("GET", "/messages").json(), clock_of(canton_scan)["is_frozen"]) == before


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", None])
@pytest.mark.parametrize("path", ["/_mock/clock", "/_mock/faults"])
def test_the_ledger_is_steered_with_json_alone(canton_scan, path, content_type):
    headers = {"content-type": content_type} if content_type else {}
    answer = httpx.post(f"{canton_scan.url}{path}", content=b'{"freeze": true}', headers=headers)
    assert (answer.status_code, "application/json" in answer.text) == (415, True)
    assert not clock_of(canton_scan)["is_frozen"]


def test_slack_takes_the_form_that_it_documents(slack):
    answer = httpx.post(f"{slack.url}/services/local", data={"payload": '{"text": "a form"}'})
    assert answer.status_code == 200
    assert slack.ask("GET", "/messages").json()[-1]["text"] == "a form"


def clock_of(mock):
    return mock.ask("GET", "/_mock/clock").json()
