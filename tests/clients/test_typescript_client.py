"""The Scan mock convinces a client that others wrote: Canton's own, in TypeScript."""

import subprocess
from pathlib import Path

import pytest

from local.embedded.children import ChildSpec, free_port

HERE = Path(__file__).parent
HISTORY = ("--history", "400", "--rate", "1/3600")


@pytest.fixture
def start(children, tmp_path):
    """Starts a node; its URL."""

    def node(name, *arguments):
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        place = ("--port", str(port), "--state", str(tmp_path / f"{name}.json"))
        spec = ChildSpec(
            name,
            "mocks.canton_scan",
            (*place, *arguments),
            ready_url=f"{url}/api/scan/readyz",
        )
        children.wait_ready(children.start(spec))
        return url

    return node


def test_the_typescript_client_reads_from_the_mock(start, monkeypatch):
    monkeypatch.setenv("SCAN_URL", start("scan", *HISTORY, "--limit", "0"))
    monkeypatch.setenv("LIMITED_SCAN_URL", start("limited-scan", *HISTORY))
    node = ["node", "--test", "--test-reporter=spec", "scan_client.test.mjs"]
    assert subprocess.run(node, cwd=HERE, check=False).returncode == 0
