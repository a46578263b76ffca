"""Daml templates and interfaces that updates name, by package.

Names from recorded updates and the Splice Daml sources. Package ids are made up; they change with
each Daml upgrade, here with the migration: readers must match what follows them.
"""

from typing import NamedTuple


class Template(NamedTuple):
    """A template or an interface: its package and ``Module.Path:Entity``."""

    package: str
    path: str


def _amulet(path: str) -> Template:
    return Template("splice-amulet", path)


def _governance(path: str) -> Template:
    return Template("splice-dso-governance", path)


AMULET = _amulet("Splice.Amulet:Amulet")
LOCKED_AMULET = _amulet("Splice.Amulet:LockedAmulet")
APP_REWARD_COUPON = _amulet("Splice.Amulet:AppRewardCoupon")
SV_REWARD_COUPON = _amulet("Splice.Amulet:SvRewardCoupon")
VALIDATOR_REWARD_COUPON = _amulet("Splice.Amulet:ValidatorRewardCoupon")
UNCLAIMED_REWARD = _amulet("Splice.Amulet:UnclaimedReward")
FEATURED_APP_RIGHT = _amulet("Splice.Amulet:FeaturedAppRight")
FEATURED_APP_ACTIVITY_MARKER = _amulet("Splice.Amulet:FeaturedAppActivityMarker")
AMULET_RULES = _amulet("Splice.AmuletRules:AmuletRules")
TRANSFER_PREAPPROVAL = _amulet("Splice.AmuletRules:TransferPreapproval")
TRANSFER_INSTRUCTION = _amulet("Splice.AmuletTransferInstruction:AmuletTransferInstruction")
EXTERNAL_PARTY_RULES = _amulet("Splice.ExternalPartyAmuletRules:ExternalPartyAmuletRules")
EXTERNAL_PARTY_CONFIG = _amulet("Splice.ExternalPartyConfigState:ExternalPartyConfigState")
MEMBER_TRAFFIC = _amulet("Splice.DecentralizedSynchronizer:MemberTraffic")
OPEN_ROUND = _amulet("Splice.Round:OpenMiningRound")
SUMMARIZING_ROUND = _amulet("Splice.Round:SummarizingMiningRound")
ISSUING_ROUND = _amulet("Splice.Round:IssuingMiningRound")
CLOSED_ROUND = _amulet("Splice.Round:ClosedMiningRound")
VALIDATOR_LICENSE = _amulet("Splice.ValidatorLicense:ValidatorLicense")
LIVENESS_RECORD = _amulet("Splice.ValidatorLicense:ValidatorLivenessActivityRecord")

DSO_RULES = _governance("Splice.DsoRules:DsoRules")
CONFIRMATION = _governance("Splice.DsoRules:Confirmation")
SV_NODE_STATE = _governance("Splice.DSO.SvState:SvNodeState")
SV_REWARD_STATE = _governance("Splice.DSO.SvState:SvRewardState")
SV_STATUS_REPORT = _governance("Splice.DSO.SvState:SvStatusReport")

TRANSFER_FACTORY = Template(
    "splice-api-token-transfer-instruction-v1",
    "Splice.Api.Token.TransferInstructionV1:TransferFactory",
)
TRANSFER_INSTRUCTION_INTERFACE = Template(
    "splice-api-token-transfer-instruction-v1",
    "Splice.Api.Token.TransferInstructionV1:TransferInstruction",
)
EVENT_LOG = Template(
    "splice-api-token-transfer-events-v2", "Splice.Api.Token.TransferEventsV2:EventLog"
)
FEATURED_APP_RIGHT_INTERFACE = Template(
    "splice-api-featured-app-v1", "Splice.Api.FeaturedAppRightV1:FeaturedAppRight"
)
