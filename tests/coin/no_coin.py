"""Cases of choices in which amounts of CC appear and none moves."""

from tests.coin.building import cc, governed
from tests.coin.case import case
from tests.updates import BOB, DSO, created, exercised

# By template: its choices, and the contract with an amount that each makes, if any.
CHOICES = {
    "DsoRules:DsoRules": {
        "DsoRules_ReceiveSvRewardCoupon": "Amulet:SvRewardCoupon",
        "DsoRules_ClaimExpiredRewards": "Amulet:UnclaimedReward",
        "DsoRules_ClaimExpiredRewardsV2": "Amulet:UnclaimedReward",
        "DsoRules_ProcessRewardsV2_ProcessBatch": "Amulet:RewardCouponV2",
        "DsoRules_AllocateUnallocatedUnclaimedActivityRecord": "Amulet:UnclaimedActivityRecord",
        "DsoRules_MergeMemberTrafficContracts": "DecentralizedSynchronizer:MemberTraffic",
        "DsoRules_ExecuteConfirmedAction": "DsoRules:UnallocatedUnclaimedActivityRecord",
        "DsoRules_RequestVote": "DsoRules:VoteRequest",
        "DsoRules_ExpireSubscription": "",
        "DsoRules_TerminateSubscription": "",
        "DsoRules_ExpireAnsEntry": "",
        "DsoRules_ExpireTransferPreapproval": "",
    },
    "AmuletRules:AmuletRules": {
        "AmuletRules_ConvertFeaturedAppActivityMarkers": "Amulet:AppRewardCoupon",
        "AmuletRules_MergeUnclaimedRewards": "Amulet:UnclaimedReward",
        "AmuletRules_AllocateDevelopmentFundCoupon": "Amulet:DevelopmentFundCoupon",
        "AmuletRules_MergeUnclaimedDevelopmentFundCoupons": "Amulet:UnclaimedDevelopmentFundCoupon",
        "AmuletRules_ComputeFees": "",
        "AmuletRules_MiningRound_StartIssuing": "Round:IssuingMiningRound",
        "AmuletRules_Bootstrap_Rounds": "Round:IssuingMiningRound",
    },
    "AmuletRules:ExternalPartySetupProposal": {
        "ExternalPartySetupProposal_Accept": "AmuletRules:TransferPreapproval",
    },
    "AmuletRules:TransferPreapproval": {
        "TransferPreapproval_Cancel": "",
        "TransferPreapproval_Expire": "",
    },
    "ExternalPartyAmuletRules:ExternalPartyAmuletRules": {
        "ExternalPartyAmuletRules_CreateTransferCommand": (
            "ExternalPartyAmuletRules:TransferCommand"
        ),
    },
    "ExternalPartyAmuletRules:TransferCommand": {
        "TransferCommand_Expire": "",
        "TransferCommand_Withdraw": "",
    },
    "Amulet:DevelopmentFundCoupon": {
        "DevelopmentFundCoupon_DsoExpire": "Amulet:UnclaimedDevelopmentFundCoupon",
        "DevelopmentFundCoupon_Reject": "Amulet:UnclaimedDevelopmentFundCoupon",
        "DevelopmentFundCoupon_Withdraw": "Amulet:UnclaimedDevelopmentFundCoupon",
    },
    "Amulet:FeaturedAppRight": {
        "FeaturedAppRight_CreateActivityMarker": "Amulet:FeaturedAppActivityMarker",
    },
    "Util.FeaturedApp.BatchedMarkersProxy:BatchedMarkersProxy": {
        "BatchedMarkersProxy_CreateMarkers": "Amulet:FeaturedAppActivityMarker",
    },
    "ValidatorLicense:ValidatorLicense": {
        "ValidatorLicense_ReceiveFaucetCoupon": "ValidatorLicense:ValidatorFaucetCoupon",
        "ValidatorLicense_RecordValidatorLivenessActivity": (
            "ValidatorLicense:ValidatorLivenessActivityRecord"
        ),
    },
    "Ans:AnsEntry": {"AnsEntry_Expire": ""},
    "Ans.AmuletConversionRateFeed:AmuletConversionRateFeed": {
        "AmuletConversionRateFeed_Update": "Ans.AmuletConversionRateFeed:AmuletConversionRateFeed",
    },
    "DsoBootstrap:DsoBootstrap": {"DsoBootstrap_Bootstrap": "Amulet:SvRewardCoupon"},
}


def right(entity):
    """A contract that names CC and is no coin."""
    amounts = {"amount": cc("9"), "amuletSpent": cc("9"), "weight": "9"}
    return created(f"Splice.{entity}", {"dso": DSO, "beneficiary": BOB, **amounts})


def act(template, choice, makes=""):
    """A choice whose argument and result name CC, below which such contracts end and begin."""
    ends = exercised("Archive", acting=[DSO], template="Splice.Amulet:UnclaimedReward",
                     consuming=True)  # fmt: skip
    argument = {"amount": cc("9"), "receiver": BOB, "provider": BOB}
    result = {"amuletPaid": cc("9"), "amuletSum": {"amulet": cc("9")}}
    made = [right(makes)] if makes else []
    return exercised(choice, argument, result, ends, *made, template=f"Splice.{template}")


NO_COIN = {
    choice: case(act(template, choice, makes))
    for template, choices in CHOICES.items()
    for choice, makes in choices.items()
} | {
    "a confirmed action, with others below it": case(
        governed(
            "DsoRules_ExecuteConfirmedAction",
            act("AmuletRules:AmuletRules", "AmuletRules_MiningRound_StartIssuing"),
            act("AmuletRules:AmuletRules", "AmuletRules_MergeUnclaimedRewards",
                "Amulet:UnclaimedReward"),
        )
    ),
}  # fmt: skip
