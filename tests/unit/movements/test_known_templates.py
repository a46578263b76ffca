"""The templates that updates of Canton Coin are about are known, with and without movements.

A known template excuses no choice: coin that moves under one that no rule knows is a problem.
"""

import pytest

from services.movements import KNOWN_TEMPLATES, cc_movements
from tests.coin.building import expired, unlocked
from tests.updates import ALICE, amulet, created, exercised, transaction

# By what the ledger does with them; each is the root of updates that a Scan shows.
TEMPLATES = {
    "coin": "Amulet:Amulet Amulet:LockedAmulet",
    "rules, under which coin moves": "AmuletRules:AmuletRules Ans:AnsRules DsoRules:DsoRules"
    " ExternalPartyAmuletRules:ExternalPartyAmuletRules"
    " ExternalPartyConfigState:ExternalPartyConfigState",
    "payments that are prepared": "AmuletRules:TransferPreapproval"
    " AmuletRules:ExternalPartySetupProposal ExternalPartyAmuletRules:TransferCommand"
    " ExternalPartyAmuletRules:TransferCommandCounter"
    " AmuletTransferInstruction:AmuletTransferInstruction AmuletAllocation:AmuletAllocation"
    " AmuletAllocationV2:AmuletAllocationV2",
    "reports": "AmuletEventLog:AmuletEventLog",
    "names and what they cost": "Ans:AnsEntry Ans:AnsEntryContext"
    " Wallet.Subscriptions:Subscription Wallet.Subscriptions:SubscriptionIdleState"
    " Wallet.Subscriptions:SubscriptionInitialPayment Wallet.Subscriptions:SubscriptionPayment"
    " Wallet.Subscriptions:SubscriptionRequest",
    "rights to rewards": "Amulet:AppRewardCoupon Amulet:ValidatorRewardCoupon"
    " Amulet:SvRewardCoupon Amulet:RewardCouponV2 Amulet:UnclaimedReward"
    " Amulet:UnclaimedActivityRecord DsoRules:UnallocatedUnclaimedActivityRecord"
    " Amulet:UnclaimedDevelopmentFundCoupon Amulet:DevelopmentFundCoupon"
    " ValidatorLicense:ValidatorFaucetCoupon ValidatorLicense:ValidatorLivenessActivityRecord",
    "who earns them": "Amulet:FeaturedAppActivityMarker Amulet:FeaturedAppRight"
    " Amulet:ValidatorRight Util.FeaturedApp.BatchedMarkersProxy:BatchedMarkersProxy"
    " ValidatorLicense:ValidatorLicense DSO.SvState:SvRewardState",
    "prices and rounds": "Ans.AmuletConversionRateFeed:AmuletConversionRateFeed"
    " DSO.AmuletPrice:AmuletPriceVote Round:OpenMiningRound Round:SummarizingMiningRound"
    " Round:IssuingMiningRound Round:ClosedMiningRound",
    "the network": "DecentralizedSynchronizer:MemberTraffic DsoBootstrap:DsoBootstrap"
    " DsoRules:Confirmation DsoRules:VoteRequest DSO.SvState:SvNodeState"
    " DSO.SvState:SvStatusReport",
}
NAMES = [f"Splice.{name}" for names in TEMPLATES.values() for name in names.split()]
# Of coin, the choice that all templates have is an end that a rule has to explain.
KNOWN_CHOICES = {
    "Splice.Amulet:Amulet": expired(ALICE, "5").children[0],
    "Splice.Amulet:LockedAmulet": unlocked(ALICE, "5"),
}


def judged(*roots):
    """Tell whether an update is about something known, and its problems."""
    rows = cc_movements(transaction(*roots))
    return {row["is_known"] for row in rows}, [row["problem"] for row in rows if row["problem"]]


@pytest.mark.parametrize("template", NAMES)
def test_a_known_choice_of_it_is_known_and_no_problem(template):
    known = KNOWN_CHOICES.get(template, exercised("Archive", template=template, consuming=True))
    assert judged(known) == ({True}, [])


@pytest.mark.parametrize("template", NAMES)
def test_an_unknown_choice_of_it_under_which_coin_comes_is_a_problem(template):
    rain = exercised("Make_Rain", {}, {}, amulet(ALICE, "5.0"), template=template)
    assert judged(rain) == ({True}, ["Make_Rain: no rule knows how this moves coin"])


@pytest.mark.parametrize("template", NAMES)
def test_what_is_not_quite_it_is_not_known(template):
    module, _, entity = template.partition(":")
    for other in (f"{module}:{entity}V9", f"{module}.V9:{entity}", f"Fake.{template}"):
        assert judged(created(other, {})) == ({False}, []), other


def test_nothing_else_is_known():
    assert sorted(NAMES) == sorted(KNOWN_TEMPLATES)
