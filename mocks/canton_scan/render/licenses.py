"""Validator licenses: the small updates that make up a quarter of the stream."""

from mocks.canton_scan import wire
from mocks.canton_scan.clock import ledger_time_text
from mocks.canton_scan.network import Network
from mocks.canton_scan.plan import RECORD, Renewal
from mocks.canton_scan.templates import LIVENESS_RECORD, VALIDATOR_LICENSE
from mocks.canton_scan.tree import Action, Create, Exercise
from mocks.canton_scan.update import Update, version_before

LICENSE = "license"
_VERSIONS = ("0.4.25", "0.5.1", "0.5.4")


def record_liveness(plan: Renewal, update: Update) -> Exercise:
    """A validator shows that it is up, and gets a record to claim a reward with."""
    validator = plan.owner
    number = str(update.round.number)
    record = Create(
        LIVENESS_RECORD,
        update.contract(RECORD),
        {"dso": update.network.dso, "validator": validator, "round": {"number": number}},
        [update.network.dso],
        [validator],
    )
    return _license_choice(
        plan,
        update,
        "RecordValidatorLivenessActivity",
        {"openRoundCid": update.network.contract(f"open round {number}")},
        (record,),
    )


def report_active(plan: Renewal, update: Update) -> Exercise:
    """A validator reports that it is up."""
    return _license_choice(plan, update, "ReportActive", {})


def update_metadata(plan: Renewal, update: Update) -> Exercise:
    """A validator reports the version it runs, and its contact."""
    argument = {"version": update.draws.pick(_VERSIONS), "contactPoint": _contact(plan.owner)}
    return _license_choice(plan, update, "UpdateMetadata", argument)


def _license_choice(
    plan: Renewal,
    update: Update,
    choice: str,
    argument: wire.Json,
    more: tuple[Action, ...] = (),
) -> Exercise:
    """The license is archived and created anew with what the choice changes."""
    validator, result = plan.owner, {"licenseCid": update.contract(LICENSE)}
    if more:
        result["couponCid"] = update.contract(RECORD)
    return Exercise(
        VALIDATOR_LICENSE,
        version_before(plan, update, LICENSE),
        f"ValidatorLicense_{choice}",
        argument,
        result,
        [validator],
        children=(_license(update, validator, argument.get("version")), *more),
        consuming=True,
    )


def _license(update: Update, validator: str, new_version: str | None) -> Create:
    long_ago = update.later(-update.draws.between(3_600, 2_000_000))
    arguments = license_payload(update.network, validator, update.round.number)
    arguments["metadata"] = {
        **arguments["metadata"],
        "lastUpdatedAt": update.effective_at if new_version else long_ago,
        "version": new_version or _VERSIONS[0],
    }
    arguments["lastActiveAt"] = update.effective_at
    dso = update.network.dso
    return Create(VALIDATOR_LICENSE, update.contract(LICENSE), arguments, [dso], [validator])


def license_payload(network: Network, validator: str, number: int) -> wire.Json:
    """ValidatorLicense as it was before the ledger began, its last reward for a round."""
    draws = network.seed.draws(f"license of {validator}")
    first, missed = draws.between(100, 50_000), draws.below(40)
    began_at = ledger_time_text(network.rounds.window_start(number))
    return {
        "validator": validator,
        "sponsor": network.accounts.super_validators[0],
        "dso": network.dso,
        "faucetState": {
            "firstReceivedFor": {"number": str(first)},
            "lastReceivedFor": {"number": str(number)},
            "numCouponsMissed": str(missed),
        },
        "metadata": {
            "lastUpdatedAt": began_at,
            "version": _VERSIONS[0],
            "contactPoint": _contact(validator),
        },
        "lastActiveAt": began_at,
    }


def _contact(validator: str) -> str:
    return f"ops@{validator.partition('::')[0].lower()}.example"
