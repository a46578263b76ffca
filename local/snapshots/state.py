"""The places that hold state: what each gives to a snapshot and takes from one."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from local.console.errors import CommandFailed
from local.console.place import Place
from local.snapshots import objects, warehouse
from local.snapshots.manifest import Manifest
from local.stack.compose import is_up

EMBEDDED, STACK = "embedded", "stack"
INBOX = "inbox.jsonl"


class StillBusy(CommandFailed):
    """Something works there that a restore would disturb; nothing was changed."""


class State(Protocol):
    """The state of `make run`, or the stack."""

    @property
    def kind(self) -> str:
        """`embedded` or `stack`."""
        ...

    @property
    def name(self) -> str: ...

    def opened(self) -> AbstractContextManager[Place]:
        """Its S3 and warehouse, up: those that run, or some started for this."""
        ...

    def ledger(self) -> bytes | None:
        """The mocked Scan's state; none where another Scan is read, or a recording."""
        ...

    def inbox(self) -> bytes:
        """Return the messages that the mocked Slack received, as JSON lines."""
        ...

    def copy_history(self, folder: Path) -> None:
        """Write Prefect's database into a folder, without its secrets."""
        ...

    def is_empty(self) -> bool:
        """Tell whether the place holds nothing that a restore would replace."""
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Keep other commands from changing it meanwhile."""
        ...

    def refuse_if_busy(self) -> None:
        """Raise `CommandFailed` while something works there that a restore would disturb."""
        ...

    def put_back(self, manifest: Manifest, folder: Path) -> list[str]:
        """Restore the place from a snapshot's prepared parts, and verify it.

        Returns:
            What a person should know of it.

        Raises:
            StillBusy: Something began to work there.
            CommandFailed: It didn't work, or isn't what was kept.
        """
        ...


def is_stack(environment: Mapping[str, str]) -> bool:
    """Tell whether to act on the stack: AT names it, or AT is unset and the stack is up."""
    return (environment.get("AT") or (STACK if is_up() else "")) == STACK


def fill_bucket(bucket: objects.Bucket, folder: Path) -> list[str]:
    """Put all objects of a snapshot into a bucket; return notes for the user."""
    sums = {one.key: one.sha256 for one in objects.index(folder)}
    repacked = 0
    for stored in objects.read(folder):
        bucket.put(stored)
        repacked += stored.kept.sha256 != sums[stored.kept.key]
    note = (
        f"{repacked} objects hold the same lines in other bytes: this machine's zlib packs"
        " otherwise than the one that landed them; their checksums were written anew"
    )
    return [note] if repacked else []


def verify(target: Place, manifest: Manifest) -> None:
    """Raise `CommandFailed` where rows, positions or objects aren't those of the snapshot."""
    wrong = warehouse.compare(target.warehouse(), manifest)
    bucket = objects.bucket_of(target.settings())
    there = set(bucket.listed())
    for key in sorted(warehouse.object_keys(target.warehouse())):
        if key not in there:
            wrong.append(f"{key} isn't there")
        elif (kept := bucket.read(key).kept).metadata.get("sha256", kept.sha256) != kept.sha256:
            wrong.append(f"{key} isn't what was landed")
    if wrong:
        raise CommandFailed("what was restored isn't what was kept: " + "; ".join(wrong[:5]))
