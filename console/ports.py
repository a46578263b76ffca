"""Ports of this machine's loopback."""

import socket
from collections.abc import Generator
from contextlib import contextmanager

from console.errors import CommandFailed


@contextmanager
def bound_socket(port: int) -> Generator[socket.socket]:
    """A socket that holds a port (0: any) as a server would."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))
        yield sock


def is_port_free(port: int) -> bool:
    """Whether a server could listen on this loopback port."""
    try:
        with bound_socket(port):
            return True
    except OSError:
        return False


def read_port(setting: str, text: str) -> int:
    """The port that a variable asks for.

    Raises:
        CommandFailed: It is none.
    """
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise CommandFailed(f"{setting}={text} is no port")
    return int(text)
