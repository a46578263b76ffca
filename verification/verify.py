"""Holds every table against the truth, and tells each difference."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from services import watermarks
from services.adapters.snowflake import Session, Warehouse
from services.backfill import covered_stretches
from services.model import Stretch
from verification import expected, found
from verification.expected import Rows
from verification.truth import Oracle, read_truth

SAMPLE = 8  # updates that are fetched once more; a Scan lets a client ask ten times a second


@dataclass(frozen=True)
class Verdict:
    """What came of it: how many rows of each table were compared, and what differs."""

    row_counts: dict[str, int]
    differences: dict[str, list[str]]

    @property
    def holds(self) -> bool:
        """Whether there is no difference."""
        return not any(self.differences.values())


def verify(warehouse: Warehouse, network: str, oracle: Oracle) -> Verdict:
    """Compare what bronze covers of a network's history, and silver and gold of it.

    Raises:
        TruthUnknown: Nobody knows what is true.
    """
    with warehouse.session() as session:
        if behind := list(_behind(session, network)):
            return Verdict({}, {"batches": behind})
        truth = read_truth(oracle.ask, merged(covered_stretches(session, network)))
        rates = found.rates(session)
        sample = found.payloads(session, network, SAMPLE)
        tables = {
            "bronze.canton_transactions_raw": (
                expected.bronze(truth), found.bronze(session, network),
            ),
            "payloads in bronze, a sample": (
                {(key,): {"is_as_served": True} for key in sample},
                {
                    (key,): {"is_as_served": payload == oracle.fetch(key)}
                    for key, payload in sample.items()
                },
            ),
            "silver.canton_updates": (
                expected.silver_updates(truth), found.silver_updates(session, network),
            ),
            "silver.canton_transactions": (
                expected.silver_sides(truth), found.silver_sides(session, network),
            ),
            "gold.account_activity_minute": (
                expected.gold_accounts(truth, rates), found.gold_accounts(session, network),
            ),
            "gold.network_activity_minute": (
                expected.gold_network(truth, rates), found.gold_network(session, network),
            ),
        }  # fmt: skip
    return Verdict(
        {table: len(wanted) for table, (wanted, _) in tables.items()},
        {table: list(differences(*pair)) for table, pair in tables.items()},
    )


def merged(stretches: Sequence[Stretch]) -> Iterator[Stretch]:
    """The same history in as few stretches as possible, oldest first."""
    whole: Stretch | None = None
    for stretch in sorted(stretches, key=lambda one: one.after):
        if whole and stretch.after <= whole.upto:
            whole = Stretch(whole.after, max(whole.upto, stretch.upto))
            continue
        if whole:
            yield whole
        whole = stretch
    if whole:
        yield whole


def differences(wanted: Rows, held: Rows) -> Iterator[str]:
    """Each row that is missing, too much, or has another value than it should."""
    for key in sorted({*wanted, *held}, key=str):
        words = " ".join(map(_text, key))
        if key not in held:
            yield f"{words}: is missing"
        elif key not in wanted:
            yield f"{words}: should not be there"
        else:
            for name, value in wanted[key].items():
                if held[key][name] != value:
                    yield f"{words}: {name} is {_text(held[key][name])}, should be {_text(value)}"


def _text(value: Any) -> str:
    if value is None:
        return "nobody"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _behind(session: Session, network: str) -> Iterator[str]:
    """Layers that have not consumed all of the one before."""
    streams = (watermarks.BRONZE, watermarks.SILVER, watermarks.GOLD)
    marks = [watermarks.read_watermark(session, stream, network) for stream in streams]
    for before, mark in pairwise(marks):
        made = before.batch_id if before else 0
        consumed = mark.consumed_batch_id if mark else 0
        if before and consumed < made:
            yield f"{before.stream} has batch {made}, of which {consumed} were consumed: run again"
