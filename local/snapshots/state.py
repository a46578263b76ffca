"""The state that a snapshot is of, in either place, and how its restore is verified."""

from collections.abc import Mapping
from pathlib import Path

from local.console.errors import CommandFailed
from local.console.place import Place
from local.snapshots import objects, warehouse
from local.snapshots.manifest import Manifest
from local.stack.compose import is_up

EMBEDDED, STACK = "embedded", "stack"
INBOX = "inbox.jsonl"


class StillBusy(CommandFailed):
    """Something works there that a restore would disturb; nothing was changed."""


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
