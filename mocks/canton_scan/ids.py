"""Identifiers in the real formats (lengths and prefixes measured on MainNet, December 2025)."""

from mocks.canton_scan.draws import Seed

_MULTIHASH = "1220"  # SHA-256, 32 bytes, as Canton writes its hashes
_UPDATE_ID_LENGTH = 68


def contract_id(seed: Seed, name: str) -> str:
    """138 hex digits: ``00``, 32 bytes, the suffix ``ca121220`` of migration 4, 32 bytes."""
    digest = seed.digest(name).hex()
    return f"00{digest[:64]}ca121220{digest[64:]}"


def update_id(seed: Seed, index: int) -> str:
    """The id of the ledger's update at ``index``; `index_of` leads back.

    A digest of the index hides the index itself in the first eight bytes, so that an update can
    be found by its id although no list of ids is kept.
    """
    digest = seed.digest(b"update" + index.to_bytes(8))[:24]
    return f"{_MULTIHASH}{index ^ _mask(seed, digest):016x}{digest.hex()}"


def index_of(seed: Seed, candidate: str) -> int | None:
    """The index of the update with this id; None when this ledger never makes such an id."""
    try:
        raw = bytes.fromhex(candidate.removeprefix(_MULTIHASH))
    except ValueError:
        return None
    if len(candidate) != _UPDATE_ID_LENGTH or len(raw) != 32:
        return None
    index = int.from_bytes(raw[:8]) ^ _mask(seed, raw[8:])
    return index if update_id(seed, index) == candidate else None


def _mask(seed: Seed, digest: bytes) -> int:
    return int.from_bytes(seed.digest(b"mask" + digest)[:8])
