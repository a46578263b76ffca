"""``python -m mocks.canton_scan``: a Super Validator's Scan on this machine."""

import argparse
import gc
import math
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import uvicorn

from mocks import STATE_REFUSED
from mocks.canton_scan.app import create_node
from mocks.canton_scan.clock import SECOND, Micros
from mocks.canton_scan.eras import Era
from mocks.canton_scan.history import History
from mocks.canton_scan.ledger import follow_ledger, open_ledger
from mocks.canton_scan.limit import PER_SECOND, Limits
from mocks.canton_scan.replay import Recording, RecordingRefused
from mocks.canton_scan.state import StateRefused, StateUnreadable

EX_DATAERR = 65  # sysexits.h: the input data was incorrect in some way
_GC_THRESHOLD = (
    50_000  # updates are trees of many small objects without cycles: a tenth of the time
)
_LEAST_HISTORY = 10
_LEAST_GAP: Micros = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM; ``arguments`` are those of the command line."""
    options = _parse(arguments)
    try:
        history = _history(options)
    except StateUnreadable as refused:
        sys.stderr.write(f"canton_scan: {STATE_REFUSED}{refused}\n")
        raise SystemExit(EX_DATAERR) from refused
    except (RecordingRefused, StateRefused) as refused:
        sys.stderr.write(f"canton_scan: {refused}\n")
        raise SystemExit(EX_DATAERR) from refused
    gc.set_threshold(_GC_THRESHOLD)
    uvicorn.run(
        create_node(history, Limits(options.limit, options.sustained, options.of_path)),
        host=options.host,
        port=options.port,
        access_log=False,
        log_level="warning",
        proxy_headers=False,  # whoever says so is no other client
    )


def _history(options: argparse.Namespace) -> History:
    if options.replay:
        return Recording(options.replay)
    lag = round(options.lag * SECOND)
    if options.follow:
        return follow_ledger(options.state, options.seed, lag=lag)
    ledger = open_ledger(
        options.state,
        options.seed,
        history=options.history,
        gap=options.rate,
        era=Era(options.era),
        huge=options.huge,
    )
    return ledger.behind(lag) if lag else ledger


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mocks.canton_scan", description=__doc__)
    parser.add_argument("--port", type=int, default=5012)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--state", type=Path, help="file that keeps the ledger's state")
    parser.add_argument(
        "--follow", action="store_true", help="serve what the node shows that keeps this state"
    )
    parser.add_argument(
        "--lag",
        type=_not_negative,
        default=0.0,
        help="seconds that this node is behind; none by default",
    )
    parser.add_argument("--replay", type=Path, help="serve these recorded updates instead")
    parser.add_argument("--seed", help="which ledger; that of the state, or `local` for a new one")
    parser.add_argument(
        "--era",
        choices=[era.value for era in Era],
        default=Era.MIXED.value,
        help="what a new ledger's updates are like: before CIP-78 (fees), as of a release of"
        " Splice, on DevNet; %(default)s by default",
    )
    parser.add_argument(
        "--history",
        type=_history_size,
        default=20_000,
        help="updates that a new ledger begins with; %(default)s by default",
    )
    parser.add_argument(
        "--rate",
        type=_gap,
        help="updates a second on average, 1/60 or 0.5 or 2; as before, or 2 for a new ledger",
    )
    parser.add_argument(
        "--limit",
        type=_limit,
        default=PER_SECOND,
        help="requests a second for each client, 0 for no limit; %(default)s by default",
    )
    parser.add_argument(
        "--sustained",
        type=_whole,
        default=0,
        help="requests in a minute for each client, then none until it is over; no limit by"
        " default",
    )
    parser.add_argument(
        "--of-path",
        type=_whole,
        default=0,
        help="requests a minute for each client and path; no limit by default",
    )
    parser.add_argument(
        "--huge",
        type=_whole,
        help="let the update at this place of a new ledger have 23 MB, as MainNet had some",
    )
    options = parser.parse_args(arguments)
    if not (options.state or options.replay):
        parser.error("one of --state and --replay is needed")
    return options


def _history_size(text: str) -> int:
    if not text.isdecimal() or int(text) < _LEAST_HISTORY:
        raise argparse.ArgumentTypeError(f"{text}: expected a number from {_LEAST_HISTORY} on")
    return int(text)


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text}: expected a whole number from 0 on")
    return int(text)


def _not_negative(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text}: expected a number from 0 on")
    return number


def _limit(text: str) -> float:
    number = _not_negative(text)
    if 0 < number < 1:
        raise argparse.ArgumentTypeError(f"{text} lets no request pass: 0, or from 1 on")
    return number


def _gap(rate: str) -> Micros:
    """Microseconds between two updates on average."""
    try:
        gap = round(SECOND / Fraction(rate))
    except (ValueError, ZeroDivisionError):
        gap = 0
    if gap < _LEAST_GAP:
        most = SECOND // _LEAST_GAP
        raise argparse.ArgumentTypeError(f"{rate}: expected a number above 0, at most {most}")
    return gap


if __name__ == "__main__":
    main()
