"""Checks that wrong input to `make run` ends it in a line or two before any process starts."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from local.console.chosen_flow import OF_WHAT_IS_LOADED
from local.console.errors import CommandFailed
from local.embedded.children import free_port
from local.embedded.run import prepare
from local.embedded.state import FORMAT
from mocks.canton_scan import dso_party_id
from services.accept import network_of
from services.errors import PipelineError

SEED = "refused"
NETWORK = network_of(dso_party_id(seed=SEED))
Settings = dict[str, str]


@pytest.fixture(scope="module")
def stack() -> Iterator[ExitStack]:
    """The resources to release when the last run has ended."""
    with ExitStack() as held:
        yield held


def silent_node(stack: ExitStack) -> str:
    """A port where connections are never taken up: its queue is full, as behind a firewall."""
    server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
    address = server.getsockname()
    while True:
        waiting = stack.enter_context(socket.socket())
        waiting.settimeout(0.2)
        try:
            waiting.connect(address)
        except TimeoutError:
            return f"http://127.0.0.1:{address[1]}/api/scan"


def taken_port(stack: ExitStack) -> str:
    server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    return str(server.getsockname()[1])


def written_to(file: Path, text: str) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return str(file)


@pytest.fixture(scope="module")
def given(stack, scan_host, tmp_path_factory) -> dict[str, Settings]:
    """The settings of each run, by what is wrong with them."""
    root = tmp_path_factory.mktemp("given")
    newer = root / "newer"
    written_to(newer / NETWORK / "state.json", json.dumps({"format": FORMAT + 1}))
    web_page = Starlette(
        routes=[Route("/{path:path}", lambda _: PlainTextResponse("<html>Welcome</html>"))]
    )
    nobody = f"http://127.0.0.1:{free_port()}/api/scan"
    return {
        "nobody": {"CANTON_BASE_URL": nobody},
        "silence": {"CANTON_BASE_URL": silent_node(stack), "CANTON_TIMEOUT_SECONDS": "0.5"},
        "a web page": {"CANTON_BASE_URL": scan_host.serve(web_page)},
        "a misspelt setting": {"CANTON_PAGE_SZE": "10"},
        "a value": {"CANTON_PAGE_SIZE": "1001"},
        "a taken port": {"PREFECT_PORT": taken_port(stack)},
        "a newer state": {"STATE": str(newer)},
        "no file": {"REPLAY": str(root / "none.json")},
        "no recording": {"REPLAY": written_to(root / "text.json", "hello")},
        "no updates": {"REPLAY": written_to(root / "empty.json", '{"transactions":[]}')},
        "no number": {"BUDGET_PAGES": "abc"},
        "a negative rate": {"USD_RATE": "-1"},
        "no Scan at all": {"SCANS": "0"},
        **{f"no state for {flow}": {"FLOW": flow} for flow in sorted(OF_WHAT_IS_LOADED)},
        "two sources": {"REPLAY": "x.json", "CANTON_BASE_URL": nobody},
    }


SAID = {
    "nobody": ["{CANTON_BASE_URL}/v0/dso-party-id cannot be reached", "Is CANTON_BASE_URL"],
    "silence": ["{CANTON_BASE_URL}/v0/dso-party-id did not answer.", "on their allow-list"],
    "a web page": ["answered no JSON: b'<html>Welcome</html>'", "Is CANTON_BASE_URL a Scan?"],
    "a misspelt setting": ["unknown setting CANTON_PAGE_SZE: did you mean CANTON_PAGE_SIZE?"],
    "a value": ["setting CANTON_PAGE_SIZE: Input should be less than or equal to 1000"],
    "a taken port": ["PREFECT_PORT={PREFECT_PORT} is taken by another program: choose another"],
    "a newer state": ["was written by a newer version", "make reset"],
    "no file": ["REPLAY: {REPLAY} can't be read: No such file or directory"],
    "no recording": ["REPLAY: {REPLAY} can't be replayed: "],
    "no updates": ["REPLAY: {REPLAY} can't be replayed: it holds no updates"],
    "no number": ["BUDGET_PAGES=abc: Input should be a valid integer"],
    "a negative rate": ["USD_RATE=-1: Input should be greater than 0"],
    "no Scan at all": ["SCANS=0: expected a number from 1 to 5"],
    **{f"no state for {flow}": ["no local state yet in"] for flow in sorted(OF_WHAT_IS_LOADED)},
    "two sources": ["REPLAY and CANTON_BASE_URL exclude each other"],
}


@pytest.mark.parametrize("wrong", SAID)
def test_a_wrong_setting_is_told_before_anything_starts(given, tmp_path, wrong):
    settings = {"STATE": str(tmp_path), "SEED": SEED, **given[wrong]}
    with pytest.raises((CommandFailed, PipelineError)) as refused:
        prepare(settings)
    said = str(refused.value)
    assert 1 <= len(said.splitlines()) <= 2
    for words in SAID[wrong]:
        assert words.format(**given[wrong]) in said


def run_in_a_process(state):
    return subprocess.run(
        [sys.executable, "-m", "local", "run"],
        env={**os.environ, "STATE": str(state), "SEED": SEED},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_newer_ledger_is_told_in_one_line_with_the_revision_that_wrote_it(tmp_path):
    folder = tmp_path / NETWORK
    marker = {"format": FORMAT, "network": NETWORK, "made_by": "0123abcd"}
    written_to(folder / "state.json", json.dumps(marker))
    ledger = '{"format": 99, "seed": "refused"}'
    written_to(folder / "scan.json", ledger)
    run = run_in_a_process(tmp_path)
    (said,) = run.stderr.splitlines()
    assert run.returncode == 1
    assert said.startswith(f"error: state file {folder}/scan.json has format 99, this mock reads ")
    assert said.endswith(
        "It is left as it is: update this clone (git pull), go on with revision 0123abcd, which"
        " used it last (git checkout 0123abcd), or start over"
        f" (make reset AT=embedded NETWORK={NETWORK} STATE={tmp_path})"
    )
    assert (folder / "scan.json").read_text() == ledger
    assert json.loads((folder / "state.json").read_text()) == marker


def test_a_full_disk_is_told_in_one_line_before_anything_starts(tmp_path):
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("a small disk can only be mounted by root: DISK FULL IS NOT TESTED HERE")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(tmp_path)], check=False
    )
    if mounted.returncode:
        pytest.skip("this root may not mount: DISK FULL IS NOT TESTED HERE")
    try:
        run = run_in_a_process(tmp_path)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
    assert (run.returncode, run.stdout) == (1, "")
    (said,) = run.stderr.splitlines()
    assert said.startswith(f"error: disk full: 8 MiB are free where {tmp_path}/{NETWORK} lies")
    assert said.endswith("Nothing is lost: make room, run again")
