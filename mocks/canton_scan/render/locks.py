"""Locks are opened: a coin of the same amount takes the place of the locked one."""

from mocks.canton_scan import templates, wire
from mocks.canton_scan.plan import Generation, Promise
from mocks.canton_scan.render.coins import (
    coin,
    coin_summary,
    metadata,
    open_round_id,
)
from mocks.canton_scan.render.holdings import HoldingsChange, passing_log
from mocks.canton_scan.tree import Action, Exercise
from mocks.canton_scan.update import Update, contract_of

LOCKED = "output 0"  # the contract of a promise that holds the coin
UNLOCKED = "input 0"  # the contract of its answer that a payment spends


def unlock(promise: Promise, generation: Generation, update: Update) -> Exercise:
    """The holders of the lock set the coin free."""
    actors = [update.network.dso, promise.sender]
    return _opened("LockedAmulet_Unlock", promise, generation, update, actors)


def take_back(promise: Promise, generation: Generation, update: Update) -> Exercise:
    """The owner sets it free, once the lock has expired."""
    return _opened("LockedAmulet_OwnerExpireLock", promise, generation, update, [promise.sender])


def locked_id(promise: Promise, update: Update) -> str:
    """The locked coin of a promise."""
    return contract_of(update.network, promise.index, LOCKED)


def _opened(
    choice: str, promise: Promise, generation: Generation, update: Update, actors: list[str]
) -> Exercise:
    before, after = locked_id(promise, update), update.contract(UNLOCKED)
    reason = "holders released lock" if len(actors) > 1 else "owner expired lock"
    meta = metadata(tx_kind="unlock", reason=reason)
    created = coin(update, UNLOCKED, promise.sender, promise.locked)
    children: tuple[Action, ...] = (created,)
    argument: wire.Json = {}
    result: wire.Json = {"amuletCid": after, "meta": meta}
    if generation.nests:
        argument = {"openRoundCid": open_round_id(update)}
        result = {"amuletSum": coin_summary(update, after)}
        if generation is not Generation.FIRST:
            result["meta"] = meta
    else:
        choice += "V2"
    if generation.reports:
        change_meta = {"values": {**metadata(reason=reason)["values"]}}
        change = HoldingsChange([before], [], [after], change_meta)
        children = (created, *passing_log(update, promise.sender, change))
    return Exercise(
        templates.LOCKED_AMULET,
        before,
        choice,
        argument,
        result,
        actors,
        children=children,
        consuming=True,
    )
