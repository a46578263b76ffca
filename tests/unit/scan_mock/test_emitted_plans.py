"""Everything that a plan can say occurs in each era that knows of it, and in no other."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from itertools import chain, product
from typing import Any, get_args

import pytest

from mocks.canton_scan.clock import SECOND
from mocks.canton_scan.eras import MIXTURES, Coin, Era, seed_of
from mocks.canton_scan.mix import BLOCK
from mocks.canton_scan.network import Network
from mocks.canton_scan.plan import (
    Answer,
    Bought,
    Command,
    Expiry,
    FailedCommand,
    Fees,
    Generation,
    Mint,
    MovementKind,
    Outcome,
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
from mocks.canton_scan.planner import Planner
from mocks.canton_scan.promises import OUTCOMES
from mocks.canton_scan.splits import Epochs
from mocks.canton_scan.timeline import LIVE_MIGRATION, OLD_MIGRATION, first_timeline

COUNT = 20 * BLOCK
_FUND = {"unclaimed", "fund"}  # of Rewards: since 0.1.14

Facets = dict[str, set[Any]]


@pytest.mark.parametrize("era", Era, ids=lambda era: era.value)
def test_an_era_plans_all_that_it_knows_of_and_nothing_else(era):
    assert _planned(era) == _expected(era)


def test_each_kind_of_coin_update_occurs_in_an_era():
    mixed = {kind for mixture in MIXTURES.values() for kind in mixture.coin}
    assert mixed == set(Coin) - {Coin.SPLIT}  # whose places `splits.py` chooses


def test_each_purpose_and_outcome_of_a_promise_may_be_drawn():
    assert set(OUTCOMES) == set(Purpose)
    assert set(chain.from_iterable(OUTCOMES.values())) == set(Outcome)


def _planned(era: Era) -> Facets:
    """The plans of a ledger's first updates; one epoch, so that all kinds occur."""
    seed = seed_of("emitted", era)
    timeline = first_timeline(seed, COUNT, SECOND, 1_800_000_000 * SECOND)
    planner = Planner(Network(seed, era), timeline, epochs=Epochs(COUNT, COUNT))
    found: Facets = defaultdict(set)
    for moment in map(timeline.moment, range(COUNT)):
        plan = planner.plan(moment)
        for name, value in _of_plan(plan):
            found[name].add(value)
        for part in plan.parts if isinstance(plan, Together) else [plan]:
            if isinstance(part, get_args(Part)):
                found["generations"].add((moment.migration_id, part.generation))
    return {name: values for name, values in found.items() if values}


def _of_plan(plan: Plan) -> Iterator[tuple[str, Any]]:
    yield "plans", type(plan)
    match plan:
        case Quiet():
            yield "quiet", plan
        case Renewal():
            yield "quiet", plan.what
        case Split():
            pass  # its transfer takes long to plan; tests/contract/scan/test_epochs.py
        case Together():
            yield "generations together", len({part.generation for part in plan.parts})
            for part in plan.parts:
                yield from _of_part(part)
        case _:
            yield from _of_part(plan)


def _of_part(part: Part) -> Iterator[tuple[str, Any]]:
    yield "parts", type(part)
    for movement in part.movements:
        yield "movements", movement.kind
    yield from _FACETS[type(part)](part)


def _of_transfer(plan: Transfer) -> Iterator[tuple[str, Any]]:
    yield "routes", plan.route
    yield "by the factory", plan.by_factory
    if plan.command:
        yield "commands", plan.command
    for field in fields(Rewards):
        if getattr(plan.rewards, field.name):
            yield "rewards", field.name
    for field in fields(Fees):
        amount = getattr(plan.fees, field.name)
        if sum(amount) if isinstance(amount, tuple) else amount:
            yield "fees", field.name


def _of_answer(plan: Answer) -> Iterator[tuple[str, Any]]:
    yield "answers, by version 2", (plan.promise.purpose, plan.outcome, plan.by_v2)


def _of_promise(plan: Promise) -> Iterator[tuple[str, Any]]:
    yield "purposes", plan.purpose
    yield from _of_transfer(plan.locking)


def _of_trade(plan: Trade) -> Iterator[tuple[str, Any]]:
    yield "several legs", len(plan.legs) > 1
    yield "a leg burns", any(leg.receiver is None for leg in plan.legs)
    yield "coin is kept", any(funding.kept for funding in plan.fundings)


_FACETS: dict[type, Callable[[Any], Iterable[tuple[str, Any]]]] = {
    Transfer: _of_transfer,
    Mint: lambda plan: [("tapped", plan.tapped)],
    Purchase: lambda plan: [("bought, for nothing", (plan.what, not plan.split.outputs))],
    Expiry: lambda plan: [("expires locked", plan.is_locked)],
    FailedCommand: lambda plan: [("failed command merges", plan.merge is not None)],
    Promise: _of_promise,
    Answer: _of_answer,
    Trade: _of_trade,
    Settlement: lambda plan: [("several legs settled", len(plan.trade.legs) > 1)],
}


def _expected(era: Era) -> Facets:
    mixture, either = MIXTURES[era], {True, False}
    generations = {*mixture.live, *mixture.old}
    is_plain = not all(one.nests for one in generations)  # since 0.1.17
    is_reported = Generation.REPORTED in generations
    has_trades, has_faucet = Coin.TRADE in mixture.coin, Coin.TAP in mixture.coin
    unknown = {Trade, Settlement} - ({Trade, Settlement} if has_trades else set())
    parts = set(get_args(Part)) - unknown - (set() if has_faucet else {Mint})
    all_fees = all(one.has_fees for one in generations)
    expected: Facets = {
        "plans": parts | {Split, Quiet, Renewal} | ({Together} if has_trades else set()),
        "parts": parts,
        "quiet": set(Quiet) - {Quiet.HUGE},  # which is asked for by its place
        "movements": set(MovementKind) - (set() if has_faucet else {MovementKind.DEVNET_TAP}),
        "generations": {
            *product([LIVE_MIGRATION], mixture.live),
            *product([OLD_MIGRATION], mixture.old),
        },
        "generations together": {1, 2} if has_trades else set(),
        "routes": set(Route)
        - (set() if is_plain else {Route.PREAPPROVAL_V2})
        - (set() if is_reported else {Route.JOINT}),
        "by the factory": either,
        "commands": set(Command),
        "rewards": {field.name for field in fields(Rewards)} - (_FUND if all_fees else set()),
        "fees": {field.name for field in fields(Fees)}
        if mixture.has_fees(OLD_MIGRATION)
        else set(),
        "tapped": either if has_faucet else set(),
        "bought, for nothing": {
            *product(Bought, [False]),
            *product(set(Bought) - {Bought.TRAFFIC}, [True] if is_plain else []),
        },
        "expires locked": either,
        "failed command merges": {False, any(one.nests for one in generations)},
        "purposes": set(Purpose),
        "answers, by version 2": set(_answers(is_plain=is_plain, is_reported=is_reported)),
        "several legs": either if has_trades else set(),
        "several legs settled": either if has_trades else set(),
        "a leg burns": either if has_trades else set(),
        "coin is kept": either if has_trades else set(),
    }
    return {name: values for name, values in expected.items() if values}


def _answers(*, is_plain: bool, is_reported: bool) -> Iterator[tuple[Purpose, Outcome, bool]]:
    for purpose, outcomes in OUTCOMES.items():
        for outcome in outcomes:
            if outcome is Outcome.EXPIRED and not is_plain:
                continue
            yield purpose, outcome, False
            is_offer = purpose is Purpose.OFFER and outcome is not Outcome.EXPIRED
            is_allocation = purpose is Purpose.ALLOCATION and outcome is Outcome.PAID
            if is_reported and (is_offer or is_allocation):
                yield purpose, outcome, True
