"""Validator licenses: the small updates that make up a quarter of the stream."""

from mocks.canton_scan import wire
from mocks.canton_scan.templates import LIVENESS_RECORD, VALIDATOR_LICENSE
from mocks.canton_scan.tree import Action, Create, Exercise
from mocks.canton_scan.update import Update

_VERSIONS = ("0.4.25", "0.5.1", "0.5.4")


def record_liveness(update: Update) -> Exercise:
    """A validator shows that it is up, and gets a record to claim a reward with."""
    validator = update.network.accounts.account(update.draws)
    number = str(update.round.number)
    record = Create(
        LIVENESS_RECORD,
        update.contract("record"),
        {"dso": update.network.dso, "validator": validator, "round": {"number": number}},
        [update.network.dso],
        [validator],
    )
    return _license_choice(
        update,
        validator,
        "RecordValidatorLivenessActivity",
        {"openRoundCid": update.network.contract(f"open round {number}")},
        (record,),
    )


def report_active(update: Update) -> Exercise:
    """A validator says that it is up."""
    validator = update.network.accounts.account(update.draws)
    return _license_choice(update, validator, "ReportActive", {})


def update_metadata(update: Update) -> Exercise:
    """A validator says which version it runs and whom to contact."""
    validator = update.network.accounts.account(update.draws)
    argument = {"version": update.draws.pick(_VERSIONS), "contactPoint": _contact(validator)}
    return _license_choice(update, validator, "UpdateMetadata", argument)


def _license_choice(
    update: Update,
    validator: str,
    choice: str,
    argument: wire.Json,
    more: tuple[Action, ...] = (),
) -> Exercise:
    """The license is archived and created anew with what the choice changes."""
    result = {"licenseCid": update.contract("license")}
    if more:
        result["couponCid"] = update.contract("record")
    return Exercise(
        VALIDATOR_LICENSE,
        update.contract("license before"),
        f"ValidatorLicense_{choice}",
        argument,
        result,
        [validator],
        children=(_license(update, validator, argument.get("version")), *more),
        consuming=True,
    )


def _license(update: Update, validator: str, new_version: str | None) -> Create:
    number, long_ago = update.round.number, update.later(-update.draws.between(3_600, 2_000_000))
    arguments = {
        "validator": validator,
        "sponsor": update.network.accounts.super_validators[0],
        "dso": update.network.dso,
        "faucetState": {
            "firstReceivedFor": {"number": str(number - update.draws.between(100, 50_000))},
            "lastReceivedFor": {"number": str(number)},
            "numCouponsMissed": str(update.draws.below(40)),
        },
        "metadata": {
            "lastUpdatedAt": update.effective_at if new_version else long_ago,
            "version": new_version or _VERSIONS[0],
            "contactPoint": _contact(validator),
        },
        "lastActiveAt": update.effective_at,
    }
    dso = update.network.dso
    return Create(VALIDATOR_LICENSE, update.contract("license"), arguments, [dso], [validator])


def _contact(validator: str) -> str:
    return f"ops@{validator.partition('::')[0].lower()}.example"
