"""The gate before an engine at a socket, with as many open calls as a busy stack has."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from local.stack.gate import ANSWER_SECONDS, create_app, engine_client
from tests.unit.stack.gate.wanted import FLOW_RUN, OURS, RULES, WANTED

OPEN_CALLS = 150  # more than httpx's own limit of 100


class Engine:
    """An engine whose containers run for good: `wait` is answered when the test lets it."""

    def __init__(self) -> None:
        self.waiting = 0
        self.all_wait = asyncio.Event()
        self.end = asyncio.Event()
        self.is_frozen = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await self._head(reader):
            line = head.partition("\r\n")[0]
            if self.is_frozen:
                await self.end.wait()
            if "/wait" in line or "/logs" in line:
                self.waiting += 1
                if self.waiting == OPEN_CALLS:
                    self.all_wait.set()
                await self.end.wait()
            body = json.dumps({"Config": {"Labels": FLOW_RUN}}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            await writer.drain()
        writer.close()

    @staticmethod
    async def _head(reader: asyncio.StreamReader) -> str:
        try:
            return (await reader.readuntil(b"\r\n\r\n")).decode()
        except (asyncio.IncompleteReadError, ConnectionError):
            return ""


def with_gate(
    folder: Path,
    story: Callable[[Engine, httpx.AsyncClient], Awaitable[None]],
    answer_seconds: float = ANSWER_SECONDS,
):
    async def play() -> None:
        engine = Engine()
        server = await asyncio.start_unix_server(engine.serve, folder / "docker.sock")
        docker = engine_client(str(folder / "docker.sock"), answer_seconds)
        app = httpx.ASGITransport(create_app(RULES, docker))
        try:
            async with httpx.AsyncClient(transport=app, base_url="http://gate") as gate:
                await story(engine, gate)
        finally:
            engine.end.set()
            await docker.aclose()
            server.close()

    asyncio.run(play())


def test_a_call_is_answered_while_all_runs_are_waited_for(tmp_path: Path) -> None:
    async def story(engine: Engine, gate: httpx.AsyncClient) -> None:
        waits = [
            asyncio.create_task(gate.post(f"/v1.41/containers/{OURS}/wait"))
            for _ in range(OPEN_CALLS)
        ]
        await asyncio.wait_for(engine.all_wait.wait(), timeout=20)
        assert (await gate.get("/v1.41/version")).status_code == 200
        assert (await gate.post(f"/v1.41/containers/{OURS}/stop")).status_code == 200
        engine.end.set()
        assert {one.status_code for one in await asyncio.gather(*waits)} == {200}

    with_gate(tmp_path, story)


def test_a_frozen_engine_is_said_to_and_not_waited_for(tmp_path: Path) -> None:
    async def story(engine: Engine, gate: httpx.AsyncClient) -> None:
        engine.is_frozen = True
        body = json.dumps(WANTED)
        answers = await asyncio.gather(
            gate.get("/v1.41/version"),
            gate.post(f"/v1.41/containers/{OURS}/start"),
            gate.post(f"/v1.41/containers/{OURS}/wait"),
            gate.post("/v1.41/containers/create", content=body),
        )
        for answer in answers:
            assert answer.status_code == 503
            assert answer.json()["message"].startswith("Docker's engine doesn't answer: ReadTime")

    with_gate(tmp_path, story, answer_seconds=0.3)


def test_a_run_is_waited_for_and_read_for_longer_than_an_answer_takes(tmp_path: Path) -> None:
    async def story(engine: Engine, gate: httpx.AsyncClient) -> None:
        calls = [
            asyncio.create_task(gate.post(f"/v1.41/containers/{OURS}/wait")),
            asyncio.create_task(gate.get(f"/v1.41/containers/{OURS}/logs?follow=1")),
        ]
        done, _ = await asyncio.wait(calls, timeout=1.5)  # several times the patience
        assert not done
        engine.end.set()
        assert {one.status_code for one in await asyncio.gather(*calls)} == {200}

    with_gate(tmp_path, story, answer_seconds=0.3)
