"""``python -m mocks.snowflake --data FOLDER --port N``: a local Snowflake until SIGTERM."""

import logging
import os
import signal
import socket
import sys

import uvicorn

from mocks.snowflake import init_script
from mocks.snowflake.app import Server
from mocks.snowflake.login import Credentials
from mocks.snowflake.settings import Misconfigured, Settings, read_settings
from mocks.snowflake.storage import Folder, FolderRefused
from mocks.snowflake.warehouse import Warehouse

EX_CONFIG = 78  # sysexits.h: something was found in an unconfigured or misconfigured state
STOP_SECONDS = 2


def _listen(settings: Settings) -> socket.socket:
    """The server's port, taken before anything else is done."""
    # Named as TCP, or asyncio doesn't set TCP_NODELAY, and each answer waits 40 ms for an ACK.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((settings.host, settings.port))
    except OSError as error:
        raise Misconfigured(f"port {settings.port} of {settings.host}: {error}") from error
    return sock


def _serve(settings: Settings) -> None:
    sock = _listen(settings)
    credentials = Credentials.of(settings)
    warehouse = Warehouse(Folder(settings.data), settings.memory)
    if settings.init:
        init_script.run(warehouse, settings.init, os.environ)
    app = Server(warehouse, credentials, settings.idle_seconds).app()
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=STOP_SECONDS)
    # uvicorn stops at the signal and then raises it again, to this: a stop that was asked for is no
    # failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvicorn.Server(config).run(sockets=[sock])


def main() -> None:
    """Serve; exit 0 after SIGTERM, 78 with one line when the server can't start like this."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # warns of every command it doesn't know
    try:
        _serve(read_settings(sys.argv[1:]))
    except (Misconfigured, FolderRefused) as error:
        sys.stderr.write(f"snowflake: {error}\n")
        sys.exit(EX_CONFIG)


if __name__ == "__main__":
    main()
