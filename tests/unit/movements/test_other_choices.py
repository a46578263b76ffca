"""Until Splice 0.6.11: transfer instructions, taps, mints, and whatever else is paid for in CC."""

import pytest

from tests.updates import (
    ALICE,
    BOB,
    CAROL,
    DSO,
    amulet,
    created,
    exercised,
    locked_amulet,
    metadata,
    summary,
    transfer,
)

INSTRUCTION = "Splice.AmuletTransferInstruction:AmuletTransferInstruction"


def answered(choice, *children, acting, result=None):
    return exercised(
        f"TransferInstruction_{choice}", {}, result, *children, acting=acting, template=INSTRUCTION
    )


def unlocked(owner, amount):
    return exercised("LockedAmulet_Unlock", {}, {}, amulet(owner, amount))


@pytest.mark.parametrize(
    ("children", "result"),
    [
        pytest.param(
            [transfer(ALICE, [(BOB, "3.0")], summary("3.0")), amulet(BOB, "3.0")],
            {},
            id="named by the inner transfer",
        ),
        pytest.param(
            [amulet(BOB, "3.0")], {"meta": metadata(sender=ALICE)}, id="named by the metadata"
        ),
        pytest.param(
            [unlocked(ALICE, "3.0"), amulet(BOB, "3.0")], {}, id="whose coin was unlocked first"
        ),
    ],
)
def test_an_accepted_offer_is_a_payment_by_who_made_it(moved, table, children, result):
    accepted = answered("Accept", *children, acting=[BOB], result=result)
    assert moved(accepted) == table("""
        0  0  alice  sent      transfer  bob    3.0000000000
        0  1  bob    received  transfer  alice  3.0000000000
    """)


def test_coins_of_one_receiver_are_one_payment(moved, table):
    coins = [amulet(BOB, "1.0"), amulet(CAROL, "0.5"), amulet(BOB, "2.0")]
    result = {"meta": metadata(sender=ALICE)}
    assert moved(answered("Accept", *coins, acting=[BOB], result=result)) == table("""
        0  0  alice  sent      transfer  bob    3.0000000000
        0  1  bob    received  transfer  alice  3.0000000000
        0  2  alice  sent      transfer  carol  0.5000000000
        0  3  carol  received  transfer  alice  0.5000000000
    """)


def test_an_accepted_offer_of_nobody_known_is_received_all_the_same(moved, table):
    assert moved(answered("Accept", amulet(BOB, "3.0"), acting=[BOB])) == table("""
        0  1  bob  received  transfer  -  3.0000000000
    """)


@pytest.mark.parametrize(
    ("choice", "acting", "counterparty"),
    [
        pytest.param("Reject", [BOB], "bob", id="rejected by the receiver"),
        pytest.param("Reject", [DSO, BOB], "bob", id="with the DSO's consent"),
        pytest.param("Withdraw", [ALICE], "-", id="withdrawn by the sender"),
    ],
)
def test_an_offer_called_off_is_its_senders_abort_of_nothing(
    moved, table, choice, acting, counterparty
):
    assert moved(answered(choice, unlocked(ALICE, "3.0"), acting=acting)) == table(f"""
        0  0  alice  none  abort  {counterparty}  0.0000000000
    """)


def test_an_abort_without_a_coin_is_of_who_called_it_off(moved, table):
    assert moved(answered("Withdraw", acting=[ALICE])) == table("""
        0  0  alice  none  abort  -  0.0000000000
    """)


def test_an_offer_locks_coin_and_moves_nothing(moved):
    pending = exercised("TransferFactory_Transfer", {}, {}, locked_amulet(ALICE, "3.0"))
    assert moved(pending) == []


def minted(choice, *children):
    return exercised(choice, {"receiver": ALICE, "amount": "6000.0000000000"}, {}, *children)


def test_a_tap_counts_once_with_its_inner_mint(moved, table):
    tap = minted("AmuletRules_DevNet_Tap", minted("AmuletRules_Mint", amulet(ALICE, "6000.0")))
    assert moved(tap) == table("""
        0  0  alice  received  devnet_tap  -  6000.0000000000
    """)


def test_a_mint_on_its_own_is_a_mint(moved, table):
    assert moved(minted("AmuletRules_Mint", amulet(ALICE, "6000.0"))) == table("""
        0  0  alice  received  mint  -  6000.0000000000
    """)


def paid(choice, totals, holder="summary"):
    result = {"amuletPaid": "5.0000000000"}
    result |= {"summary": totals} if holder == "summary" else {holder: {"summary": totals}}
    return exercised(choice, {"provider": ALICE}, result, acting=[BOB])


@pytest.mark.parametrize(
    ("choice", "holder"),
    [
        ("AmuletRules_BuyMemberTraffic", "summary"),
        ("AmuletRules_CreateTransferPreapproval", "transferResult"),
        ("Whatever_NobodyHasSeen", "summary"),
    ],
)
def test_what_is_paid_to_nobody_is_burned_by_who_provides_it(moved, table, choice, holder):
    assert moved(paid(choice, summary("11.0", "7.0"), holder)) == table("""
        0  0  alice  sent      burn  -  5.0000000000
        0  1  alice  received  mint  -  1.0000000000
    """)


def test_a_burn_without_a_provider_is_of_who_acted(moved, table):
    burn = exercised("Subscription_Pay", {}, {"amuletPaid": "5.0"}, acting=[BOB])
    assert moved(burn) == table("""
        0  0  bob  sent  burn  -  5.0000000000
    """)


def test_rewards_burned_are_minted_first_and_fees_are_burned_too(moved, table):
    totals = summary("0E-10", "2.0", holdingFees="0.5")
    assert moved(paid("AmuletRules_BuyMemberTraffic", totals)) == table("""
        0  0  alice  sent      burn  -  5.0000000000
        0  1  alice  received  mint  -  7.5000000000
        0  2  alice  sent      burn  -  0.5000000000
    """)


def test_coins_that_no_rule_speaks_of_move_nothing(moved):
    grown = exercised("Whatever_NobodyHasSeen", {}, "a bare string", amulet(ALICE, "1.0"))
    assert moved(grown, amulet(BOB, "1.0"), created("New.Module:Thing", {})) == []
