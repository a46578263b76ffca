"""The one file of a snapshot: ``.snapshots/<name>.tar.zst``.

A tar of the manifest and the parts that it names, compressed in frames that `zstd -d` reads too.
It is written beside its place and renamed when it is whole.
"""

import hashlib
import io
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psutil
import pyarrow as pa

from local.console.errors import CommandFailed
from local.snapshots.manifest import Manifest, Part, decode, encode

FOLDER = Path(".snapshots")
SUFFIX = ".tar.zst"
MANIFEST = "manifest.json"
CHUNK = 1 << 20
_LEVEL = 9
_FRAME = 16 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DRAFT = re.compile(rf"\.draft-(?P<parts>\d+)-.*|\..+{re.escape(SUFFIX)}\.(?P<whole>\d+)")


def file_of(name: str, shelf: Path = FOLDER) -> Path:
    """The file that NAME means to a command that reads: one of a folder's, or a path."""
    if name.endswith(SUFFIX) or "/" in name:
        return Path(name)
    return new_file(name, shelf)


def new_file(name: str, shelf: Path = FOLDER) -> Path:
    """The file that NAME means to a command that writes: always in the folder for snapshots."""
    if not name:
        raise CommandFailed("which snapshot? type its name; ./pipeline snapshots lists them")
    if not _NAME.fullmatch(name) or name.endswith(SUFFIX):
        raise CommandFailed(
            f"NAME={name}: expected a name of letters, digits, dots, _ and -, without {SUFFIX}"
        )
    return shelf / f"{name}{SUFFIX}"


@contextmanager
def workshop(shelf: Path = FOLDER) -> Generator[Path]:
    """A folder for the parts of one snapshot, gone afterwards; so is what a killed command left."""
    shelf.mkdir(exist_ok=True, parents=True)
    _clear(shelf)
    with tempfile.TemporaryDirectory(prefix=f".draft-{os.getpid()}-", dir=shelf) as name:
        yield Path(name)


def describe(folder: Path, names: Iterable[str]) -> dict[str, Part]:
    """Size and checksum of each file that is there."""
    parts: dict[str, Part] = {}
    for name in names:
        with suppress(FileNotFoundError), (folder / name).open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            parts[name] = Part((folder / name).stat().st_size, digest)
    return parts


def write(file: Path, folder: Path, manifest: Manifest) -> int:
    """Write a snapshot of the manifest's parts in a folder, for its owner alone; its bytes."""
    file.parent.mkdir(exist_ok=True, parents=True)
    _clear(file.parent)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        draft.touch(mode=0o600)
        with draft.open("wb") as raw:
            with _Frames(raw) as frames, tarfile.open(fileobj=frames, mode="w|") as archive:  # pyright: ignore[reportCallIssue, reportArgumentType]
                content = encode(manifest)
                head = tarfile.TarInfo(MANIFEST)
                head.size = len(content)
                archive.addfile(head, io.BytesIO(content))
                for name in manifest.parts:
                    archive.add(folder / name, name, filter=_nobodys)
            raw.flush()
            os.fsync(raw.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return file.stat().st_size


def read_manifest(file: Path) -> Manifest:
    """Return a snapshot's manifest without reading the rest of the file.

    Raises:
        CommandFailed: There is none, it is no snapshot, or a newer version's.
    """
    with _opened(file) as archive:
        return _manifest(archive)


def unpack(file: Path, folder: Path | None = None) -> Manifest:
    """Check every part of a snapshot, and write them into a folder if one is given."""
    with _opened(file) as archive:
        manifest = _manifest(archive)
        found: dict[str, Part] = {}
        while member := archive.next():
            if member.name not in manifest.parts or not _NAME.fullmatch(member.name):
                raise CommandFailed(f"it holds {member.name}, which its manifest doesn't name")
            found[member.name] = _copy(archive, member, folder)
        for name, part in manifest.parts.items():
            if found.get(name) != part:
                raise CommandFailed(f"its {name} is damaged: get the file again")
    return manifest


def _manifest(archive: tarfile.TarFile) -> Manifest:
    first = archive.next()
    content = archive.extractfile(first) if first and first.name == MANIFEST else None
    if content is None:
        raise CommandFailed("it is no snapshot: its manifest isn't there")
    return decode(content.read())


def _copy(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path | None) -> Part:
    content = archive.extractfile(member)
    if content is None:
        raise CommandFailed(f"its {member.name} is no file")
    digest = hashlib.sha256()
    with (folder / member.name if folder else Path(os.devnull)).open("wb") as target:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            target.write(chunk)
    return Part(member.size, digest.hexdigest())


@contextmanager
def _opened(file: Path) -> Generator[tarfile.TarFile]:
    if not file.is_file():
        raise CommandFailed(f"there is no snapshot {file}: ./pipeline snapshots lists them")
    try:
        with (
            pa.CompressedInputStream(str(file), "zstd") as stream,
            tarfile.open(fileobj=stream, mode="r|") as archive,
        ):
            yield archive
    except CommandFailed as error:
        raise CommandFailed(f"{file}: {error}") from error
    except (OSError, EOFError, ValueError, tarfile.TarError) as error:
        if isinstance(error, OSError) and error.errno:  # of the disk, not of the file's content
            raise
        raise CommandFailed(f"{file} isn't whole ({error}): get the file again") from error


class _Frames(io.RawIOBase):
    """Compresses what is written, a frame of some megabytes after the other."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._codec = pa.Codec("zstd", compression_level=_LEVEL)
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: Any, /) -> int:
        """Take content in; it is compressed once there is enough for a frame."""
        self._waiting += content
        if len(self._waiting) >= _FRAME:
            self._write_frame()
        return len(content)

    def close(self) -> None:
        if not self.closed and self._waiting:
            self._write_frame()
        super().close()

    def _write_frame(self) -> None:
        self._target.write(self._codec.compress(bytes(self._waiting), asbytes=True))
        self._waiting.clear()


def _clear(shelf: Path) -> None:
    """Delete the drafts of processes that were killed."""
    for left in shelf.iterdir():
        draft = _DRAFT.fullmatch(left.name)
        if draft is None or psutil.pid_exists(int(draft["parts"] or draft["whole"])):
            continue
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry
