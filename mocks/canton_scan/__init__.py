"""The Canton Network Scan API of a Super Validator, faithful and steerable."""

from pathlib import Path

from mocks.canton_scan.accounts import dso_party_of
from mocks.canton_scan.eras import Era, seed_of
from mocks.canton_scan.replay import Recording


def dso_party_id(
    *, seed: str = "local", era: str = Era.MIXED.value, replay: Path | None = None
) -> str:
    """The DSO party of the network that the mock will serve, before it is started.

    Raises:
        RecordingRefused: The file can't be replayed.
        ValueError: No such era.
    """
    return Recording(replay).dso_party_id if replay else dso_party_of(seed_of(seed, Era(era)))
