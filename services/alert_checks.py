"""Alerts of what stands in the warehouse: old layers, what waits in quarantine, a backlog."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from services.adapters.snowflake import Session
from services.alerts import BACKLOG, QUARANTINE, STALE, Alert
from services.quality import Finding
from services.quarantine_work import undecided

QUARANTINE_AGE = timedelta(hours=1)
BACKLOG_AGE = timedelta(hours=1)  # what bronze lacks may be as old; a budget is spent by less
BACKLOG_BATCHES = 3  # in a row, each further behind than the one before


def network_named(network: str) -> str:
    """A network as alerts name it."""
    return f"network {network}"


def stale_layers(findings: Sequence[Finding], now: datetime, link: str) -> list[Alert]:
    """An alert for each layer that is older than it may be.

    Args:
        findings: What the rules of freshness found; see `services.freshness`.
        now: The time that alerts begin at.
        link: See `Alert`.
    """
    return [
        Alert(STALE, one.rule.removesuffix("_is_fresh"), "\n".join(one.sample_keys), now, link)
        for one in findings
    ]


def old_quarantine(session: Session, network: str, now: datetime, link: str) -> list[Alert]:
    """An alert if anything of a network has waited in quarantine for an hour."""
    waiting = [
        (entry.first_seen_at.replace(tzinfo=UTC), entry.key)
        for entry in undecided(session, network)
    ]
    old = sorted(one for one in waiting if now - one[0] >= QUARANTINE_AGE)
    if not old:
        return []
    since, key = old[0]
    reason = f"{len(waiting)} in quarantine, the oldest is {key}"
    return [Alert(QUARANTINE, network_named(network), reason, since, link)]


def growing_backlog(session: Session, network: str, link: str) -> list[Alert]:
    """An alert if bronze's last batches are each further behind the ledger than the one before.

    Call it after a run that has left something for the next one: at the head, a batch that is old
    only says that the ledger rests.
    """
    rows = session.query(
        """select upto_record_time, committed_at from ops.batches
           where layer = 'bronze' and kind = 'live' and network = %(network)s
           order by batch_id desc limit %(most)s""",
        {"network": network, "most": BACKLOG_BATCHES},
    )
    behind = [row["committed_at"] - row["upto_record_time"] for row in rows]
    is_growing = all(newer > older for newer, older in pairwise(behind))
    if len(behind) < BACKLOG_BATCHES or not is_growing or behind[0] < BACKLOG_AGE:
        return []
    minutes = [f"{one.total_seconds() / 60:,.1f}" for one in reversed(behind)]
    reason = f"the last {len(rows)} batches were {', '.join(minutes)} minutes behind the ledger"
    since = rows[-1]["committed_at"].replace(tzinfo=UTC)
    return [Alert(BACKLOG, network_named(network), reason, since, link)]
