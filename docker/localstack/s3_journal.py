"""The objects' files, and the journal of what S3 acknowledged: SQLite beside them.

An object's bytes are a file (a blob) that is written once, under a name of its own, and synced
before the journal names it. A process killed at any moment leaves files that no entry names, which
the next start deletes; it never leaves an entry whose file is not whole.
"""

import os
import sqlite3
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = """
create table if not exists entries (
    bucket text not null,
    kind text not null,
    name text not null,
    blobs text not null,
    content blob not null,
    primary key (bucket, kind, name)
) without rowid
"""
_READ = "select blobs, content from entries where bucket = ? and kind = ? and name = ?"
_WRITE = "insert or replace into entries values (?, ?, ?, ?, ?)"
_DELETE = "delete from entries where bucket = ? and kind = ? and name = ?"


class BlobsMissing(Exception):
    """The journal names files that are gone; the message is one line that says so."""


@dataclass(frozen=True)
class Entry:
    """The state of one bucket, key or upload; without content, it no longer exists."""

    bucket: str
    kind: str
    name: str
    blobs: tuple[str, ...] = ()
    content: bytes = b""

    @property
    def _identity(self) -> tuple[str, str, str]:
        return self.bucket, self.kind, self.name


class Journal:
    """The volume of S3, for any number of threads."""

    def __init__(self, folder: Path) -> None:
        self._blobs = folder / "blobs"
        self._blobs.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(
            folder / "journal.db", check_same_thread=False, isolation_level=None
        )
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")
        self._db.execute(_SCHEMA)
        self._kept: set[str] = set()
        # Held from when it is asked what to name until that is named: a file that is deleted
        # meanwhile would be missing at the next start. The garbage collector may discard, too.
        self._lock = threading.RLock()

    def entries(self) -> list[Entry]:
        """All entries; buckets come before their keys and uploads."""
        found = self._db.execute(
            "select bucket, kind, name, blobs, content from entries"
            " order by kind <> 'bucket', bucket, kind, name"
        )
        return [Entry(*row[:3], tuple(row[3].split()), row[4]) for row in found]

    def names(self, bucket: str, kind: str | None = None) -> list[tuple[str, str]]:
        """Kind and name of each entry of a bucket."""
        found = self._db.execute(
            "select kind, name from entries where bucket = ? and kind = ifnull(?, kind)",
            (bucket, kind),
        )
        return found.fetchall()

    def clear(self) -> None:
        """Delete all entries and no file."""
        self._db.execute("delete from entries")

    def sweep(self) -> None:
        """Delete the files that no entry names.

        Raises:
            BlobsMissing: An entry names a file that is not there.
        """
        self._kept = {blob for entry in self.entries() for blob in entry.blobs}
        found = {file.name for file in self._blobs.iterdir()}
        if missing := self._kept - found:
            raise BlobsMissing(f"S3's volume lacks {len(missing)} files of its objects")
        for blob in found - self._kept:
            self.path(blob).unlink()

    def write(self, entries: Iterable[Entry]) -> None:
        """Keep entries durably, all or none; then delete the files that they no longer name.

        Args:
            entries: Read to the end once no other thread writes or discards.
        """
        with self._lock:
            self._write(list(entries))

    def _write(self, entries: list[Entry]) -> None:
        changed, dropped, named = [], set(), set()
        for entry in entries:
            found = self._db.execute(_READ, entry._identity).fetchone()
            before = (found[0].split(), found[1]) if found else ([], b"")
            if before != (list(entry.blobs), entry.content):
                changed.append(entry)
                dropped.update(before[0])
                named.update(entry.blobs)
        if not changed:
            return
        self._db.execute("begin immediate")
        with self._db:
            for entry in changed:
                if entry.content:
                    row = (*entry._identity, " ".join(entry.blobs), entry.content)
                    self._db.execute(_WRITE, row)
                else:
                    self._db.execute(_DELETE, entry._identity)
        self._kept |= named
        for blob in dropped - named:
            self._kept.discard(blob)
            self.path(blob).unlink(missing_ok=True)

    def path(self, blob: str) -> Path:
        return self._blobs / blob

    def new_blob(self) -> str:
        return uuid.uuid4().hex

    def discard(self, blob: str) -> None:
        """Delete a file, unless an entry names it: then the entry's next change does."""
        with self._lock:
            if blob not in self._kept:
                self.path(blob).unlink(missing_ok=True)

    def sync_folder(self) -> None:
        """Make the names of new files durable."""
        folder = os.open(self._blobs, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
