"""The rows that bronze, silver and gold should hold if the truth went through them.

Each table as its rows by key, so that a difference can name both.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from local.verify.truth import Answer, Totals
from services.model import parse_record_time
from services.watermarks import utc_naive

Rows = dict[tuple[Any, ...], dict[str, Any]]
_SUMS = ("sent_cc", "received_cc", "minted_cc", "burned_cc")
_NETWORK_SUMS = ("transferred_cc", "minted_cc", "burned_cc")
_COUNTS = ("transaction_count", "aborted_count")


@dataclass(frozen=True)
class Rates:
    """USD for 1 CC as configured, each from an instant on; the first one holds for all before."""

    effective_at: Sequence[datetime]
    usd_rate: Sequence[Decimal]

    def at(self, minute: datetime) -> Decimal:
        return self.usd_rate[max(bisect_right(self.effective_at, minute) - 1, 0)]


def bronze(updates: Sequence[Answer]) -> Rows:
    """bronze.canton_transactions_raw: each update once, with an equal payload."""
    return {
        (update["update_id"],): {
            "rows": 1,
            "payload_id": update["update_id"],
            "migration_id": update["migration_id"],
            "record_time": update["record_time"],
        }
        for update in updates
    }


def silver_updates(updates: Sequence[Answer]) -> Rows:
    """silver.canton_updates: each update once, where it stands."""
    return {
        (update["update_id"],): {
            "rows": 1,
            "migration_id": update["migration_id"],
            "record_time": utc_naive(parse_record_time(update["record_time"])),
        }
        for update in updates
    }


def silver_sides(updates: Sequence[Answer]) -> Rows:
    """silver.canton_transactions: the sums that moved between accounts, in any number of rows."""
    found: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for update in updates:
        for movement in update["movements"]:
            for *side, amount in _sides(movement):
                found[update["update_id"], *side]["amount_cc"] += amount
                found[update["update_id"], *side]["aborted"] += int(movement["kind"] == "abort")
    return {key: dict(sums) for key, sums in found.items()}


def _sides(movement: Answer) -> Iterator[tuple[Any, ...]]:
    kind, sender, receiver = movement["kind"], movement["sender"], movement["receiver"]
    amount = Decimal(movement["amount_cc"])
    if kind == "abort":
        yield sender, "none", kind, receiver, amount
        return
    if sender:
        yield sender, "sent", kind, receiver, amount
    if receiver:
        yield receiver, "received", kind, sender, amount


def gold_accounts(totals: Totals, rates: Rates) -> Rows:
    return {
        (minute, account): _account_row(sums, rates.at(minute))
        for (minute, account), sums in totals.accounts.items()
    }


def _account_row(sums: Counter[str], rate: Decimal) -> dict[str, Any]:
    sent, received, minted, burned = (Decimal(sums[name]) for name in _SUMS)
    total = sent + received + minted + burned
    return {
        **{name: sums[name] for name in (*_COUNTS, *_SUMS)},
        "net_cc": received + minted - sent - burned,
        "total_cc": total,
        "usd_rate": rate,
        "usd_value": _valued(total, rate),
    }


def gold_network(totals: Totals, rates: Rates) -> Rows:
    accounts = Counter(minute for minute, _ in totals.accounts)
    return {
        (minute,): {
            "update_count": sums["update_count"],
            "account_count": accounts[minute],
            **{name: sums[name] for name in (*_COUNTS, *_NETWORK_SUMS)},
            "usd_rate": rates.at(minute),
            "usd_value": _valued(
                sum((Decimal(sums[name]) for name in _NETWORK_SUMS), Decimal()), rates.at(minute)
            ),
        }
        for minute, sums in totals.minutes.items()
    }


def _valued(total_cc: Decimal, rate: Decimal) -> Decimal:
    return (total_cc * rate).quantize(Decimal("1E-10"), rounding=ROUND_HALF_UP)
