"""The server process: made from settings, run until a signal stops it."""

import logging
import os
import signal
import socket

import uvicorn

from mocks.browser_guard import BrowserGuard
from mocks.snowflake import init_script, tls, users
from mocks.snowflake.app import Server
from mocks.snowflake.handlers import confinement
from mocks.snowflake.login import Credentials
from mocks.snowflake.settings import Settings
from mocks.snowflake.storage import Folder
from mocks.snowflake.warehouse import Limits, Warehouse

STOP_SECONDS = 2


def serve(
    settings: Settings, folder: Folder, sock: socket.socket, tls_sock: socket.socket | None
) -> None:
    """Serve on sockets that are bound, until SIGTERM or SIGINT.

    Raises:
        Misconfigured: The public key can't be used, or the init script fails.
    """
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # warns of each command it doesn't know
    confinement.hide()  # its environment holds passwords
    credentials = Credentials.of(settings)
    limits = Limits(settings.memory, settings.idle_transaction_seconds)
    warehouse = Warehouse(folder, limits, settings.sources)
    users.keep_own(warehouse.duck_conn, credentials.user)
    if settings.init:
        init_script.run(warehouse, settings.init, os.environ)
    app = BrowserGuard(Server(warehouse, credentials, settings.idle_seconds).app())
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=STOP_SECONDS)
    # uvicorn stops at the signal and then raises it once more: to stop when asked is no failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    server = (
        tls.Server(config, folder.certificate, tls_sock) if tls_sock else uvicorn.Server(config)
    )
    server.run(sockets=[sock])
