"""The manifest of a snapshot: the first entry of its file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from local.console.errors import CommandFailed

FORMAT = 1
SNAPSHOT, INCIDENT = "snapshot", "incident"


@dataclass(frozen=True)
class Part:
    """A file within: its size and checksum."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Position:
    """The position of a stream, as recorded in ``ops.cdc_watermarks``."""

    stream: str
    network: str
    at: str
    consumed_batch_id: int
    batch_id: int


@dataclass(frozen=True)
class LedgerState:
    """The mocked ledger: which it is, how fast it grows, and what its clock showed."""

    seed: str
    rate: float
    now: str
    shown: int
    """The same in microseconds."""
    speed: float
    is_frozen: bool
    era: str = "mixed"


@dataclass(frozen=True)
class Failure:
    """The run that an incident is about, and how it failed."""

    run: str
    flow: str
    parameters: Mapping[str, str]
    position: str
    synchronizer_id: str | None
    message: str
    environment: str


@dataclass(frozen=True)
class Manifest:
    """A snapshot, or a run that failed.

    Attributes:
        made_by: The revision that made it; empty if git doesn't know it.
        place: `embedded` or `stack`; where run history can go back to.
        network: The folder of `make run` that its state lies in.
        parts: By name, in the order of the file.
        tables: Rows of each table of the warehouse.
        updates: Updates that each layer holds.
    """

    kind: str
    made_at: str
    made_by: str
    place: str
    network: str
    parts: Mapping[str, Part]
    tables: Mapping[str, int] = field(default_factory=dict)
    updates: Mapping[str, int] = field(default_factory=dict)
    positions: tuple[Position, ...] = ()
    ledger: LedgerState | None = None
    failure: Failure | None = None
    format: int = FORMAT


class _Heading(msgspec.Struct):
    format: int


def encode(manifest: Manifest) -> bytes:
    """Return the manifest as indented JSON that a person can read."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decode(content: bytes) -> Manifest:
    """Return the manifest that `encode` wrote.

    Raises:
        CommandFailed: A newer version wrote it, or it is no manifest.
    """
    try:
        found = msgspec.json.decode(content, type=_Heading).format
        if found > FORMAT:
            raise CommandFailed(
                f"it was written by a newer version (format {found}, this one knows {FORMAT}):"
                " update this clone"
            )
        return msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError as error:
        raise CommandFailed(f"its manifest can't be read ({error}): get the file again") from error
