"""Decides what each update of a ledger means, from its position alone."""

from mocks.canton_scan.amounts import COIN, Units
from mocks.canton_scan.draws import Draws
from mocks.canton_scan.mix import Coin, Kind, Mix
from mocks.canton_scan.network import Network
from mocks.canton_scan.plan import (
    Mint,
    Offer,
    Outcome,
    Output,
    Plan,
    Quiet,
    Rewards,
    Route,
    Settlement,
    TrafficPurchase,
    Transfer,
)
from mocks.canton_scan.timeline import LIVE_MIGRATION, Moment, Timeline

_NOTHING_OPEN = Quiet.CONFIRMATION_EXPIRED  # stands in where a settlement finds no open offer


class Planner:
    """Plans of one ledger."""

    def __init__(self, network: Network, timeline: Timeline) -> None:
        self._network = network
        self._accounts = network.accounts
        self._timeline = timeline
        self._mix = Mix(network.seed)
        self._coin_plans = {
            Coin.REWARD: self._reward,
            Coin.PAYMENT: self._payment,
            Coin.PREAPPROVED: self._preapproved,
            Coin.MERGE: self._merge,
            Coin.TAP: self._tap,
            Coin.MINT: self._mint,
            Coin.TRAFFIC: self._traffic,
            Coin.OFFER: self._offer,
            Coin.SETTLEMENT: self._settlement,
        }

    def plan(self, moment: Moment) -> Plan:
        """What the update at this position means."""
        kind = self._kind(moment)
        if isinstance(kind, Quiet):
            return kind
        return self._coin_plans[kind](moment, self._draws(moment))

    def _draws(self, moment: Moment) -> Draws:
        return self._network.seed.draws(f"plan {moment.index}")

    def _kind(self, moment: Moment) -> Kind:
        """The first update of a ten-minute window opens a round, the second closes an old one."""
        if self._opens_round(moment):
            return Quiet.ROUND_OPENED
        if moment.index and self._opens_round(self._timeline.moment(moment.index - 1)):
            return Quiet.ROUND_CLOSED
        return self._mix.kind(moment.index)

    def _opens_round(self, moment: Moment) -> bool:
        """Whether it is the first of its window; an overtaken migration opens no more rounds."""
        if moment.index == 0 or self._timeline.is_overtaken(moment):
            return False
        before = self._timeline.moment(moment.index - 1)
        newest = self._network.rounds.newest
        is_same = before.migration_id == moment.migration_id
        return is_same and newest(before.record_time) < newest(moment.record_time)

    def _reports(self, moment: Moment, draws: Draws) -> bool:
        """Half of the coin updates of migration 4 are of the generation of Splice 0.6.11."""
        return moment.migration_id == LIVE_MIGRATION and draws.one_in(2)

    def _reward(self, moment: Moment, draws: Draws) -> Transfer:
        of_super_validator = draws.one_in(3)
        find = self._accounts.super_validator if of_super_validator else self._accounts.account
        return Transfer(
            sender=find(draws),
            inputs=tuple(_amount(draws) for _ in range(draws.below(4))),
            rewards=_rewards(draws, of_super_validator=of_super_validator),
            reports_holdings=self._reports(moment, draws),
        )

    def _merge(self, moment: Moment, draws: Draws) -> Transfer:
        return Transfer(
            sender=self._accounts.account(draws),
            inputs=tuple(_amount(draws) for _ in range(draws.between(2, 6))),
            reports_holdings=self._reports(moment, draws),
        )

    def _payment(self, moment: Moment, draws: Draws) -> Transfer:
        """One to three receivers, now and then one of them twice; now and then with rewards."""
        sender = self._accounts.account(draws)
        reports = self._reports(moment, draws)
        receivers = [
            self._accounts.account_but(sender, draws) for _ in range(draws.pick((1, 1, 1, 2, 3)))
        ]
        if draws.one_in(8):
            receivers.append(receivers[0])
        if not reports and draws.one_in(10):
            receivers.append(sender)
        outputs = tuple(Output(receiver, _amount(draws)) for receiver in receivers)
        rewards = _rewards(draws, of_super_validator=False) if draws.one_in(6) else Rewards()
        inputs = _inputs_for(sum(output.amount for output in outputs), draws)
        return Transfer(sender, inputs, outputs, rewards, reports_holdings=reports)

    def _preapproved(self, moment: Moment, draws: Draws) -> Transfer:
        sender = self._accounts.account(draws)
        amount = _amount(draws)
        reports = self._reports(moment, draws)
        second_version = moment.migration_id == LIVE_MIGRATION and draws.one_in(2)
        return Transfer(
            sender=sender,
            inputs=_inputs_for(amount, draws),
            outputs=(Output(self._accounts.account_but(sender, draws), amount),),
            route=Route.PREAPPROVAL_V2 if second_version else Route.PREAPPROVAL,
            by_factory=draws.one_in(3),
            reports_holdings=reports,
        )

    def _tap(self, _: Moment, draws: Draws) -> Mint:
        return Mint(self._accounts.account(draws), draws.between(1, 9) * 1000 * COIN, tapped=True)

    def _mint(self, _: Moment, draws: Draws) -> Mint:
        return Mint(self._accounts.account(draws), _amount(draws), tapped=False)

    def _traffic(self, moment: Moment, draws: Draws) -> TrafficPurchase:
        burned = draws.between(1, 25_000) * COIN + draws.below(10) * COIN // 10
        return TrafficPurchase(
            buyer=self._accounts.account(draws),
            inputs=_inputs_for(burned, draws),
            burned=burned,
            reports_holdings=self._reports(moment, draws),
        )

    def _offer(self, moment: Moment, draws: Draws) -> Offer:
        sender = self._accounts.account(draws)
        amount = _amount(draws)
        reports = self._reports(moment, draws)
        return Offer(
            index=moment.index,
            sender=sender,
            receiver=self._accounts.account_but(sender, draws),
            amount=amount,
            inputs=_inputs_for(amount, draws),
            nests_transfer=not reports and draws.one_in(2),
            reports_holdings=reports,
        )

    def _settlement(self, moment: Moment, draws: Draws) -> Settlement | Quiet:
        offered_at = self._mix.offer_before(moment.index)
        if offered_at is None:
            return _NOTHING_OPEN
        offer = self.plan(self._timeline.moment(offered_at))
        if not isinstance(offer, Offer):  # a mining round took its place
            return _NOTHING_OPEN
        outcomes = (Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.REJECTED, Outcome.WITHDRAWN)
        return Settlement(offer, draws.pick(outcomes))


def _amount(draws: Draws) -> Units:
    """From a millionth of a coin to a hundred million; now and then dust, often whole coins."""
    if draws.one_in(150):
        return draws.between(1, 9_999)
    magnitude = 10 ** draws.between(4, 17)
    amount = magnitude + draws.below(9 * magnitude)
    is_round = amount > COIN and draws.one_in(3)
    return amount - amount % COIN if is_round else amount


def _inputs_for(amount: Units, draws: Draws) -> tuple[Units, ...]:
    """One to five coins that cover ``amount``, as a rule with some change."""
    total = amount if draws.one_in(8) else amount + _amount(draws)
    parts = []
    for _ in range(draws.below(min(5, total))):
        part = draws.between(1, max(1, (total - 1) // 2))
        if part < total:
            parts.append(part)
            total -= part
    return (*parts, total)


def _rewards(draws: Draws, *, of_super_validator: bool) -> Rewards:
    """A Super Validator claims what it is due each round; others claim for apps or for being up."""
    validator = draws.between(1, 60) * COIN + draws.below(COIN)
    if of_super_validator:
        weighed = draws.between(5_000, 12_000) * COIN + draws.below(COIN)
        return Rewards(validator=draws.pick((0, validator)), super_validator=weighed)
    app = draws.between(1, 900) * COIN + draws.below(COIN)
    return draws.pick((Rewards(app=app), Rewards(validator=validator), Rewards(app, validator)))
