"""Verdicts of the mediators on a transaction, as `/v0/events` serves them.

Shapes from the as-served schema; meanings from Splice's verdict store and Canton's mediator: the
record time is that of the transaction, the submitting node is named like a party, records of app
activity are computed for accepted transactions only. The numbers of views, parties and bytes are
made up. No verdict has been recorded here.
"""

from dataclasses import dataclass
from enum import Enum

from msgspec import Struct

from mocks.canton_scan.clock import Micros, instant_text
from mocks.canton_scan.draws import Draws
from mocks.canton_scan.network import Network
from mocks.canton_scan.timeline import LIVE_MIGRATION, Moment

_FASTEST: Micros = 80_000
_SLOWEST: Micros = 1_500_000


class Result(Enum):
    """The decision of the mediators."""

    ACCEPTED = "VERDICT_RESULT_ACCEPTED"
    REJECTED = "VERDICT_RESULT_REJECTED"


class Quorum(Struct, frozen=True):
    """The number of these parties that have to confirm."""

    parties: list[str]
    threshold: int


class View(Struct, frozen=True):
    """A part of a transaction that the same parties see."""

    view_id: int
    informees: list[str]
    confirming_parties: list[Quorum]
    sub_views: list[int]
    view_hash: str


class Views(Struct, frozen=True):
    """All parts of a transaction, and which of them are not within another one."""

    views: list[View]
    root_views: list[int]


class Verdict(Struct, frozen=True):
    """The decision; `update_id` and `record_time` are those of the update, where there is one."""

    update_id: str
    migration_id: int
    domain_id: str
    record_time: str
    finalization_time: str
    submitting_parties: list[str]
    submitting_participant_uid: str
    verdict_result: Result
    mediator_group: int
    transaction_views: Views


class EnvelopeTraffic(Struct, frozen=True):
    """Bytes of one envelope of the confirmation request."""

    traffic_cost: int
    view_ids: list[int]


class TrafficSummary(Struct, frozen=True):
    """The traffic that the confirmation request cost its sender, in bytes."""

    total_traffic_cost: int
    envelope_traffic_summaries: list[EnvelopeTraffic]


class AppActivity(Struct, frozen=True):
    """The share of an app's provider, in bytes."""

    party: str
    weight: int


class AppActivityRecords(Struct, frozen=True):
    """The app providers credited for the transaction, and the round of the credit."""

    round_number: int
    records: list[AppActivity]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A transaction whose confirmation was requested, in the name of `submitters`."""

    update_id: str
    moment: Moment
    submitters: list[str]
    result: Result


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with its traffic and app activity; None if the network has none."""

    verdict: Verdict
    traffic_summary: TrafficSummary | None
    app_activity_records: AppActivityRecords | None


def decide(network: Network, confirmation: Confirmation) -> Decision:
    """Draw the mediators' verdict on a transaction, its traffic and its app activity.

    Only the live migration has traffic and activity: Splice has had them since 0.5.18.
    """
    draws = network.seed.draws(f"verdict {confirmation.update_id}")
    finalized = confirmation.moment.record_time + draws.between(_FASTEST, _SLOWEST)
    verdict = Verdict(
        update_id=confirmation.update_id,
        migration_id=confirmation.moment.migration_id,
        domain_id=network.synchronizer_id,
        record_time=instant_text(confirmation.moment.record_time),
        finalization_time=instant_text(finalized),
        submitting_parties=confirmation.submitters,
        submitting_participant_uid=confirmation.submitters[0],
        verdict_result=confirmation.result,
        mediator_group=0,
        transaction_views=_views(network, draws, confirmation),
    )
    if confirmation.moment.migration_id < LIVE_MIGRATION:
        return Decision(verdict, None, None)
    traffic = _traffic(draws, len(verdict.transaction_views.views))
    if confirmation.result is Result.REJECTED:
        return Decision(verdict, traffic, None)
    return Decision(verdict, traffic, _activity(network, draws, confirmation, traffic))


def _views(network: Network, draws: Draws, confirmation: Confirmation) -> Views:
    """One to four views, each within the one before it; the first is the root."""
    count = draws.between(1, 4)
    views = [
        View(
            number,
            sorted({*confirmation.submitters, network.accounts.account(draws)}),
            [Quorum(confirmation.submitters, 1)],
            [number + 1] if number + 1 < count else [],
            f"1220{network.seed.hex(f'view {number} {confirmation.update_id}', 64)}",
        )
        for number in range(count)
    ]
    return Views(views, [0])


def _traffic(draws: Draws, views: int) -> TrafficSummary:
    costs = [draws.between(600, 9_000) for _ in range(views)]
    envelopes = [EnvelopeTraffic(cost, [number]) for number, cost in enumerate(costs)]
    return TrafficSummary(sum(costs), envelopes)


def _activity(
    network: Network, draws: Draws, confirmation: Confirmation, traffic: TrafficSummary
) -> AppActivityRecords:
    """One provider in three transactions gets all of it; in the others nobody does."""
    number = network.rounds.usable(confirmation.moment.record_time).number
    provider = network.accounts.account(draws)
    records = [AppActivity(provider, traffic.total_traffic_cost)] if draws.one_in(3) else []
    return AppActivityRecords(number, records)
