"""``python -m mocks.snowflake --data FOLDER --port N``: a local Snowflake until SIGTERM."""

import socket
import sys
import tempfile

from mocks import STATE_REFUSED
from mocks.snowflake.settings import Misconfigured, read_settings
from mocks.snowflake.storage import Folder, FolderRefused, FolderUnreadable

EX_DATAERR = 65  # sysexits.h: the input data was incorrect in some way
EX_CONFIG = 78  # sysexits.h: something was found in an unconfigured or misconfigured state


def _listen(host: str, port: int) -> socket.socket:
    """A port of the server, taken before anything else is done."""
    # Named as TCP, or asyncio doesn't set TCP_NODELAY, and each answer waits 40 ms for an ACK.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        raise Misconfigured(f"port {port} of {host}: {error}") from error
    return sock


def main() -> None:
    """Serve; exit 0 after SIGTERM, 78 with one line when the server can't start like this.

    65, when what the folder holds is of another version, or broken.
    """
    try:
        settings = read_settings(sys.argv[1:])
        sock = _listen(settings.host, settings.port)
        tls = _listen(settings.host, settings.tls_port) if settings.tls_port else None
        folder = Folder(settings.data)
        tempfile.tempdir = str(folder.temporary)  # before fakesnow is imported, which makes one
        from mocks.snowflake.server import serve  # noqa: PLC0415 -- two seconds, after what may fail

        serve(settings, folder, sock, tls)
    except FolderUnreadable as error:
        sys.stderr.write(f"snowflake: {STATE_REFUSED}{error}\n")
        sys.exit(EX_DATAERR)
    except (Misconfigured, FolderRefused) as error:
        sys.stderr.write(f"snowflake: {error}\n")
        sys.exit(EX_CONFIG)


if __name__ == "__main__":
    main()
