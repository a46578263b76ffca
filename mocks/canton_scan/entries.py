"""Names of the Canton Name Service that exist now, as updates buy and renew them.

A name that an update renews, and none has bought, was there before the ledger began: updates of the
first epoch renew such names (`splits.py`).
"""

from dataclasses import dataclass
from functools import lru_cache

from mocks.canton_scan import wire
from mocks.canton_scan.clock import SECOND, Micros, ledger_time_text
from mocks.canton_scan.eras import Coin
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.plan import Answer, Purpose
from mocks.canton_scan.planner import Planner
from mocks.canton_scan.render.governance import sv_name
from mocks.canton_scan.render.names import LASTS, name_of
from mocks.canton_scan.timeline import Moment
from mocks.canton_scan.update import contract_of, update_at

_RENEWED: Micros = 10 * 86_400 * SECOND  # so long before it expires


@dataclass(frozen=True, slots=True)
class Entry:
    """A name; the DSO's own and those of Super Validators are no contracts and never expire."""

    user: str
    name: str
    contract_id: str | None = None
    expires_at: Micros | None = None

    def described(self) -> wire.Json:
        """Its JSON."""
        fields = {"user": self.user, "name": self.name, "url": "", "description": ""}
        if self.contract_id is None or self.expires_at is None:
            return fields
        expires = {"expires_at": ledger_time_text(self.expires_at)}
        return {"contract_id": self.contract_id, **fields, **expires}


def entries(ledger: Ledger) -> list[Entry]:
    """All names: those of contracts, oldest first, and then the DSO's and its members'."""
    network, now = ledger.network, ledger.now()
    bought = (one for one in _bought(ledger) if (one.expires_at or 0) > now)
    members = (
        Entry(sv, f"{sv_name(sv).lower()}.sv.cns") for sv in network.accounts.super_validators
    )
    return [*bought, Entry(network.dso, "dso.cns"), *members]


def _bought(ledger: Ledger) -> list[Entry]:
    """Names from before the ledger that are yet to be renewed, and those of its updates."""
    network, count = ledger.network, ledger.count()
    older = [
        Entry(
            plan.promise.sender,
            name_of(plan.promise.sender, plan.promise.index),
            contract_of(network, moment.index, "entry before"),
            update_at(network, moment).ledger_time + _RENEWED,
        )
        for moment, plan in _renewals(ledger.planner)
        if moment.index >= count
    ]
    made = [
        Entry(
            user,
            name_of(user, one.requested_in),
            contract_of(network, one.index, "entry"),
            update_at(network, ledger.timeline.moment(one.index)).ledger_time + LASTS,
        )
        for left in ledger.blocks.upto(ledger, count)
        for one in left.names
        for user in (network.accounts.all_holders[one.user],)
    ]
    return [*older, *made]


@lru_cache(maxsize=4)
def _renewals(planner: Planner) -> list[tuple[Moment, Answer]]:
    """The updates that renew a name from before, whether they have happened or not."""
    return [
        (moment, plan)
        for moment, plan in planner.plans({Coin.NAME_ANSWERED}, planner.epochs.first)
        if isinstance(plan, Answer) and plan.paying and plan.promise.purpose is Purpose.RENEWAL
    ]
