"""The folder that keeps everything: one owner at a time, one version of its layout.

format      the layout's version
lock        held (flock) by the server that uses the folder
account.db  what spans databases: stages, comments, Python functions
<NAME>.db   one DuckDB file a database
stages/     files of internal stages
temporary/  emptied at each start
tls.pem     the certificate of HTTPS, and tls.key its key; a copy of the folder has others
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

FORMAT = 1
ACCOUNT_FILE = "account.db"


class FolderRefused(Exception):
    """The folder can't be used; the message is one line that says why."""


class FolderUnreadable(FolderRefused):
    """The folder's contents are of another version, or damaged."""


class Folder:
    """A data folder that this process owns until it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise FolderRefused(f"{self.path} can't be used: {error}") from error
        self._take_lock()
        self._check_format()
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir()

    def _take_lock(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderRefused(f"another local Snowflake is using {self.path}") from None

    def _check_format(self) -> None:
        file = self.path / "format"
        if not file.exists() and not self.account.exists():
            draft = self.path / "format.draft"
            draft.write_text(f"{FORMAT}\n")
            draft.replace(file)
            return
        found = file.read_text(errors="replace").strip() if file.exists() else "nothing"
        if not found.isdecimal():
            raise FolderUnreadable(f"{file} should hold a number, and holds {found or 'nothing'}")
        if int(found) != FORMAT:
            age = "a newer" if int(found) > FORMAT else "an older"
            raise FolderUnreadable(
                f"{self.path} was written by {age} version (format {found}; this one reads"
                f" {FORMAT})"
            )

    @property
    def account(self) -> Path:
        """The file of what spans databases."""
        return self.path / ACCOUNT_FILE

    @property
    def temporary(self) -> Path:
        """The folder of temporary files: one that a killed server leaves is found here, once."""
        return self.path / "temporary"

    @property
    def stages(self) -> Path:
        """The folder of the files that were put on internal stages."""
        return self.path / "stages"

    @property
    def certificate(self) -> Path:
        """The file of the certificate; see `tls`."""
        return self.path / "tls.pem"

    def databases(self) -> Iterator[tuple[str, Path]]:
        """Name and file of each database, by name."""
        for file in sorted(self.path.glob("*.db")):
            if file.name != ACCOUNT_FILE:
                yield file.stem, file

    def remove(self, database: str) -> None:
        """Delete the file of a database that is open no more, with its log."""
        for suffix in (".db", ".db.wal"):
            (self.path / f"{database}{suffix}").unlink(missing_ok=True)

    def release(self) -> None:
        """Let another server use the folder."""
        os.close(self._lock)
