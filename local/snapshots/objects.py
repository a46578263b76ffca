"""The landing bucket's objects, as three files: an index, the lines of pages, and other bytes.

A page is gzip'd lines; its lines alone are kept where packing them again gives the same bytes, for
they compress to half of what the gzip'd ones do. The header is kept beside them: versions of Python
write it differently. Another machine's zlib may pack the lines otherwise: then the page is the same
line for line, its checksum is written anew, and that is reported.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec

from local.console.errors import CommandFailed
from local.console.local_s3 import s3_client
from services.errors import LandingCorrupt
from services.landing import pack, sha256, unpack

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

INDEX, LINES, BYTES = "objects.json", "objects.ndjson", "objects.bin"
PARTS = (INDEX, LINES, BYTES)
_HEADER = 10  # bytes of gzip's own: among them is which system wrote it
_ENOUGH = {"content_type": "ContentType", "content_encoding": "ContentEncoding"}


@dataclass(frozen=True)
class Kept:
    """An object: its attributes in S3, and where its content lies.

    `head` is the gzip header of a page. `size` is that of its lines in `objects.ndjson`; without a
    head, that of its bytes in `objects.bin`. Both files hold the objects in the order of the index.
    """

    key: str
    metadata: Mapping[str, str]
    sha256: str
    size: int
    head: str = ""
    content_type: str | None = None
    content_encoding: str | None = None

    @property
    def is_packed(self) -> bool:
        """Tell whether the object is a page, stored as its lines rather than as gzip bytes."""
        return bool(self.head)


@dataclass(frozen=True)
class StoredObject:
    """An object with its content, as it was in the bucket or as this machine packs it."""

    kept: Kept
    lines: Sequence[bytes]
    content: bytes


@dataclass(frozen=True)
class Bucket:
    """The landing bucket of a place."""

    s3: "S3Client"
    name: str

    def listed(self) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return sorted(one.get("Key", "") for page in pages for one in page.get("Contents", []))

    def read(self, key: str) -> StoredObject:
        found = self.s3.get_object(Bucket=self.name, Key=key)
        content = found["Body"].read()
        lines = _lines_of(key, content)
        size = sum(len(line) + 1 for line in lines) if lines else len(content)
        attributes = {name: found.get(field) for name, field in _ENOUGH.items()}
        head = head_of(content) if lines else ""
        kept = Kept(key, found["Metadata"], sha256(content), size, head, **attributes)
        return StoredObject(kept, lines, content)

    def put(self, stored: StoredObject) -> None:
        kept = stored.kept
        arguments: Any = {f: getattr(kept, n) for n, f in _ENOUGH.items() if getattr(kept, n)}
        self.s3.put_object(
            Bucket=self.name,
            Key=kept.key,
            Body=stored.content,
            Metadata=dict(kept.metadata),
            **arguments,
        )


def head_of(content: bytes) -> str:
    return content[:_HEADER].hex()


def bucket_of(settings: Mapping[str, str]) -> Bucket:
    return Bucket(s3_client(settings), settings["LANDING_BUCKET"])


@contextmanager
def written(folder: Path) -> "Generator[Writer]":
    """Takes objects in; the index is written at the end."""
    with (folder / LINES).open("wb") as lines, (folder / BYTES).open("wb") as other:
        writer = Writer(lines, other, [])
        yield writer
    (folder / INDEX).write_bytes(msgspec.json.encode(writer.index))


@dataclass(frozen=True)
class Writer:
    """Appends objects to the files of a folder."""

    lines: IO[bytes]
    other: IO[bytes]
    index: list[Kept]

    def add(self, stored: StoredObject) -> None:
        self.index.append(stored.kept)
        if stored.kept.is_packed:
            self.lines.writelines(line + b"\n" for line in stored.lines)
        else:
            self.other.write(stored.content)


def index(folder: Path) -> list[Kept]:
    return msgspec.json.decode((folder / INDEX).read_bytes(), type=list[Kept])


def read(folder: Path) -> Iterator[StoredObject]:
    """The objects of a folder, in the order in which `Writer` added them.

    Raises:
        CommandFailed: One isn't what was kept.
    """
    with (folder / LINES).open("rb") as lines, (folder / BYTES).open("rb") as other:
        for kept in index(folder):
            content = (lines if kept.is_packed else other).read(kept.size)
            if len(content) != kept.size:
                raise CommandFailed(f"the snapshot's {kept.key} is cut off: get the file again")
            yield _stored(kept, content)


def _stored(kept: Kept, content: bytes) -> StoredObject:
    if not kept.is_packed:
        return StoredObject(kept, (), content)
    lines = content.split(b"\n")[:-1]
    packed = bytes.fromhex(kept.head) + pack(lines)[_HEADER:]
    digest = sha256(packed)
    if digest != kept.sha256:
        metadata = {**kept.metadata, "sha256": digest}
        kept = replace(kept, sha256=digest, metadata=metadata)
    return StoredObject(kept, lines, packed)


def _lines_of(key: str, content: bytes) -> Sequence[bytes]:
    """The lines of a page that this machine would pack into the same bytes; else none."""
    try:
        lines = unpack(content, key)
    except LandingCorrupt:
        return ()
    return lines if pack(lines)[_HEADER:] == content[_HEADER:] else ()
