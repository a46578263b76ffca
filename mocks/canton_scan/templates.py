"""Daml templates and interfaces that updates name, by package.

Names from recorded updates and the Splice Daml sources. Package ids are made up; they change with
each Daml upgrade, and old ones stay in use beside them: readers must match what follows them.
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


def _names(path: str) -> Template:
    return Template("splice-amulet-name-service", path)


def _payments(path: str) -> Template:
    return Template("splice-wallet-payments", path)


def _standard(package: str, path: str) -> Template:
    return Template(f"splice-api-token-{package}", f"Splice.Api.Token.{path}")


AMULET = _amulet("Splice.Amulet:Amulet")
LOCKED_AMULET = _amulet("Splice.Amulet:LockedAmulet")
APP_REWARD_COUPON = _amulet("Splice.Amulet:AppRewardCoupon")
SV_REWARD_COUPON = _amulet("Splice.Amulet:SvRewardCoupon")
VALIDATOR_REWARD_COUPON = _amulet("Splice.Amulet:ValidatorRewardCoupon")
REWARD_COUPON_V2 = _amulet("Splice.Amulet:RewardCouponV2")
UNCLAIMED_ACTIVITY_RECORD = _amulet("Splice.Amulet:UnclaimedActivityRecord")
DEVELOPMENT_FUND_COUPON = _amulet("Splice.Amulet:DevelopmentFundCoupon")
UNCLAIMED_REWARD = _amulet("Splice.Amulet:UnclaimedReward")
FEATURED_APP_RIGHT = _amulet("Splice.Amulet:FeaturedAppRight")
FEATURED_APP_ACTIVITY_MARKER = _amulet("Splice.Amulet:FeaturedAppActivityMarker")
AMULET_RULES = _amulet("Splice.AmuletRules:AmuletRules")
TRANSFER_PREAPPROVAL = _amulet("Splice.AmuletRules:TransferPreapproval")
SETUP_PROPOSAL = _amulet("Splice.AmuletRules:ExternalPartySetupProposal")
ALLOCATION = _amulet("Splice.AmuletAllocation:AmuletAllocation")
ALLOCATION_V2 = _amulet("Splice.AmuletAllocationV2:AmuletAllocationV2")
AMULET_EVENT_LOG = _amulet("Splice.AmuletEventLog:AmuletEventLog")
TRANSFER_COMMAND = _amulet("Splice.ExternalPartyAmuletRules:TransferCommand")
TRANSFER_COMMAND_COUNTER = _amulet("Splice.ExternalPartyAmuletRules:TransferCommandCounter")
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

ANS_ENTRY = _names("Splice.Ans:AnsEntry")
ANS_ENTRY_CONTEXT = _names("Splice.Ans:AnsEntryContext")
ANS_RULES = _names("Splice.Ans:AnsRules")

SUBSCRIPTION = _payments("Splice.Wallet.Subscriptions:Subscription")
SUBSCRIPTION_REQUEST = _payments("Splice.Wallet.Subscriptions:SubscriptionRequest")
SUBSCRIPTION_IDLE = _payments("Splice.Wallet.Subscriptions:SubscriptionIdleState")
SUBSCRIPTION_FIRST_PAYMENT = _payments("Splice.Wallet.Subscriptions:SubscriptionInitialPayment")
SUBSCRIPTION_PAYMENT = _payments("Splice.Wallet.Subscriptions:SubscriptionPayment")

TRANSFER_FACTORY = _standard("transfer-instruction-v1", "TransferInstructionV1:TransferFactory")
TRANSFER_FACTORY_V2 = _standard("transfer-instruction-v2", "TransferInstructionV2:TransferFactory")
TRANSFER_INSTRUCTION_INTERFACE = _standard(
    "transfer-instruction-v1", "TransferInstructionV1:TransferInstruction"
)
TRANSFER_INSTRUCTION_INTERFACE_V2 = _standard(
    "transfer-instruction-v2", "TransferInstructionV2:TransferInstruction"
)
ALLOCATION_FACTORY = _standard(
    "allocation-instruction-v1", "AllocationInstructionV1:AllocationFactory"
)
ALLOCATION_FACTORY_V2 = _standard(
    "allocation-instruction-v2", "AllocationInstructionV2:AllocationFactory"
)
ALLOCATION_INTERFACE = _standard("allocation-v1", "AllocationV1:Allocation")
ALLOCATION_INTERFACE_V2 = _standard("allocation-v2", "AllocationV2:Allocation")
SETTLEMENT_FACTORY = _standard("allocation-v2", "AllocationV2:SettlementFactory")
EVENT_LOG = _standard("transfer-events-v2", "TransferEventsV2:EventLog")
FEATURED_APP_RIGHT_INTERFACE = Template(
    "splice-api-featured-app-v1", "Splice.Api.FeaturedAppRightV1:FeaturedAppRight"
)
