"""Identifiers in the real formats (lengths and prefixes measured on MainNet, December 2025)."""

from mocks.canton_scan.draws import Seed

_MULTIHASH = "1220"  # SHA-256, 32 bytes, as Canton writes its hashes
_UPDATE_ID_LENGTH = 68
_MOST_PRIVATE = 16  # private transactions between two updates, at the very most


def contract_id(seed: Seed, name: str) -> str:
    """138 hex digits: ``00``, 32 bytes, the suffix ``ca121220`` of migration 4, 32 bytes."""
    return contract_form(seed.digest(name).hex())


def contract_form(digest: str) -> str:
    """A contract id from 128 hex digits."""
    return f"00{digest[:64]}ca121220{digest[64:]}"


def update_id(seed: Seed, index: int) -> str:
    """The id of the ledger's update at ``index``; `index_of` leads back."""
    return _hiding(seed, b"update", index)


def index_of(seed: Seed, candidate: str) -> int | None:
    """The index of the update with this id; None when this ledger never makes such an id."""
    return _hidden_in(seed, b"update", candidate)


def private_id(seed: Seed, index: int, rank: int) -> str:
    """The id of a transaction that Scan doesn't see; `private_of` leads back.

    It is the one at ``rank`` (below 16) of those that follow the update at ``index``.
    """
    return _hiding(seed, b"private", index * _MOST_PRIVATE + rank)


def private_of(seed: Seed, candidate: str) -> tuple[int, int] | None:
    """The index and rank of the private transaction with this id; None: never made."""
    number = _hidden_in(seed, b"private", candidate)
    return None if number is None else divmod(number, _MOST_PRIVATE)


def _hiding(seed: Seed, kind: bytes, number: int) -> str:
    """An id that looks like a hash.

    A digest of the number hides the number itself in the first eight bytes, so that what the id
    stands for can be found although no list of ids is kept.
    """
    digest = seed.digest(kind + number.to_bytes(8))[:24]
    return f"{_MULTIHASH}{number ^ _mask(seed, digest):016x}{digest.hex()}"


def _hidden_in(seed: Seed, kind: bytes, candidate: str) -> int | None:
    """The number that an id of this kind hides; None: it is none."""
    try:
        raw = bytes.fromhex(candidate.removeprefix(_MULTIHASH))
    except ValueError:
        return None
    if len(candidate) != _UPDATE_ID_LENGTH or len(raw) != 32:
        return None
    number = int.from_bytes(raw[:8]) ^ _mask(seed, raw[8:])
    return number if _hiding(seed, kind, number) == candidate else None


def _mask(seed: Seed, digest: bytes) -> int:
    return int.from_bytes(seed.digest(b"mask" + digest)[:8])
