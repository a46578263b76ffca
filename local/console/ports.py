"""Ports of this machine's loopback."""

import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields

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
"""The services that this machine reaches, in the order of a stack's ports: new ones at the end."""
_LAST = 65535


@dataclass(frozen=True)
class Ports:
    """The loopback port of each service of `make run`; `other_scans` are each further behind."""

    prefect: int
    scan: int
    s3: int
    snowflake: int
    slack: int
    home: int
    snowflake_tls: int
    dashboard: int
    other_scans: Sequence[int] = ()

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{getattr(self, service)}"

    @property
    def scan_urls(self) -> str:
        """The base URLs of all Scans, as CANTON_BASE_URL takes them."""
        ports = (self.scan, *self.other_scans)
        return ",".join(f"http://127.0.0.1:{port}/api/scan" for port in ports)


EMBEDDED_SERVICES = tuple(one.name.upper() for one in fields(Ports) if one.name != "other_scans")
"""Those of SERVICES that `make run` starts too; the others are the stack's alone."""


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
