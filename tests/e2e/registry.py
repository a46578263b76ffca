"""An image registry of its own for a test: Debian's docker-registry, on loopback, in a folder."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.clone import until

CONFIGURATION = """version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


@contextmanager
def registry(folder: Path) -> Iterator[str]:
    """Serve images from a folder; gives ``host:port``, which Docker trusts as loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = folder / "registry.yml"
    file.write_text(CONFIGURATION.format(folder=folder / "images", port=port))
    process = subprocess.Popen(["docker-registry", "serve", str(file)])
    try:
        until(lambda: _answers(process, port), "the registry", 30)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    assert process.poll() is None, "the registry ended"
    try:
        return httpx.get(f"http://127.0.0.1:{port}/v2/", trust_env=False).status_code == 200
    except httpx.ConnectError:
        return False
