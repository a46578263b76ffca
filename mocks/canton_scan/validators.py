"""Validators: their licenses, the rewards that they got for being up, and their traffic.

A license is the newest version that updates make of it. Traffic is all that the node has bought in
this migration; the sequencer has let it have that, and a part of it is spent.
"""

from mocks.canton_scan import wire
from mocks.canton_scan.contracts import Contract, from_before, made
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.render.governance import mediator_of
from mocks.canton_scan.render.licenses import LICENSE, license_payload
from mocks.canton_scan.render.purchases import participant_of
from mocks.canton_scan.templates import VALIDATOR_LICENSE
from mocks.canton_scan.update import first_version


def licensed(ledger: Ledger) -> list[tuple[int, str]]:
    """Validators, the newest license first; each with a number, the higher the newer it is."""
    newest, end = ledger.planner.licenses.newest, ledger.count()
    numbered = (
        (-1 - place if index is None else index, validator)
        for place, validator in enumerate(ledger.network.accounts.validators)
        for index in (newest(validator, end),)
    )
    return sorted(numbered, reverse=True)


def license_of(ledger: Ledger, validator: str, number: int) -> Contract:
    """The license with this number; a negative one is from before the ledger began."""
    if number >= 0:
        return made(ledger, number, VALIDATOR_LICENSE)
    return first_license(ledger, validator)


def first_license(ledger: Ledger, validator: str) -> Contract:
    """The license that a validator had before the ledger began."""
    network = ledger.network
    round_number = network.rounds.usable(ledger.position(0).record_time).number
    payload = license_payload(network, validator, round_number)
    return from_before(ledger, VALIDATOR_LICENSE, first_version(LICENSE, validator), payload)


def faucets(ledger: Ledger, validators: set[str]) -> list[wire.Json]:
    """Rounds in which validators got a reward for being up, or missed it; of known ones alone."""
    return [
        _faucet(validator, license_of(ledger, validator, number).payload["faucetState"])
        for number, validator in licensed(ledger)
        if validator in validators
    ]


def _faucet(validator: str, state: wire.Json) -> wire.Json:
    first, last = (int(state[f"{one}ReceivedFor"]["number"]) for one in ("first", "last"))
    missed = int(state["numCouponsMissed"])
    return {
        "validator": validator,
        "numRoundsCollected": last - first + 1 - missed,
        "numRoundsMissed": missed,
        "firstCollectedInRound": first,
        "lastCollectedInRound": last,
    }


def traffic(ledger: Ledger, member: str) -> wire.Json | None:
    """Traffic that a participant or mediator bought and spent, in bytes; None: no such one."""
    accounts = ledger.network.accounts
    hosts = {participant_of(one): one for one in (*accounts.super_validators, *accounts.accounts)}
    if member not in hosts:
        mediators = [mediator_of(ledger.network, sv) for sv in accounts.super_validators]
        return _status(ledger, member, 0) if member in mediators else None
    return _status(ledger, member, _bought(ledger, hosts[member]))


def _bought(ledger: Ledger, buyer: str) -> int:
    migration_id = ledger.head().migration_id
    owner = ledger.network.accounts.holders[buyer]
    return sum(
        one.bought
        for left in ledger.blocks.upto(ledger, ledger.count())
        for one in left.traffic
        if (one.owner, one.migration_id) == (owner, migration_id)
    )


def _status(ledger: Ledger, member: str, bought: int) -> wire.Json:
    percent = ledger.seed.draws(f"spent traffic of {member}").between(20, 95)
    return {
        "actual": {"total_consumed": bought * percent // 100, "total_limit": bought},
        "target": {"total_purchased": bought},
    }
