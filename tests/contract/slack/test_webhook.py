import asyncio
import json
from datetime import UTC, datetime

import httpx
import pytest

from mocks.slack import __main__ as command
from mocks.slack.app import create_app
from mocks.slack.inbox import Inbox

TEXT = "text/plain; charset=utf-8"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def noon():
    return datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)


class Slack:
    """Requests to the mock in process; each starts it anew on the same file."""

    def __init__(self, path):
        self.path = path

    def request(self, method, path, **options):
        async def send():
            transport = httpx.ASGITransport(create_app(Inbox(self.path, noon)))
            async with httpx.AsyncClient(transport=transport, base_url="http://slack") as client:
                return await client.request(method, path, **options)

        return asyncio.run(send())

    def post(self, **options):
        response = self.request("POST", "/services/T0/B0/secret", **options)
        return response.status_code, response.headers["content-type"], response.text

    def messages(self, after=0):
        return self.request("GET", f"/messages?after={after}").json()


@pytest.fixture
def slack(tmp_path):
    return Slack(tmp_path / "inbox.jsonl")


def test_a_json_message_is_kept(slack):
    assert slack.post(json={"text": "gold is late", "channel": "#x"}) == (200, TEXT, "ok")
    assert slack.messages() == [
        {
            "id": 1,
            "received_at": "2026-11-20T12:00:00Z",
            "webhook": "T0/B0/secret",
            "text": "gold is late",
            "payload": {"text": "gold is late", "channel": "#x"},
        }
    ]


def test_a_form_message_is_kept(slack):
    assert slack.post(data={"payload": json.dumps({"text": "café & co"})}) == (200, TEXT, "ok")
    assert [one["text"] for one in slack.messages()] == ["café & co"]


@pytest.mark.parametrize("payload", [{"blocks": [{"type": "divider"}]}, {"attachments": [{}]}])
def test_a_message_may_have_blocks_or_attachments_in_place_of_text(slack, payload):
    assert slack.post(json=payload) == (200, TEXT, "ok")
    assert [one["payload"] for one in slack.messages()] == [payload]


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        pytest.param({"content": b""}, "invalid_payload", id="nothing"),
        pytest.param({"content": b"{oops"}, "invalid_payload", id="no JSON"),
        pytest.param({"content": b"\xff"}, "invalid_payload", id="no UTF-8"),
        pytest.param({"json": ["text"]}, "invalid_payload", id="no object"),
        pytest.param({"json": {"text": 7}}, "invalid_payload", id="text is a number"),
        pytest.param(
            {"content": b"x=1", "headers": FORM}, "invalid_payload", id="no payload field"
        ),
        pytest.param({"json": {}}, "no_text", id="empty object"),
        pytest.param({"json": {"text": "", "blocks": []}}, "no_text", id="empty text"),
    ],
)
def test_what_slack_refuses_is_refused_and_not_kept(slack, options, answer):
    assert slack.post(**options) == (400, TEXT, answer)
    assert slack.messages() == []


def test_messages_after_an_id_are_told_in_order(slack):
    for number in range(1, 5):
        slack.post(json={"text": f"message {number}"})
    assert [(one["id"], one["text"]) for one in slack.messages(after=2)] == [
        (3, "message 3"),
        (4, "message 4"),
    ]
    assert slack.messages(after=4) == slack.messages(after=99) == []


@pytest.mark.parametrize("after", ["-1", "x", "1.5", ""])
def test_an_id_that_is_none_is_refused(slack, after):
    assert slack.request("GET", f"/messages?after={after}").status_code == 400


def test_a_message_cut_short_by_a_crash_was_never_received(slack):
    slack.post(json={"text": "first"})
    whole = slack.path.read_bytes()
    slack.path.write_bytes(whole + whole[: len(whole) // 2])
    slack.post(json={"text": "second\nline \u2028 end"})
    assert [(one["id"], one["text"]) for one in slack.messages()] == [
        (1, "first"),
        (2, "second\nline \u2028 end"),
    ]


def test_health_is_an_empty_200(slack):
    response = slack.request("GET", "/readyz")
    assert (response.status_code, response.content) == (200, b"")


def test_only_posts_reach_a_webhook(slack):
    assert slack.request("GET", "/services/T0/B0/secret").status_code == 405
    assert slack.request("POST", "/elsewhere").status_code == 404


@pytest.mark.parametrize("content", ["no json\n", '{"id": 1}\n', "[]\n", '"text"\n'])
def test_a_file_that_is_no_inbox_is_refused_in_one_line(tmp_path, capsys, content):
    path = tmp_path / "inbox.jsonl"
    path.write_text(content)
    with pytest.raises(SystemExit) as ended:
        command.main(["--port", "1", "--inbox", str(path)])
    error = capsys.readouterr().err
    assert ended.value.code == command.EX_DATAERR
    told = f"{path}, line 1, is no message that this version knows"
    assert error == f"slack: state refused: {told}\n"
    assert path.read_text() == content
