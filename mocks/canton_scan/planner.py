"""Decides what each update of a ledger means, from its position alone."""

import heapq
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import lru_cache, partial
from itertools import groupby
from typing import TypeVar

from mocks.canton_scan import promises, trades
from mocks.canton_scan.amounts import COIN, Units
from mocks.canton_scan.draws import Draws
from mocks.canton_scan.eras import Coin
from mocks.canton_scan.fees import charged, create_fee
from mocks.canton_scan.mix import Kind, Mix
from mocks.canton_scan.network import Network
from mocks.canton_scan.plan import (
    RECORD,
    Answer,
    Bought,
    Command,
    Expiry,
    FailedCommand,
    Generation,
    Made,
    Mint,
    Output,
    Part,
    Plan,
    Promise,
    Purchase,
    Purpose,
    Quiet,
    Renewal,
    Rewards,
    Route,
    Settlement,
    Split,
    Together,
    Trade,
    Transfer,
)
from mocks.canton_scan.rounds import ISSUES_AFTER
from mocks.canton_scan.spending import Coins, amount_of, inputs_for, spent_in, spent_of
from mocks.canton_scan.splits import Epochs, Splits
from mocks.canton_scan.timeline import Moment, Timeline
from mocks.canton_scan.turns import LICENSES, NODES, REPORTS, Turns

T = TypeVar("T", bound=Part)

_NOTHING_OPEN = Quiet.CONFIRMATION_EXPIRED  # stands in where there is nothing to answer
_CLAIMS = frozenset({Coin.REWARD, Coin.TOGETHER})
_RECORDED = frozenset({Quiet.LIVENESS_RECORDED})
_FIRST_STRETCHES = 2  # those of a new ledger
_BOUGHT = (Bought.PREAPPROVAL, Bought.PREAPPROVAL, Bought.SETUP, Bought.RENEWAL)


class Planner:
    """Plans of one ledger."""

    def __init__(
        self,
        network: Network,
        timeline: Timeline,
        huge: int | None = None,
        epochs: Epochs | None = None,
    ) -> None:
        self._network = network
        self.huge = huge
        self._accounts = network.accounts
        self.timeline = timeline
        self.epochs = epochs or Epochs()
        self.splits = Splits(network.seed, self._accounts.holders, self.epochs, self._is_free)
        self._before = lru_cache(maxsize=2)(self._with_stretches)
        self._mix = Mix(network.seed, network.mixture)
        svs = self._accounts.super_validators
        self.licenses = self._turns(self._accounts.validators, LICENSES)
        self.nodes = self._turns(svs, NODES)
        self.reports = self._turns(svs, REPORTS)
        self._renewals = {
            kind: turns
            for turns in (self.licenses, self.nodes, self.reports)
            for kind in turns.kinds
        }
        self._coin_plans = {
            Coin.REWARD: self._reward,
            Coin.PAYMENT: self._payment,
            Coin.PREAPPROVED: self._preapproved,
            Coin.COMMAND: self._command,
            Coin.MERGE: self._merge,
            Coin.TAP: self._tap,
            Coin.MINT: self._mint,
            Coin.TRAFFIC: self._traffic,
            Coin.PREAPPROVAL: self._preapproval,
            Coin.EXPIRY: self._expiry,
            Coin.OFFER: self._offer,
            Coin.OFFER_ANSWERED: self._answer,
            Coin.ALLOCATION: self._allocation,
            Coin.ALLOCATION_ANSWERED: self._answer,
            Coin.NAME: self._name,
            Coin.NAME_ANSWERED: self._answer,
            Coin.APP_PAYMENT: self._app_payment,
            Coin.APP_PAYMENT_ANSWERED: self._answer,
            Coin.TRADE: self._trade,
            Coin.TRADE_SETTLED: self._settlement,
            Coin.TOGETHER: self._together,
            Coin.SPLIT: self._split,
        }

    def plan(self, moment: Moment) -> Plan:
        """Return the plan of the update at this moment."""
        kind = self._kind(moment)
        if isinstance(kind, Quiet):
            return self._renewal(kind, moment.index) or kind
        draws = self._network.seed.draws(f"plan {moment.index}")
        return self._coin_plans[kind](moment, draws, self._generation(moment, draws))

    def plans(
        self, kinds: AbstractSet[Coin], end: int, start: int = 0
    ) -> Iterator[tuple[Moment, Plan]]:
        """The plans of all updates of some kinds from ``start`` on, before the one at ``end``."""
        indexes = self._mix.indexes(kinds, start, end)
        if Coin.SPLIT in kinds:
            found = heapq.merge(indexes, self.splits.within(start, end))
            indexes = (index for index, _ in groupby(found))
        for index in indexes:
            moment = self.timeline.moment(index)
            yield moment, self.plan(moment)

    def _turns(self, owners: Sequence[str], kinds: frozenset[Quiet]) -> Turns:
        return Turns(self._network.seed, owners, kinds, self._mix, self._is_taken)

    def _is_taken(self, index: int) -> bool:
        """Tell whether something else happens at ``index`` than the mix says."""
        return self._kind(self.timeline.moment(index)) is not self._mix.kind(index)

    def _renewal(self, kind: Quiet, index: int) -> Renewal | None:
        turns = self._renewals.get(kind)
        return None if turns is None else Renewal(kind, index, turns)

    def _generation(self, moment: Moment, draws: Draws) -> Generation:
        return draws.pick(self._network.mixture.generations(moment.migration_id))

    def _kind(self, moment: Moment) -> Kind:
        if moment.index == self.huge:
            return Quiet.HUGE
        if of_round := self._of_round(moment):
            return of_round
        if self.splits.at(moment.index):
            return Coin.SPLIT
        return self._mix.kind(moment.index)

    def _is_free(self, index: int) -> bool:
        """Tell whether no mining round, and nothing huge, has the place of the update."""
        return index != self.huge and self._of_round(self.timeline.moment(index)) is None

    def _of_round(self, moment: Moment) -> Quiet | None:
        """The first three of a ten-minute window open a round, close one, let one issue rewards."""
        if self._opens_round(moment):
            return Quiet.ROUND_OPENED
        for back, kind in enumerate((Quiet.ROUND_CLOSED, Quiet.ROUND_ISSUING), 1):
            if moment.index >= back and self._opens_round(
                self.timeline.moment(moment.index - back)
            ):
                return kind
        return None

    def _opens_round(self, moment: Moment) -> bool:
        """Tell whether the update is first in its window; overtaken migrations open no rounds."""
        if moment.index == 0 or self.timeline.is_overtaken(moment):
            return False
        before = self.timeline.moment(moment.index - 1)
        newest = self._network.rounds.newest
        is_same = before.migration_id == moment.migration_id
        return is_same and newest(before.record_time) < newest(moment.record_time)

    def _lead(self, moment: Moment, kind: type[T]) -> T | None:
        """The earlier plan that this one answers or spends; a mining round may stand there."""
        at = self._mix.lead(moment.index)
        plan = None if at is None else self.plan(self.timeline.moment(at))
        return plan if isinstance(plan, kind) else None

    def charged(
        self, plan: Transfer, moment: Moment, draws: Draws, lock_holders: int = 0
    ) -> Transfer:
        """The transfer with its fees, if its generation has any."""
        if not plan.generation.has_fees:
            return plan
        round_ = self._network.rounds.usable(moment.record_time)
        return charged(plan, round_, draws, lock_holders=lock_holders)

    def _reward(self, moment: Moment, draws: Draws, generation: Generation) -> Transfer:
        of_super_validator = draws.one_in(3)
        find = self._accounts.super_validator if of_super_validator else self._accounts.account
        plan = Transfer(
            sender=find(draws),
            inputs=tuple(amount_of(draws) for _ in range(draws.below(4))),
            rewards=_rewards(draws, generation, of_super_validator=of_super_validator),
            generation=generation,
        )
        record = None if of_super_validator or draws.one_in(2) else self._record(moment)
        if record is not None:
            issuing = self._network.rounds.newest(moment.record_time) - ISSUES_AFTER
            plan = replace(
                plan,
                sender=self.licenses.owner(record),
                rewards=Rewards(validator=self._network.rounds.faucet(issuing)),
                claims=Made(record, RECORD),
            )
        return self.charged(plan, moment, draws)

    def _record(self, moment: Moment) -> int | None:
        """The index of the liveness record that a claim uses up; None: of none that is known.

        It is of the round that issues rewards since the claim's ten-minute window began: records of
        its window, in their order, are for the claims of this one.
        """
        newest, count = self._network.rounds.newest(moment.record_time), self._mix.count
        first = self.window(moment.migration_id, newest)
        rank = count(_CLAIMS, moment.index) - count(_CLAIMS, first)
        recorded = self.window(moment.migration_id, newest - ISSUES_AFTER + 1)
        end = self.window(moment.migration_id, newest - ISSUES_AFTER + 2)
        number = count(_RECORDED, recorded) + rank
        if number >= count(_RECORDED, end):
            return None
        index = self._mix.nth(_RECORDED, number)
        return None if self._is_taken(index) else index

    def is_claimed(self, index: int, end: int) -> bool:
        """Tell whether an update before ``end`` uses up the liveness record that this one makes."""
        moment, count = self.timeline.moment(index), self._mix.count
        newest = self._network.rounds.newest(moment.record_time)
        rank = count(_RECORDED, index) - count(_RECORDED, self.window(moment.migration_id, newest))
        first = self.window(moment.migration_id, newest + ISSUES_AFTER - 1)
        claim = self._mix.nth(_CLAIMS, count(_CLAIMS, first) + rank)
        if claim >= end:
            return False
        plan = self.plan(self.timeline.moment(claim))
        claiming = plan.parts[0] if isinstance(plan, Together) else plan
        return isinstance(claiming, Transfer) and claiming.claims == Made(index, RECORD)

    def window(self, migration_id: int, number: int) -> int:
        """The index of a migration's first update from when this round is the newest."""
        start = self._network.rounds.window_start(number)
        return self.timeline.count_upto(migration_id, start - 1)

    def _merge(self, moment: Moment, draws: Draws, generation: Generation) -> Transfer:
        """Plan a merge of coins, among them coin that was claimed earlier, if there is any."""
        claim = self._lead(moment, Transfer)
        earlier = spent_of(claim, self._mix.lead(moment.index)) if claim else None
        owner = earlier.owner if earlier else self._accounts.account(draws)
        others = range(draws.between(1 if earlier else 2, 6))
        by_factory = draws.one_in(4)
        inputs = (*([earlier.amount] if earlier else []), *(amount_of(draws) for _ in others))
        outputs = (Output(owner, draws.between(1, sum(inputs))),) if by_factory else ()
        plan = Transfer(
            sender=owner,
            inputs=inputs,
            outputs=outputs,
            by_factory=by_factory,
            generation=generation.or_newer(Generation.FEES) if by_factory else generation,
            spends=earlier.made if earlier else None,
        )
        return self.charged(plan, moment, draws)

    def _payment(self, moment: Moment, draws: Draws, generation: Generation) -> Transfer:
        """One to three receivers, now and then one of them twice; now and then with rewards."""
        sent = self._lead(moment, Transfer)
        earlier = spent_in(sent, self._mix.lead(moment.index)) if sent else None
        sender = earlier.owner if earlier else self._accounts.account(draws)
        receivers = self._receivers(sender, draws)
        amounts = self._amounts(earlier, len(receivers), draws)
        rewards = _rewards(draws, generation) if draws.one_in(6) else Rewards()
        plan = Transfer(
            sender=sender,
            inputs=(earlier.amount,) if earlier else inputs_for(sum(amounts), draws),
            outputs=tuple(map(Output, receivers, amounts)),
            rewards=rewards,
            generation=generation,
            spends=earlier.made if earlier else None,
        )
        return self.charged(plan, moment, draws)

    def _receivers(self, sender: str, draws: Draws) -> list[str]:
        count = draws.pick((1, 1, 1, 2, 3))
        receivers = [self._accounts.account_but(sender, draws) for _ in range(count)]
        if draws.one_in(8):
            receivers.append(receivers[0])
        if draws.one_in(20):
            receivers.append(sender)
        return receivers

    def _amounts(self, earlier: Coins | None, count: int, draws: Draws) -> list[Units]:
        """Draw ``count`` amounts in units: of any size, or parts of a known coin."""
        if earlier is None:
            return [amount_of(draws) for _ in range(count)]
        return [draws.between(1, earlier.amount // count) for _ in range(count)]

    def _preapproved(self, moment: Moment, draws: Draws, generation: Generation) -> Transfer:
        sender = self._accounts.account(draws)
        amount = amount_of(draws)
        by_factory = draws.one_in(3)
        route = Route.PREAPPROVAL
        if not generation.nests and (by_factory or draws.one_in(2)):
            route = Route.PREAPPROVAL_V2
        if generation.reports and draws.one_in(8):
            route, by_factory = Route.JOINT, True
        plan = Transfer(
            sender=sender,
            inputs=inputs_for(amount, draws),
            outputs=(Output(self._accounts.account_but(sender, draws), amount),),
            route=route,
            by_factory=by_factory,
            generation=generation.or_newer(Generation.FEES),
        )
        return self.charged(plan, moment, draws)

    def _command(
        self, moment: Moment, draws: Draws, generation: Generation
    ) -> Transfer | FailedCommand:
        """A send by a command that its sender had signed; one in four fails."""
        generation = generation.or_newer(Generation.FEES)
        plan = replace(
            self._preapproved(moment, draws, generation),
            route=Route.PREAPPROVAL,
            by_factory=False,
            command=draws.pick((Command.SHOWN, Command.SHOWN, Command.HIDDEN)),
        )
        if not draws.one_in(4):
            return plan
        if not generation.nests or draws.one_in(2):
            return FailedCommand(plan.sender, None, generation)
        inputs = tuple(amount_of(draws) for _ in range(draws.between(1, 3)))
        merge = Transfer(plan.sender, inputs, generation=generation)
        return FailedCommand(plan.sender, self.charged(merge, moment, draws), generation)

    def _tap(self, _: Moment, draws: Draws, generation: Generation) -> Mint:
        amount = draws.between(1, 9) * 1000 * COIN
        return Mint(self._accounts.account(draws), amount, tapped=True, generation=generation)

    def _mint(self, _: Moment, draws: Draws, generation: Generation) -> Mint:
        amount = amount_of(draws)
        return Mint(self._accounts.account(draws), amount, tapped=False, generation=generation)

    def _traffic(self, moment: Moment, draws: Draws, generation: Generation) -> Purchase:
        price = draws.between(1, 25_000) * COIN + draws.below(10) * COIN // 10
        buyer = self._accounts.account(draws)
        round_ = self._network.rounds.usable(moment.record_time)
        split = promises.traffic_split(self._network.dso, buyer, price, generation, round_)
        split = replace(split, inputs=inputs_for(price, draws))
        if draws.one_in(6):
            split = replace(split, rewards=_rewards(draws, generation))
        if generation is Generation.FIRST:
            change = min(create_fee(round_.price_usd), split.change)
            split = replace(split, fees=replace(split.fees, change=change))
        else:
            split = self.charged(split, moment, draws)
        return Purchase(Bought.TRAFFIC, split, buyer)

    def _preapproval(self, moment: Moment, draws: Draws, generation: Generation) -> Purchase:
        """Made or renewed; free for a while since CIP-119."""
        what = draws.pick(_BOUGHT)
        payer, generation = self._accounts.account(draws), generation.or_newer(Generation.FEES)
        user = payer if draws.one_in(3) else self._accounts.account_but(payer, draws)
        if not generation.nests and draws.one_in(2):
            return Purchase(what, Transfer(payer, (), generation=generation), user)
        price = draws.between(COIN, 120 * COIN)
        outputs = (Output(payer, price, is_burned=True),)
        split = Transfer(payer, inputs_for(price, draws), outputs, generation=generation)
        return Purchase(what, self.charged(split, moment, draws), user)

    def _expiry(self, moment: Moment, draws: Draws, generation: Generation) -> Expiry | Quiet:
        """Only what is older than the ledger can be old enough."""
        if moment.index >= self.epochs.first:
            return _NOTHING_OPEN
        amount = draws.between(1, draws.pick((9_999, COIN // 100, 3 * COIN)))
        owner, rounds = self._accounts.account(draws), draws.between(1_000, 60_000)
        return Expiry(owner, amount, rounds, draws.one_in(4), generation)

    def _offer(self, moment: Moment, draws: Draws, generation: Generation) -> Promise:
        return self._promise(moment, draws, generation, Purpose.OFFER)

    def _allocation(self, moment: Moment, draws: Draws, generation: Generation) -> Promise:
        return self._promise(moment, draws, generation, Purpose.ALLOCATION)

    def _app_payment(self, moment: Moment, draws: Draws, generation: Generation) -> Promise:
        return self._promise(moment, draws, generation, Purpose.APP)

    def _name(self, moment: Moment, draws: Draws, generation: Generation) -> Promise:
        """Names that are renewed were there before the ledger: that ends with the first epoch."""
        purpose = draws.pick((Purpose.NAME, Purpose.NAME, Purpose.RENEWAL))
        if moment.index >= self.epochs.first:
            purpose = Purpose.NAME
        return self._promise(moment, draws, generation, purpose)

    def _promise(
        self, moment: Moment, draws: Draws, generation: Generation, purpose: Purpose
    ) -> Promise:
        sender = self._accounts.account(draws)
        terms = promises.Terms(
            index=moment.index,
            purpose=purpose,
            sender=sender,
            receiver=self._accounts.account_but(sender, draws),
            generation=generation.or_newer(Generation.FEES),
        )
        round_ = self._network.rounds.usable(moment.record_time)
        return promises.promise(terms, self._network.dso, round_, draws)

    def _answer(self, moment: Moment, draws: Draws, generation: Generation) -> Answer | Quiet:
        promise = self._lead(moment, Promise)
        if promise is None:
            return _NOTHING_OPEN
        round_ = self._network.rounds.usable(moment.record_time)
        newer = generation.or_newer(promise.generation)
        return promises.answer(promise, newer, self._network.dso, round_, draws)

    def _trade(self, moment: Moment, draws: Draws, _: Generation) -> Trade | Quiet:
        """None before the token standard's second version."""
        if Generation.REPORTED not in self._network.mixture.generations(moment.migration_id):
            return _NOTHING_OPEN
        return trades.trade(moment.index, self._accounts, draws)

    def _settlement(self, moment: Moment, _: Draws, __: Generation) -> Settlement | Quiet:
        trade = self._lead(moment, Trade)
        return Settlement(trade) if trade else _NOTHING_OPEN

    def _split(self, moment: Moment, _: Draws, generation: Generation) -> Split | Quiet:
        """Plan it by the stretches that there were then: what is served never changes."""
        found = self.splits.at(moment.index)
        if found is None:
            return _NOTHING_OPEN
        stretch_count = sum(one.first_index <= moment.index for one in self.timeline.stretches)
        make = partial(
            self.splits.transfer, self._before(max(stretch_count, _FIRST_STRETCHES)), moment
        )
        return Split(*found, generation, make)

    def _with_stretches(self, count: int) -> "Planner":
        """The planner of the ledger as it was before its later stretches."""
        stretches = self.timeline.stretches
        if count >= len(stretches):
            return self
        earlier = Timeline(self._network.seed, stretches[:count])
        return Planner(self._network, earlier, self.huge, self.epochs)

    def _together(self, moment: Moment, draws: Draws, generation: Generation) -> Together:
        """A send beside an app's payment, or a wallet's batch; an app may be of another version."""
        other = self._generation(moment, draws)
        if draws.one_in(2):
            sent = self._preapproved(moment, draws, generation)
            return Together((sent, self._payment(moment, draws, other)))
        claimed = self._reward(moment, draws, generation)
        bought = self._traffic(moment, draws, generation)
        return Together((claimed, bought, self._payment(moment, draws, other)))


def _rewards(draws: Draws, generation: Generation, *, of_super_validator: bool = False) -> Rewards:
    """A Super Validator claims what it is due each round; others claim for apps or for being up."""
    validator = draws.between(1, 60) * COIN + draws.below(COIN)
    if of_super_validator:
        weighed = draws.between(5_000, 12_000) * COIN + draws.below(COIN)
        return Rewards(validator=draws.pick((0, validator)), super_validator=weighed)
    app = draws.between(1, 900) * COIN + draws.below(COIN)
    if not generation.has_fees and draws.one_in(8):
        return draws.pick((Rewards(unclaimed=app), Rewards(fund=app)))
    return draws.pick(
        (
            Rewards(app=app),
            Rewards(validator=validator),
            Rewards(app, validator),
            Rewards(validator=validator, traffic=app // 100),
        )
    )
