"""Contracts that hold coin, and what choices about coin take along."""

from collections.abc import Iterable

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import Units, decimal_text
from mocks.canton_scan.network import Network
from mocks.canton_scan.plan import Made, Transfer
from mocks.canton_scan.rounds import Round
from mocks.canton_scan.tree import Action, Create, archive
from mocks.canton_scan.update import Update, contract_of


def coin(update: Update, name: str, owner: str, amount: Units) -> Create:
    """``owner`` holds a new Amulet."""
    return coin_of_id(update, update.contract(name), owner, amount)


def coin_of_id(update: Update, contract_id: str, owner: str, amount: Units) -> Create:
    """``owner`` holds a new Amulet with this id."""
    arguments = amulet(update.network, update.round, owner, amount)
    return Create(templates.AMULET, contract_id, arguments, signatories(update, owner))


def signatories(update: Update, owner: str) -> list[str]:
    """Return the signatories of a coin; the DSO itself may hold one within an update."""
    dso = update.network.dso
    return [dso] if owner == dso else [dso, owner]


def locked_coin(update: Update, name: str, owner: str, amount: Units, lock: wire.Json) -> Create:
    """``owner`` holds a new Amulet that only its lock's holders can set free."""
    arguments = {"amulet": amulet(update.network, update.round, owner, amount), "lock": lock}
    signed_by = signatories(update, owner)
    return Create(templates.LOCKED_AMULET, update.contract(name), arguments, signed_by)


def day_lock(update: Update, purpose: str) -> wire.Json:
    """A lock that the DSO holds; it lasts a day."""
    expires_at = update.later(86_400)
    return {"holders": [update.network.dso], "expiresAt": expires_at, "optContext": purpose}


def amulet(network: Network, made_in: Round, owner: str, amount: Units) -> wire.Json:
    """Amulet, made in a round, whose holding fee it has."""
    return {
        "dso": network.dso,
        "owner": owner,
        "amount": {
            "initialAmount": decimal_text(amount),
            "createdAt": {"number": str(made_in.number)},
            "ratePerRound": {"rate": decimal_text(made_in.holding_fee)},
        },
    }


def made_id(update: Update, made: Made) -> str:
    """The id of a contract that an earlier update made."""
    return contract_of(update.network, *made)


def output_id(update: Update, plan: Transfer, number: int) -> str:
    """The id of the coin that a transfer makes for an output."""
    made_for = plan.outputs[number].made_for
    return made_id(update, made_for) if made_for else update.contract(f"output {number}")


def input_ids(update: Update, plan: Transfer) -> list[str]:
    """The ids of the coins that a transfer consumes."""
    ids = [update.contract(f"input {number}") for number in range(len(plan.inputs))]
    return [made_id(update, plan.spends), *ids[1:]] if plan.spends else ids


def spend(update: Update, owner: str, contract_ids: Iterable[str]) -> list[Action]:
    """The coins of ``owner`` are archived."""
    signed_by = signatories(update, owner)
    return [archive(templates.AMULET, one, signed_by) for one in contract_ids]


def open_round_id(update: Update) -> str:
    """The contract id of the round that the update refers to."""
    return update.network.contract(f"open round {update.round.number}")


def rules_id(update: Update) -> str:
    """The contract id of the one AmuletRules."""
    return update.network.contract("AmuletRules")


def config_state_id(update: Update) -> str:
    """The contract id of the ExternalPartyConfigState, the second generation's reference data."""
    return update.network.contract("ExternalPartyConfigState")


def transfer_context(update: Update, *, with_rewards: bool) -> wire.Json:
    """The rounds that a transfer refers to; an issuing round if it claims rewards."""
    number = update.round.number - 3
    issuing = [{"number": str(number)}, update.network.contract(f"issuing round {number}")]
    return {
        "openMiningRound": open_round_id(update),
        "issuingMiningRounds": [issuing] if with_rewards else [],
        "validatorRights": [],
        "featuredAppRight": None,
    }


def coin_summary(update: Update, contract_id: str) -> wire.Json:
    """AmuletCreateSummary: the coin that a mint or an unlock created, its round and price."""
    return {
        "amulet": contract_id,
        "amuletPrice": decimal_text(update.round.price_usd),
        "round": {"number": str(update.round.number)},
    }


def metadata(**values: str) -> wire.Json:
    """Token metadata under Splice's own prefix: ``tx_kind`` becomes ``…/tx-kind``."""
    prefix = "splice.lfdecentralizedtrust.org/"
    return {"values": {prefix + name.replace("_", "-"): value for name, value in values.items()}}


EMPTY_METADATA: wire.Json = {"values": {}}
