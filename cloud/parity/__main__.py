"""The stack on a laptop beside each stack in the cloud.

    python -m cloud.parity            all differences; fails where one has no reason
    python -m cloud.parity --quiet    those without one

Needs neither Docker nor an account nor Pulumi.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence

from cloud.parity.compare import REASONS, Difference, all_stacks, compare, read_reasons, stale


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what differs; 1 where nobody said why, or said so in vain."""
    parser = argparse.ArgumentParser("cloud.parity", description="Local beside the cloud.")
    parser.add_argument("--quiet", action="store_true", help="only what has no reason")
    options = parser.parse_args(arguments)
    everything: list[Difference] = []
    for name, settings in all_stacks().items():
        found = compare(settings, reasons=REASONS)
        everything += found
        unexpected = [one for one in found if one.reason is None]
        _say(f"{name} and local: {len(found)} differences, {len(unexpected)} without a reason")
        _print(unexpected if options.quiet else found)
    in_vain = stale(read_reasons(REASONS), everything)
    for one in in_vain:
        _say(f"{REASONS.name} explains what is no difference: {one.where}: {one.text}")
    return 1 if in_vain or any(one.reason is None for one in everything) else 0


def _print(found: Iterable[Difference]) -> None:
    """Differences under their reasons."""
    by_reason: dict[str | None, list[Difference]] = {}
    for one in found:
        by_reason.setdefault(one.reason, []).append(one)
    for reason, differing in by_reason.items():
        _say(f"  {reason or f'NO REASON in {REASONS.name}:'}")
        for one in differing:
            _say(f"    {one.where}: {one.local} | {one.cloud}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
