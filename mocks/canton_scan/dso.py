"""The DSO as `/v0/dso` shows it: its rules, its newest mining round, and its members' nodes."""

from mocks.canton_scan import open_rounds, wire
from mocks.canton_scan.contracts import Contract, from_before, made
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.render.governance import STATE, node_state
from mocks.canton_scan.render.rules import amulet_rules, dso_rules
from mocks.canton_scan.templates import AMULET_RULES, DSO_RULES, SV_NODE_STATE, Template
from mocks.canton_scan.update import first_version


def described(ledger: Ledger) -> wire.Json:
    """The answer; updates name its contracts by the same ids."""
    network = ledger.network
    domain_id, members = network.synchronizer_id, network.accounts.super_validators
    return {
        "sv_user": "administrator",
        "sv_party_id": members[0],
        "dso_party_id": network.dso,
        "voting_threshold": votes_needed(len(members)),
        "latest_mining_round": open_rounds.newest(ledger).on(domain_id),
        "amulet_rules": rules(ledger, AMULET_RULES).on(domain_id),
        "dso_rules": rules(ledger, DSO_RULES).on(domain_id),
        "sv_node_states": [
            node_state_of(ledger, sv, ledger.count()).on(domain_id) for sv in members
        ],
        "initial_round": "0",
    }


def votes_needed(members: int) -> int:
    """The members that have to agree if a third of them, rounded down, may be faulty."""
    faulty = (members - 1) // 3
    return -(-(members + faulty + 1) // 2)


def rules(ledger: Ledger, template: Template) -> Contract:
    """AmuletRules or DsoRules, as they were made in the present migration."""
    migration_id = ledger.head().migration_id
    is_about_coin = template is AMULET_RULES
    payload = (
        amulet_rules(ledger.network, migration_id) if is_about_coin else dso_rules(ledger.network)
    )
    return from_before(ledger, template, template.path.partition(":")[2], payload)


def node_state_of(ledger: Ledger, sv: str, end: int) -> Contract:
    """The nodes that a Super Validator last published before the update at ``end``."""
    index = ledger.planner.nodes.newest(sv, end)
    if index is not None:
        return made(ledger, index, SV_NODE_STATE)
    payload = node_state(ledger.network, ledger.position(0).migration_id, sv)
    return from_before(ledger, SV_NODE_STATE, first_version(STATE, sv), payload)
