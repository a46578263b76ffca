"""The gate, called as its server calls it."""

import asyncio
import json
from urllib.parse import unquote

import httpx
import pytest

from local.stack.gate import create_app
from tests.unit.stack.gate.wanted import RULES, Docker


@pytest.fixture
def docker():
    return Docker()


@pytest.fixture
def ask(docker):
    """Call the gate as its server does: with the path decoded, and nothing tidied up."""

    def call(line, body=b"", headers=(), host=b"docker-gate:2375"):
        method, _, target = line.partition(" ")
        path, _, query = target.partition("?")
        return asyncio.run(
            _answer(docker, _scope(method, path, query, [(b"host", host), *headers]), body)
        )

    return call


def _scope(method, path, query, headers):
    return {
        "type": "http",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": headers,
    }


async def _answer(docker, scope, body):
    sent = []
    unread = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        return unread.pop() if unread else await asyncio.Event().wait()  # nobody hangs up

    async def send(message):
        sent.append(message)

    transport = httpx.MockTransport(docker)
    async with httpx.AsyncClient(transport=transport, base_url="http://docker") as client:
        await create_app(RULES, client)(scope, receive, send)
    text = b"".join(message.get("body", b"") for message in sent)
    is_refusal = sent[0]["status"] in {404, 405}  # by the router, in plain text
    return sent[0]["status"], text if is_refusal else json.loads(text)
