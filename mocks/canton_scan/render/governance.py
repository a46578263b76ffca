"""Actions of Super Validators on DsoRules apart from rewards and rounds."""

import base64

from mocks.canton_scan import wire
from mocks.canton_scan.amounts import COIN, decimal_text
from mocks.canton_scan.network import Network
from mocks.canton_scan.plan import Renewal
from mocks.canton_scan.templates import CONFIRMATION, DSO_RULES, SV_NODE_STATE, SV_STATUS_REPORT
from mocks.canton_scan.tree import Create, Exercise, replace
from mocks.canton_scan.update import Update, version_before

STATE, REPORT = "state", "report"


def dso_rules_choice(
    update: Update, sv: str, choice: str, argument: wire.Json, result: wire.Json
) -> Exercise:
    """A Super Validator exercises a choice of the one DsoRules; what follows is for the caller."""
    rules = update.network.contract("DsoRules")
    return Exercise(DSO_RULES, rules, f"DsoRules_{choice}", argument, result, [sv])


def configure_node(plan: Renewal, update: Update) -> Exercise:
    """A Super Validator publishes the addresses of its nodes."""
    sv, before, after = plan.owner, version_before(plan, update, STATE), update.contract(STATE)
    state = node_state(update.network, update.moment.migration_id, sv)
    ((synchronizer, config),) = state["state"]["synchronizerNodes"]
    argument = {
        "sv": sv,
        "synchronizerId": synchronizer,
        "newNodeConfig": config,
        "nodeStateCid": before,
    }
    result = {"svNodeState": after}
    choice = dso_rules_choice(update, sv, "SetSynchronizerNodeConfig", argument, result)
    created = Create(SV_NODE_STATE, after, state, [update.network.dso])
    return choice.over(*replace(before, created))


def node_state(network: Network, migration_id: int, sv: str) -> wire.Json:
    """SvNodeState: the addresses of a Super Validator's nodes."""
    return {
        "dso": network.dso,
        "sv": sv,
        "svName": sv_name(sv),
        "state": {
            "synchronizerNodes": [
                [network.synchronizer_id, _node_config(network, migration_id, sv)]
            ]
        },
    }


def report_status(plan: Renewal, update: Update) -> Exercise:
    """A Super Validator reports what its nodes see."""
    sv, before, after = plan.owner, version_before(plan, update, REPORT), update.contract(REPORT)
    status = {
        "createdAt": update.effective_at,
        "cometBftHeight": str(update.draws.between(80_000, 9_000_000)),
        "mediatorSynchronizerTime": update.later(-1),
        "participantSynchronizerTime": update.later(-1),
        "latestOpenRound": {"number": str(update.round.number)},
    }
    report = {
        "dso": update.network.dso,
        "sv": sv,
        "svName": sv_name(sv),
        "number": str(update.draws.between(500_000, 900_000)),
        "status": status,
    }
    argument = {"sv": sv, "previousReportCid": before, "status": status}
    choice = dso_rules_choice(update, sv, "SubmitStatusReport", argument, {"newReport": after})
    created = Create(SV_STATUS_REPORT, after, report, [update.network.dso])
    return choice.over(*replace(before, created))


def expire_confirmation(update: Update) -> Exercise:
    """A confirmation that nobody needs any more is archived; both results are bare strings."""
    sv = update.network.accounts.super_validator(update.draws)
    stale, dso = update.contract("stale confirmation"), update.network.dso
    argument = {"staleConfirmationCid": stale, "sv": sv}
    result = "DsoRules_ExpireStaleConfirmationResult"
    expired = Exercise(
        CONFIRMATION,
        stale,
        "Confirmation_Expire",
        {},
        "Confirmation_ExpireResult",
        [dso],
        consuming=True,
    )
    choice = dso_rules_choice(update, sv, "ExpireStaleConfirmation", argument, result)
    return choice.over(expired)


def confirm_action(update: Update) -> Exercise:
    """A Super Validator confirms the figures with which a round starts to issue rewards."""
    sv = update.network.accounts.super_validator(update.draws)
    confirmation = update.contract("confirmation")
    action = start_issuing_action(update, update.round.number - 2)
    arguments = {
        "dso": update.network.dso,
        "confirmer": sv,
        "action": action,
        "expiresAt": update.later(3_600),
    }
    argument = {"confirmer": sv, "action": action}
    result = {"confirmation": confirmation}
    choice = dso_rules_choice(update, sv, "ConfirmAction", argument, result)
    return choice.over(Create(CONFIRMATION, confirmation, arguments, [update.network.dso]))


def execute_confirmed(update: Update, sv: str, action: wire.Json) -> Exercise:
    """The execution of an action that two thirds of 13 Super Validators have confirmed."""
    argument = {
        "action": action,
        "amuletRulesCid": update.network.contract("AmuletRules"),
        "confirmationCids": [update.contract(f"confirmation {number}") for number in range(9)],
        "sv": sv,
    }
    return dso_rules_choice(update, sv, "ExecuteConfirmedAction", argument, {})


def sv_name(sv: str) -> str:
    """``Mock-SV-7`` of ``Mock-SV-7::1220…``."""
    return sv.partition("::")[0]


def start_issuing_action(update: Update, number: int) -> wire.Json:
    """The action that lets a summarized round issue rewards."""
    draws = update.draws
    summary = {
        "totalValidatorRewardCoupons": decimal_text(draws.between(1, 90_000 * COIN)),
        "totalFeaturedAppRewardCoupons": decimal_text(draws.between(1, 90_000 * COIN)),
        "totalUnfeaturedAppRewardCoupons": decimal_text(0),
        "totalSvRewardWeight": str(draws.between(2_000_000, 3_000_000)),
        "optTotalValidatorFaucetCoupons": str(draws.between(300, 900)),
    }
    value = {
        "miningRoundCid": update.network.contract(f"summarizing round {number}"),
        "summary": summary,
    }
    action = {"tag": "CRARC_MiningRound_StartIssuing", "value": value}
    return {"tag": "ARC_AmuletRules", "value": {"amuletRulesAction": action}}


def sequencer_of(network: Network, migration_id: int, sv: str) -> dict[str, str]:
    """The sequencer that a Super Validator runs."""
    name = sv_name(sv)
    return {
        "migrationId": str(migration_id),
        "sequencerId": f"SEQ::{name}::1220{network.seed.hex(f'sequencer {name}', 64)}",
        "url": f"https://sequencer-{migration_id}.{_domain(name)}",
    }


def mediator_of(network: Network, sv: str) -> str:
    """The mediator that a Super Validator runs."""
    name = sv_name(sv)
    return f"MED::{name}::1220{network.seed.hex(f'mediator {name}', 64)}"


def _domain(name: str) -> str:
    return f"{name.lower()}.global.canton.network.example"


def _node_config(network: Network, migration: int, sv: str) -> wire.Json:
    name, seed = sv_name(sv), network.seed
    return {
        "cometBft": {
            "nodes": [
                [
                    seed.hex(f"node {name}", 40),
                    {
                        "validatorPubKey": _public_key(network, f"validator {name}"),
                        "votingPower": "1",
                    },
                ]
            ],
            "governanceKeys": [{"pubKey": _public_key(network, f"governance {name}")}],
            "sequencingKeys": [],
        },
        "sequencer": {**sequencer_of(network, migration, sv), "availableAfter": None},
        "mediator": {"mediatorId": mediator_of(network, sv)},
        "scan": {"publicUrl": f"https://scan.{_domain(name)}"},
        "legacySequencerConfig": sequencer_of(network, migration - 1, sv),
    }


def _public_key(network: Network, name: str) -> str:
    return base64.b64encode(network.seed.digest(name)[:32]).decode()
