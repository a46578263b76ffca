"""A step that needs a slot of a limit outlasts a restart of Prefect's server."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread, Timer

import httpx
import prefect
import pytest
from prefect.client.orchestration import get_client
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError
from prefect.logging import disable_run_logger
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows import server
from local.embedded.children import free_port

RESTART_SECONDS = 0.5


class Healthy(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"true")

    def log_message(self, *_):
        pass


class Failing(BaseHTTPRequestHandler):
    """Answers as Prefect's server does where its disk is full: what needs no database."""

    def do_GET(self):
        answer = {"health": True, "version": prefect.__version__}.get(self.path.rpartition("/")[2])
        self.send_response(500 if answer is None else 200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass


@contextmanager
def restarted(port) -> Iterator[Timer]:
    """A server that answers a while after the timer was started."""
    started: list[HTTPServer] = []

    def start():
        started.append(HTTPServer(("127.0.0.1", port), Healthy))
        Thread(target=started[0].serve_forever, args=(0.05,)).start()

    timer = Timer(RESTART_SECONDS, start)
    yield timer
    timer.join()
    started[0].shutdown()
    started[0].server_close()


@pytest.fixture
def port():
    found = free_port()
    url = {PREFECT_API_URL: f"http://127.0.0.1:{found}/api"}
    with temporary_settings(url), disable_run_logger():
        yield found


def ask_with_a_new_client():
    with get_client(sync_client=True) as client:
        client.hello()


def acquire():
    try:
        ask_with_a_new_client()
    except httpx.ConnectError as error:
        raise ConcurrencySlotAcquisitionError("no slot") from error


@pytest.mark.parametrize("needs_server", [ask_with_a_new_client, acquire])
def test_a_step_is_run_again_once_the_server_is_back(port, needs_server):
    tries = []

    def step():
        tries.append(None)
        try:
            needs_server()
        except (httpx.ConnectError, ConcurrencySlotAcquisitionError):
            restart.start()
            raise
        return "landed"

    with restarted(port) as restart:
        assert server.retry_while_server_away(step) == "landed"
    assert len(tries) == 2, "it ran again only once the server answered"


def test_a_server_that_stays_away_is_given_up(port, monkeypatch):
    monkeypatch.setattr(server, "PATIENCE_SECONDS", 0)
    with pytest.raises(server.ServerUnready, match="not within 0 s: "):
        server.retry_while_server_away(ask_with_a_new_client)


def test_a_limit_that_refuses_is_no_absence(port):
    def step():
        raise ConcurrencySlotAcquisitionError("Concurrency limits must be created")

    with pytest.raises(ConcurrencySlotAcquisitionError, match="must be created"):
        server.retry_while_server_away(step)


def test_a_server_that_fails_is_told_in_a_line_of_the_command_line_and_no_traceback():
    failing = HTTPServer(("127.0.0.1", 0), Failing)
    Thread(target=failing.serve_forever, args=(0.05,)).start()
    url = f"http://127.0.0.1:{failing.server_port}/api"
    try:
        ended = subprocess.run(
            [sys.executable, "flows/pipeline.py"],
            env={**os.environ, "PREFECT_API_URL": url},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    finally:
        failing.shutdown()
        failing.server_close()
    (line,) = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (1, "")
    assert line.startswith("error: Prefect's server fails, see its log: Server error '500 ")
    assert url in line
