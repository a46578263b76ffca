"""Ports of this machine's loopback."""

import socket
from collections.abc import Generator
from contextlib import contextmanager

from local.console.errors import CommandFailed

SERVICES = {
    "PREFECT": "Prefect: its page and its API",
    "SCAN": "the Scan mock: its API, its page and `/_mock`",
    "SLACK": "the Slack mock: the webhook and the inbox",
    "S3": "S3",
    "SNOWFLAKE": "the local Snowflake",
    "HOME": "the home page",
    "SNOWFLAKE_TLS": "the local Snowflake over HTTPS",
    "DASHBOARD": "the dashboard of gold",
}
"""The services that this machine reaches, in the order of a stack's ports."""
_LAST = 65535


@contextmanager
def bound_socket(port: int) -> Generator[socket.socket]:
    """A socket that holds a port (0: any) as a server would."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))
        yield sock


def is_port_free(port: int) -> bool:
    try:
        with bound_socket(port):
            return True
    except OSError:
        return False


def read_port(setting: str, text: str, *, in_a_row: int = 1) -> int:
    """The port that a variable names, the first of so many in a row."""
    if not text.isdecimal() or not 0 < int(text) <= _LAST:
        raise CommandFailed(f"{setting}={text}: expected a port")
    if (last := _LAST + 1 - in_a_row) < int(text):
        raise CommandFailed(f"{setting}={text} needs the next port too: {last} is the highest")
    return int(text)
