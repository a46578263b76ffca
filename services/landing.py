"""The landing zone's layout: what a page's object is called and what is inside.

``canton/<network>/updates/migration_id=4/date=2025-12-10/after=4_20251210T162325.721430Z.ndjson.gz``

The key has the position where the page starts, never the time of the run: a retry finds the object
of the first attempt. Inside is gzip'd NDJSON, one update a line, the exact bytes received.
"""

import gzip
import hashlib
import re
import zlib
from collections.abc import Iterable
from pathlib import PurePosixPath

from services.errors import LandingCorrupt
from services.model import Position

ROOT = "canton/"  # the warehouse's stage; quarantine lies outside it
_SUFFIX = ".ndjson.gz"
_GZIP = 16 + zlib.MAX_WBITS  # zlib's way to ask for gzip's header and trailer
_NAME = re.compile(rf"after=(?P<after>.+?)(?:\.upto=.+?)?(?:\.r\d+)?{re.escape(_SUFFIX)}")


def updates_prefix(network: str) -> str:
    """The prefix of the keys of a network's pages, without a slash at its end."""
    return f"{ROOT}{network}/updates"


def landing_key(network: str, after: Position, upto: Position | None = None) -> str:
    """The key of the page that starts after a position.

    Args:
        network: Whose update history it is.
        after: The position that was requested.
        upto: Where a backfill clipped it; such a page must not stand where a whole one would.
    """
    day = after.record_time.date().isoformat()
    clipped = f".upto={upto.for_key}" if upto else ""
    return (
        f"{updates_prefix(network)}/migration_id={after.migration_id}/date={day}"
        f"/after={after.for_key}{clipped}{_SUFFIX}"
    )


def network_of_key(key: str) -> str:
    """The network that a page belongs to."""
    return key.removeprefix(ROOT).partition("/")[0]


def revision_key(key: str, revision: int) -> str:
    """The key of a page's revision, which a person released: ``….r1.ndjson.gz``."""
    return f"{key.removesuffix(_SUFFIX)}.r{revision}{_SUFFIX}"


def after_of_key(key: str) -> Position:
    """The position after which a page starts: of a whole one, a clipped one, or a revision.

    Raises:
        ValueError: It is no key of a page.
    """
    match = _NAME.fullmatch(PurePosixPath(key).name)
    if not match:
        raise ValueError(f"not the key of a page: {key!r} (…/after=….ndjson.gz)")
    return Position.parse(match["after"])


def quarantine_key(content: bytes) -> str:
    """The key of something refused: named by what it is, so that it is kept once."""
    return f"quarantine/{sha256(content)}"


def result_key(path: str) -> str:
    """The key of a step's result, which may be deleted: of what is kept, nothing is under it."""
    return f"results/{path}"


def stage_file(key: str) -> str:
    """The key as COPY's ``FILES`` names it: relative to the stage, which begins at `ROOT`."""
    return key.removeprefix(ROOT)


def key_of(file: str) -> str:
    """The key of a file as COPY's result names it: ``s3://bucket/canton/…``."""
    return file.removeprefix("s3://").partition("/")[2]


def pack(lines: Iterable[bytes]) -> bytes:
    """Lines as an object: the same lines give the same bytes on this machine.

    Level 1: a page of 10 MB becomes 1.4 MB in a third of the default's time. Line by line, so that
    a large page isn't in memory once more. The modification time is 0, or each attempt would
    differ.
    """
    packer = zlib.compressobj(1, wbits=_GZIP)  # its header has no time
    packed = [part for line in lines for part in (packer.compress(line), packer.compress(b"\n"))]
    return b"".join((*packed, packer.flush()))


def unpack(content: bytes, key: str) -> list[bytes]:
    """The lines of an object.

    Raises:
        LandingCorrupt: It is no complete gzip file, or its last line is cut off.
    """
    if not content:
        raise LandingCorrupt(f"{key} is empty: not even a gzip header")
    try:
        text = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise LandingCorrupt(f"{key} is no complete gzip file: {error}") from error
    if text and not text.endswith(b"\n"):
        raise LandingCorrupt(f"{key} ends within a line")
    return text.split(b"\n")[:-1]


def sha256(content: bytes) -> str:
    """Hex digest of an object's bytes as stored."""
    return hashlib.sha256(content).hexdigest()
