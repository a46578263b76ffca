"""``python -m mocks.s3 --data FOLDER --port N``: S3 from ministack, keeping objects over `kill -9`.

ministack 1.5.33 logs a warning and answers 200 when it cannot write an object to disk
(`ministack.services.s3._persist_object`): the object would be gone after a restart. Here a
failed write ends the process, so that the put fails and its caller knows. It goes on, empty, when
it cannot read what is on disk (`_load_persisted_data`): here that ends the process as well.

It answers every web page (`Access-Control-Allow-Origin: *`), so `BrowserGuard` stands before it.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

from mocks import STATE_REFUSED
from mocks.browser_guard import BrowserGuard

FORMAT = 1  # of the folder, as this version of ministack keeps it
EX_DATAERR = 65  # sysexits.h: the input data was incorrect in some way
EX_IOERR = 74  # sysexits.h: an error occurred while doing I/O on some file


def _settings(data: Path, port: int, host: str) -> dict[str, str]:
    return {
        "SERVICES": "s3",
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(data),
        "TMPDIR": str(data),  # ministack keeps its pid file there
        "GATEWAY_PORT": str(port),
        "BIND_HOST": host,
        "IOT_MTLS_ENABLED": "0",  # else it opens a second port
        "LOG_LEVEL": "WARNING",
    }


def _check_format(data: Path) -> None:
    """End when another version wrote what the folder holds; a new one is given its number."""
    file = data / "format"
    if not file.exists():  # new, or of a time before it had a number: that was 1 as well
        draft = data / "format.draft"
        draft.write_text(f"{FORMAT}\n")
        draft.replace(file)
    found = file.read_text(errors="replace").strip()
    if found != str(FORMAT):
        _refuse(f"{data} has format {found or 'of no number'}, this S3 reads format {FORMAT}")


def _refuse(found: str) -> None:
    sys.stderr.write(f"s3: {STATE_REFUSED}{found}\n")
    sys.stderr.flush()
    os._exit(EX_DATAERR)


class _Unread(logging.Filter):
    """Watches ministack's log for data that it could not read, and would go on without."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything through but that, which ends the process."""
        message = record.getMessage()
        if message.startswith("Failed to load persisted"):
            _refuse(message)
        return True


def _or_stop(write: Callable[..., None]) -> Callable[..., None]:
    def write_or_stop(*args: object, **kwargs: object) -> None:
        try:
            write(*args, **kwargs)
        except OSError as error:
            sys.stderr.write(f"s3: cannot keep an object: {error}\n")
            sys.stderr.flush()
            os._exit(EX_IOERR)

    return write_or_stop


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="mocks.s3", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps the objects")
    parser.add_argument("--port", type=int, default=4566)
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args()
    options.data.mkdir(parents=True, exist_ok=True)
    _check_format(options.data)
    logging.getLogger("s3").addFilter(_Unread())  # where ministack logs it
    os.environ.update(_settings(options.data, options.port, options.host))

    # Its settings are read from the environment when it is imported.
    from ministack import app as ministack  # noqa: PLC0415
    from ministack.services import s3  # noqa: PLC0415

    s3._atomic_write = _or_stop(s3._atomic_write)  # noqa: SLF001
    ministack.app = BrowserGuard(ministack.app)
    sys.argv = sys.argv[:1]
    ministack.main()


if __name__ == "__main__":
    main()
