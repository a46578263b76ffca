"""Every choice and contract that the ledger moves coin with, or seems to, has cases of its own.

A row is a choice, with V2 where it is of the token standard's second version, or what is done on a
template. `pytest -k ROW` runs its cases.
"""

import pytest

from services.movements import cc_movements
from tests.coin.case import sums
from tests.coin.cases import SECTIONS
from tests.coin.no_coin import CHOICES

ROWS = {
    "payments": """
        AmuletRules_Transfer TransferPreapproval_Send TransferPreapproval_SendV2
        TransferCommand_Send LockedAmulet_Unlock""",
    "token standard, version 1": """
        TransferFactory_Transfer TransferInstruction_Accept TransferInstruction_Reject
        TransferInstruction_Withdraw TransferInstruction_Update AllocationFactory_Allocate
        Allocation_ExecuteTransfer Allocation_Withdraw Allocation_Cancel AmuletAllocation_DsoExpire
        ExternalPartyAmuletRules_ExpireAmuletAllocations DsoRules_ExpireAmuletAllocations
        AmuletRules_Amulet_ExpireTransferInstructions DsoRules_Amulet_ExpireTransferInstructions
        LockedAmulet_OwnerExpireLock LockedAmulet_OwnerExpireLockV2 AmuletRules_ComputeFees
        TransferPreapproval_Send TransferPreapproval_SendV2 AmuletRules_Transfer""",
    "token standard, version 2": """
        TransferFactory_Transfer-V2 TransferInstruction_Accept-V2 TransferInstruction_Reject-V2
        TransferInstruction_Withdraw-V2 AllocationFactory_Allocate-V2
        SettlementFactory_SettleBatch-V2 Allocation_Settle-on-AmuletAllocationV2
        Allocation_Settle-on-AmuletAllocation Allocation_Withdraw-V2 Allocation_Cancel-V2
        ExternalPartyAmuletRules_ExpireAmuletAllocationsV2 DsoRules_ExpireAmuletAllocationsV2""",
    "purchases": """
        AmuletRules_BuyMemberTraffic AmuletRules_CreateTransferPreapproval
        AmuletRules_CreateExternalPartySetupProposal TransferPreapproval_Renew
        DsoRules_ExecuteConfirmedAction AnsEntryContext_CollectInitialEntryPayment
        AnsRules_CollectInitialEntryPayment SubscriptionInitialPayment_Collect
        DsoRules_CollectEntryRenewalPayment AnsEntryContext_CollectEntryRenewalPayment
        AnsRules_CollectEntryRenewalPayment SubscriptionPayment_Collect
        AnsEntryContext_RejectEntryInitialPayment""",
    "expiry": """
        DsoRules_Amulet_Expire Amulet_Expire DsoRules_LockedAmulet_ExpireAmulet
        LockedAmulet_ExpireAmulet DsoRules_Amulet_ExpireV2 Amulet_ExpireV2
        DsoRules_LockedAmulet_ExpireAmuletV2 LockedAmulet_ExpireAmuletV2""",
    "mints": """
        Archive-on-AppRewardCoupon ValidatorRewardCoupon_ArchiveAsValidator
        SvRewardCoupon_ArchiveAsBeneficiary Archive-on-ValidatorFaucetCoupon
        Archive-on-ValidatorLivenessActivityRecord Archive-on-UnclaimedActivityRecord
        Archive-on-DevelopmentFundCoupon Archive-on-RewardCouponV2
        AmuletRules_DevNet_Tap AmuletRules_Mint""",
    "locks": """
        LockedAmulet_Unlock LockedAmulet_OwnerExpireLock LockedAmulet_UnlockV2
        LockedAmulet_OwnerExpireLockV2 SubscriptionRequest_AcceptAndMakePayment
        SubscriptionIdleState_MakePayment SubscriptionInitialPayment_Reject
        SubscriptionInitialPayment_Expire SubscriptionPayment_Reject SubscriptionPayment_Expire""",
    "no coin": " ".join(choice for choices in CHOICES.values() for choice in choices),
    "without wrappers": "AmuletRules_Transfer AmuletRules_BuyMemberTraffic LockedAmulet_UnlockV2",
    "reports": """
        EventLog_HoldingsChange-on-AmuletRules EventLog_HoldingsChange-on-AmuletEventLog
        EventLog_HoldingsChange-on-ExternalPartyConfigState
        EventLog_HoldingsChange-on-ExternalPartyAmuletRules
        AmuletRules_Transfer TransferPreapproval_SendV2 AmuletRules_DevNet_Tap AmuletRules_Mint
        AmuletRules_BuyMemberTraffic AmuletRules_CreateTransferPreapproval
        AmuletRules_CreateExternalPartySetupProposal TransferPreapproval_Renew
        TransferFactory_Transfer TransferInstruction_Accept TransferInstruction_Reject
        TransferInstruction_Update Amulet_ExpireV2 LockedAmulet_ExpireAmuletV2
        LockedAmulet_UnlockV2 LockedAmulet_OwnerExpireLockV2 SubscriptionInitialPayment_Collect""",
}


def rows_of(case):
    """The rows that a case is about."""
    for event in case.update["events_by_id"].values():
        if choice := event.get("choice"):
            _, _, template = event["template_id"].rpartition(":")
            module, _, _ = (event["interface_id"] or "").rpartition(":")
            yield f"{choice}-V2" if module.endswith("V2") else choice
            yield f"{choice}-on-{template}"


@pytest.mark.parametrize(
    ("section", "row"),
    [
        pytest.param(section, row, id=f"{section}: {row}")
        for section, rows in ROWS.items()
        for row in rows.split()
    ],
)
def test_each_row_has_cases_that_give_its_movements_and_no_problem(section, row):
    cases = [case for case in SECTIONS[section].values() if row in rows_of(case)]
    assert cases
    for case in cases:
        rows = cc_movements(case.update)
        assert (sums(rows), [one["problem"] for one in rows if one["problem"]]) == (
            case.movements,
            [],
        )
