"""Cases of packages that report nothing: splice-amulet 0.1.0 to 0.1.20, with and without fees."""

from tests.coin.building import (
    ALLOCATION,
    COMMAND,
    EXTERNAL,
    INSTRUCTION,
    PREAPPROVAL,
    Out,
    Settlement,
    accepted,
    bought,
    cc,
    ended,
    executed,
    expired,
    failed,
    fresh,
    governed,
    name_bought,
    named,
    offered,
    old,
    sent,
    sent_v2,
    token,
    transferred,
    unlocked,
)
from tests.coin.case import case
from tests.updates import (
    ALICE,
    BOB,
    CAROL,
    DSO,
    amulet,
    created,
    exercised,
    party,
    tap,
)

VALIDATOR, SHOP, SV, VENUE = party("validator"), party("shop"), party("sv"), party("venue")


def pay(sender, *outs, spent=(), **more):
    return Settlement(sender, outs, spent, **more)


def offer(owner, amount):
    return created(INSTRUCTION, {"transfer": {"sender": owner, "amount": cc(amount)}})


def lock(paid):
    return [*paid.events, offer(paid.sender, "1")]


OLD = old(ALICE, "900")

PAYMENTS = {
    "fees burn from the sender": case(
        transferred(
            pay(ALICE, Out(BOB, "200", "8"), spent=[OLD], change_fee="6", holding="0.0114155400")
        ),
        moves="""alice > bob 200
                 alice burns 14.01141554""",
    ),
    "a receiver pays a quarter of the fee": case(
        transferred(pay(ALICE, Out(BOB, "200", "8", "0.25"), spent=[OLD], change_fee="6")),
        moves="""alice > bob 200
                 bob burns 2
                 alice burns 12""",
    ),
    "a receiver pays a fee that is rounded half to even": case(
        transferred(pay(ALICE, Out(BOB, "50", "6.0000000005", "0.5"), spent=[OLD])),
        moves="""alice > bob 50
                 bob burns 3.0000000002
                 alice burns 3.0000000003""",
    ),
    "a receiver pays the whole fee": case(
        transferred(pay(ALICE, Out(BOB, "77.7777777777", "6.7777777778", "1"), spent=[OLD])),
        moves="""alice > bob 77.7777777777
                 bob burns 6.7777777778""",
    ),
    "the last crumbs are the change fee": case(
        transferred(
            pay(ALICE, Out(BOB, "100", "7"), spent=[old(ALICE, "109")], change_fee="2")
        ),
        moves="""alice > bob 100
                 alice burns 9""",
    ),
    "several outputs, two to one receiver": case(
        transferred(
            pay(
                ALICE,
                Out(BOB, "11", "6.11"),
                Out(CAROL, "22", "6.22"),
                Out(BOB, "13", "6.03", "1"),
                spent=[OLD],
                change_fee="6",
            )
        ),
        moves="""alice > bob 24
                 alice > carol 22
                 bob burns 6.03
                 alice burns 18.33""",
    ),
    "an output to oneself costs its fee alone": case(
        transferred(pay(ALICE, Out(ALICE, "100", "6", "0.5"), spent=[OLD], change_fee="6")),
        moves="alice burns 12",
    ),
    "a merge of old coins": case(
        transferred(
            pay(ALICE, spent=[OLD, old(ALICE, "5")], change_fee="6", holding="4.56621600")
        ),
        moves="alice burns 10.566216",
    ),
    "a coin that its fees have eaten": case(
        transferred(
            pay(ALICE, Out(BOB, "20", "6.2"), spent=[OLD, old(ALICE, "2")], change_fee="6",
                holding="2")
        ),
        moves="""alice > bob 20
                 alice burns 14.2""",
    ),
    "a locked output to somebody else is a payment": case(
        transferred(pay(ALICE, Out(BOB, "200", "10", locked=True), spent=[OLD])),
        moves="""alice > bob 200
                 alice burns 10""",
    ),
    "a locked output to oneself is none": case(
        transferred(pay(ALICE, Out(ALICE, "200", "7", locked=True), spent=[OLD], change_fee="6")),
        moves="alice burns 13",
    ),
    "an app's payment: an unlock and a transfer, each a root": case(
        unlocked(ALICE, "230", "freed", choice="LockedAmulet_Unlock"),
        transferred(
            pay(ALICE, Out(SHOP, "200", "8"), Out(VENUE, "10", "6.1"),
                spent=[fresh(ALICE, "230", "freed")], change_fee="5.9")
        ),
        moves="""alice > shop 200
                 alice > venue 10
                 alice burns 20""",
    ),
    "a payment to the DSO that stays there": case(
        transferred(pay(ALICE, Out(DSO, "10"), spent=[OLD])),
        moves="alice > DSO 10",
    ),
    "an old coin keeps its amount since CIP-78": case(
        transferred(pay(ALICE, Out(BOB, "1"), spent=[OLD])), moves="alice > bob 1"
    ),
    "a preapproved payment is one payment, not two": case(
        sent(pay(ALICE, Out(BOB, "300", "9"), spent=[OLD], change_fee="6")),
        moves="""alice > bob 300
                 alice burns 15""",
    ),
    "a preapproved payment without a transfer below it": case(
        sent_v2(pay(ALICE, Out(BOB, "8.25"), spent=[OLD])), moves="alice > bob 8.25"
    ),
    "a preapproved payment from a reward": case(
        sent_v2(pay(VALIDATOR, Out(BOB, "5"), rewards={"App": "9"})),
        moves="""validator mints 9
                 validator > bob 5""",
    ),
    "a preapproved payment to oneself": case(
        sent_v2(pay(ALICE, Out(ALICE, "8.25"), spent=[OLD])), moves=""
    ),
    "a command: three choices, one payment": case(
        exercised(
            "TransferCommand_Send", {}, {"result": {"tag": "TransferCommandResultSuccess"}},
            sent(pay(ALICE, Out(BOB, "30", "6.3"), spent=[OLD], change_fee="6")),
            template=COMMAND, consuming=True,
        ),
        moves="""alice > bob 30
                 alice burns 12.3""",
    ),
    "a command whose middle choice is not shown": case(
        exercised(
            "TransferCommand_Send", {}, {},
            transferred(pay(ALICE, Out(BOB, "30", "6.3"), spent=[OLD], change_fee="6")),
            template=COMMAND, consuming=True,
        ),
        moves="""alice > bob 30
                 alice burns 12.3""",
    ),
    "a command that fails": case(
        exercised("TransferCommand_Send", {}, {"result": {}}, template=COMMAND, consuming=True)
    ),
    "a command that fails and merges coins": case(
        exercised(
            "TransferCommand_Send", {}, {"result": {"tag": "TransferCommandResultFailure"}},
            transferred(pay(ALICE, spent=[OLD], change_fee="6")), template=COMMAND, consuming=True,
        ),
        moves="alice burns 6",
    ),
}  # fmt: skip

LOCKED_OFFER = pay(ALICE, Out(ALICE, "140", "7", locked=True), spent=[OLD], change_fee="6")
PAID_OFFER = pay(ALICE, Out(BOB, "100", "7"), spent=[fresh(ALICE, "140", "freed")], change_fee="6")

TOKEN_STANDARD_V1 = {
    "a payment through the factory to the preapproved": case(
        offered(
            ALICE, BOB, "70",
            exercised("AmuletRules_ComputeFees", {}, {"fees": ["6.7"]}),
            sent(pay(ALICE, Out(BOB, "70", "6.7"), spent=[OLD], change_fee="6")),
        ),
        moves="""alice > bob 70
                 alice burns 12.7""",
    ),
    "a payment through the factory without a transfer": case(
        offered(
            ALICE, BOB, "70",
            sent_v2(pay(ALICE, Out(BOB, "70"), spent=[old(ALICE, "70.0000000001")])),
        ),
        moves="alice > bob 70",
    ),
    "a merge through the factory, with fees": case(
        offered(
            ALICE, ALICE, "9",
            transferred(pay(ALICE, Out(ALICE, "9", "6"), spent=[OLD], change_fee="6")),
        ),
        moves="alice burns 12",
    ),
    "a merge through the factory": case(
        offered(ALICE, ALICE, "9", *pay(ALICE, Out(ALICE, "9"), spent=[OLD]).events)
    ),
    "a merge of a coin whose lock expired": case(
        offered(
            ALICE, ALICE, "9",
            unlocked(ALICE, "4", "freed", choice="LockedAmulet_OwnerExpireLockV2"),
            *pay(ALICE, Out(ALICE, "9"), spent=[OLD, fresh(ALICE, "4", "freed")]).events,
        )
    ),
    "an offer locks more than its amount": case(
        offered(ALICE, BOB, "100", transferred(LOCKED_OFFER), offer(ALICE, "100")),
        moves="alice burns 13",
    ),
    "an offer locks its amount": case(
        offered(ALICE, BOB, "100", *lock(pay(ALICE, Out(ALICE, "100", locked=True), spent=[OLD])))
    ),
    "an offer is accepted: what was reserved comes back": case(
        accepted(
            ALICE, unlocked(ALICE, "140", "freed", choice="LockedAmulet_Unlock"),
            transferred(PAID_OFFER), acting=[BOB],
        ),
        moves="""alice > bob 100
                 alice burns 13""",
    ),
    "an offer is accepted without a transfer": case(
        accepted(
            ALICE, unlocked(ALICE, "60", "freed"), ended("freed", ALICE),
            amulet(BOB, cc("60"), name="got"), acting=[BOB], holdings=["got"],
        ),
        moves="alice > bob 60",
    ),
    "an older offer is accepted without a transfer": case(
        accepted(
            ALICE, unlocked(ALICE, "140", "freed"), ended("freed", ALICE),
            amulet(BOB, cc("100"), name="got"), amulet(ALICE, cc("40")), acting=[BOB],
            holdings=["got"],
        ),
        moves="alice > bob 100",
    ),
    "an accepted offer of two coins": case(
        accepted(
            ALICE, unlocked(ALICE, "60", "freed"), ended("freed", ALICE),
            amulet(BOB, cc("50"), name="one"), amulet(BOB, cc("10"), name="two"), acting=[BOB],
            holdings=["one", "two"],
        ),
        moves="alice > bob 60",
    ),
    "an offer is rejected": case(
        failed("Reject", unlocked(ALICE, "60"), acting=[BOB]), moves="alice aborts bob"
    ),
    "an offer is rejected with the DSO": case(
        failed("Reject", unlocked(ALICE, "60"), acting=[DSO, BOB]), moves="alice aborts bob"
    ),
    "an offer is withdrawn": case(
        failed("Withdraw", unlocked(ALICE, "60"), acting=[ALICE]), moves="alice aborts -"
    ),
    "an offer is rejected whose lock is gone": case(
        failed("Reject", acting=[BOB]), moves="bob aborts -"
    ),
    "an offer is withdrawn whose lock is gone": case(
        failed("Withdraw", acting=[ALICE]), moves="alice aborts -"
    ),
    "a payment through the factory of a coin whose lock expired": case(
        offered(
            ALICE, BOB, "70",
            exercised("AmuletRules_ComputeFees", {}, {"fees": ["6.7"]}),
            unlocked(ALICE, "90", "freed", choice="LockedAmulet_OwnerExpireLock"),
            sent(pay(ALICE, Out(BOB, "70", "6.7"), spent=[fresh(ALICE, "90", "freed")],
                     change_fee="6")),
        ),
        moves="""alice > bob 70
                 alice burns 12.7""",
    ),
    "offers expire in a batch": case(
        governed(
            "DsoRules_Amulet_ExpireTransferInstructions",
            exercised(
                "AmuletRules_Amulet_ExpireTransferInstructions", {}, {},
                failed("Update", unlocked(ALICE, "60"), acting=[DSO]),
                failed("Update", unlocked(BOB, "70"), acting=[DSO]),
                failed("Update", acting=[DSO]),
            ),
        ),
        moves="""alice aborts -
                 bob aborts -
                 DSO aborts -""",
    ),
    "an instruction that is updated and goes on": case(
        token(
            "TransferInstruction_Update", acting=[DSO],
            result={"output": {"tag": "TransferInstructionResult_Pending", "value": {}}},
        )
    ),
    "an allocation is made with fees": case(
        token("AllocationFactory_Allocate", transferred(LOCKED_OFFER)), moves="alice burns 13"
    ),
    "an allocation is made": case(
        token(
            "AllocationFactory_Allocate",
            *pay(ALICE, Out(ALICE, "25", locked=True), spent=[OLD]).events,
            created(ALLOCATION, {"allocation": {"amount": cc("25")}}),
            acting=[ALICE],
        )
    ),
    "an allocation is executed by a transfer": case(
        executed(
            ALICE, unlocked(ALICE, "140", "freed", choice="LockedAmulet_Unlock"),
            transferred(PAID_OFFER),
        ),
        moves="""alice > bob 100
                 alice burns 13""",
    ),
    "both legs of a trade are executed without a transfer": case(
        executed(
            ALICE, unlocked(ALICE, "33", "a"), ended("a", ALICE),
            amulet(BOB, cc("33"), name="to bob"), holdings=["to bob"],
        ),
        executed(
            CAROL, unlocked(CAROL, "12.5", "c"), ended("c", CAROL),
            amulet(ALICE, cc("12.5"), name="to alice"), holdings=["to alice"],
        ),
        moves="""alice > bob 33
                 carol > alice 12.5""",
    ),
    "an allocation is withdrawn": case(token("Allocation_Withdraw", unlocked(ALICE, "33"))),
    "an allocation is cancelled": case(token("Allocation_Cancel", unlocked(ALICE, "33"))),
    "an allocation is withdrawn whose lock is gone": case(token("Allocation_Withdraw")),
    "allocations expire, one without its lock": case(
        governed(
            "DsoRules_ExpireAmuletAllocations",
            exercised(
                "ExternalPartyAmuletRules_ExpireAmuletAllocations", {}, {},
                *(
                    exercised(
                        "AmuletAllocation_DsoExpire", {}, {}, *below, template=ALLOCATION,
                        consuming=True,
                    )
                    for below in ([unlocked(ALICE, "33")], [unlocked(BOB, "44")], [])
                ),
                template=EXTERNAL,
            ),
        )
    ),
}  # fmt: skip

PRICE = Out(DSO, "1500", "21", "1", name="price")
SPLIT = Out(VALIDATOR, "1494", "6", name="price")
RICH = old(VALIDATOR, "9000")
PAYER = {"provider": VALIDATOR}

PURCHASES = {
    "traffic, paid to the DSO: the fee is inside the price": case(
        bought(
            "AmuletRules_BuyMemberTraffic", PAYER,
            pay(VALIDATOR, PRICE, spent=[RICH], change_fee="6"), "1500",
        ),
        moves="validator burns 1506",
    ),
    "traffic, split off: the fee is inside the price": case(
        bought(
            "AmuletRules_BuyMemberTraffic", PAYER,
            pay(VALIDATOR, SPLIT, spent=[RICH], change_fee="6", holding="0.00380518"), "1500",
        ),
        moves="validator burns 1506.00380518",
    ),
    "traffic paid by a reward": case(
        bought(
            "AmuletRules_BuyMemberTraffic", PAYER,
            pay(VALIDATOR, SPLIT, rewards={"App": "2000"}, change_fee="6"), "1500",
        ),
        moves="""validator mints 2000
                 validator burns 1506""",
    ),
    "traffic without fees": case(
        bought(
            "AmuletRules_BuyMemberTraffic", PAYER,
            pay(VALIDATOR, Out(VALIDATOR, "80", name="price"), spent=[RICH]), "80",
        ),
        moves="validator burns 80",
    ),
    "a preapproval: the fee is on top of the price": case(
        bought(
            "AmuletRules_CreateTransferPreapproval", {**PAYER, "receiver": BOB},
            pay(VALIDATOR, Out(VALIDATOR, "50", "6", name="price"), spent=[RICH], change_fee="6"),
            "50",
        ),
        moves="validator burns 62",
    ),
    "an external party's preapproval": case(
        bought(
            "AmuletRules_CreateExternalPartySetupProposal", {"validator": VALIDATOR, "user": BOB},
            pay(VALIDATOR, Out(VALIDATOR, "90", "6", name="price"), spent=[RICH], change_fee="6"),
            "90",
        ),
        moves="validator burns 102",
    ),
    "a preapproval is renewed: only the result names the payer": case(
        bought(
            "TransferPreapproval_Renew", {},
            pay(VALIDATOR, Out(VALIDATOR, "13", "6", name="price"), spent=[RICH], change_fee="6"),
            "13", template=PREAPPROVAL, consuming=True,
        ),
        moves="validator burns 25",
    ),
    "a preapproval paid by a reward": case(
        bought(
            "AmuletRules_CreateTransferPreapproval", PAYER,
            pay(VALIDATOR, Out(VALIDATOR, "50", "6", name="price"), rewards={"App": "70"},
                change_fee="6"),
            "50",
        ),
        moves="""validator mints 70
                 validator burns 62""",
    ),
    "a preapproval for nothing": case(
        bought("AmuletRules_CreateTransferPreapproval", PAYER, pay(VALIDATOR), "0")
    ),
    "a preapproval beyond its free time": case(
        bought(
            "TransferPreapproval_Renew", {},
            pay(VALIDATOR, Out(VALIDATOR, "0.75", name="price"), spent=[RICH]), "0.75",
            template=PREAPPROVAL, consuming=True,
        ),
        moves="validator burns 0.75",
    ),
    "a name is bought": case(
        name_bought(pay(ALICE, Out(DSO, "150", "7.5"), spent=[fresh(ALICE, "157.5", "freed")])),
        moves="alice burns 157.5",
    ),
    "a name is renewed": case(
        name_bought(
            pay(ALICE, Out(DSO, "120", "7.2"), spent=[fresh(ALICE, "127.2", "freed")]),
            renewal=True,
        ),
        moves="alice burns 127.2",
    ),
    "a name without fees": case(
        name_bought(pay(ALICE, Out(DSO, "11"), spent=[fresh(ALICE, "11", "freed")])),
        moves="alice burns 11",
    ),
    "a name is refused": case(
        governed(
            "DsoRules_ExecuteConfirmedAction",
            named("RejectEntryInitialPayment", unlocked(ALICE, "157.5")),
        )
    ),
}  # fmt: skip

SUM = {
    "owner": ALICE,
    "round": {"number": "700"},
    "changeToInitialAmountAsOfRoundZero": "-4.1636260000",  # 1.5 + 700 rounds of the rate
    "changeToHoldingFeesRate": "-0.0038051800",
}

EXPIRY = {
    "a coin expires that says its amount": case(
        expired(ALICE, "2.5", "Amulet_Expire"), moves="alice burns 2.5"
    ),
    "a coin expires whose amount follows from its round": case(
        expired(ALICE, "1.5", "Amulet_Expire", result={"expireSum": SUM}),
        moves="alice burns 1.5",
    ),
    "a locked coin expires": case(
        expired(ALICE, "2.5", "LockedAmulet_ExpireAmulet"), moves="alice burns 2.5"
    ),
    "a coin expires by the second version": case(
        expired(ALICE, "0.000004002", "Amulet_ExpireV2"), moves="alice burns 0.000004002"
    ),
    "a locked coin expires by the second version": case(
        expired(ALICE, "0.3", "LockedAmulet_ExpireAmuletV2"), moves="alice burns 0.3"
    ),
}

MINT = exercised("AmuletRules_Mint", {"receiver": BOB, "amount": cc("5")}, {}, amulet(BOB, cc("5")))

MINTS = {
    "a tap counts once with the mint inside": case(
        exercised("AmuletRules_DevNet_Tap", {"receiver": BOB, "amount": cc("5")}, {}, MINT),
        moves="bob taps 5",
    ),
    "a tap alone": case(tap(BOB, cc("5")), moves="bob taps 5"),
    "a mint alone": case(MINT, moves="bob mints 5"),
    "rewards of all kinds": case(
        transferred(
            pay(
                VALIDATOR,
                rewards={
                    "App": "1.5",
                    "Validator": "600",
                    "ValidatorFaucet": "570",
                    "Sv": "40",
                    "UnclaimedActivityRecord": "7",
                    "DevelopmentFund": "9",
                },
                change_fee="6",
            )
        ),
        moves="""validator mints 657.5
                 validator burns 6""",
    ),
    "a reward pays a bill": case(
        transferred(
            pay(VALIDATOR, Out(BOB, "30"), spent=[old(VALIDATOR, "12")],
                rewards={"Validator": "25", "ValidatorFaucet": "25"})
        ),
        moves="""validator > bob 30
                 validator mints 25""",
    ),
    "a reward of a Super Validator": case(
        transferred(pay(SV, rewards={"Sv": "1234.5678901234"})), moves="sv mints 1234.5678901234"
    ),
    "the development fund pays its beneficiary": case(
        transferred(pay(BOB, rewards={"DevelopmentFund": "400"})), moves="bob mints 400"
    ),
    "unclaimed activity is minted beside a coin": case(
        transferred(
            pay(BOB, spent=[old(BOB, "3")], rewards={"UnclaimedActivityRecord": "17"})
        ),
        moves="bob mints 17",
    ),
    "a reward coupon of the second version is an app's reward": case(
        transferred(pay(VALIDATOR, rewards={"App": "1.5", "AppV2": "2.5"}, change_fee="0.5")),
        moves="""validator mints 4
                 validator burns 0.5""",
    ),
    "a reward coupon of the second version alone": case(
        transferred(pay(VALIDATOR, Out(BOB, "7"), rewards={"AppV2": "7"})),
        moves="""validator mints 7
                 validator > bob 7""",
    ),
    "a faucet's coupon is part of the validator's reward": case(
        transferred(pay(VALIDATOR, rewards={"Validator": "571", "FaucetCoupon": "570"})),
        moves="validator mints 571",
    ),
}  # fmt: skip


def subscription(choice, *below):
    """A choice of the name service's subscriptions."""
    return exercised(
        choice, {}, {}, *below, consuming=True, package="splice-wallet-payments",
        template=f"Splice.Wallet.Subscriptions:{choice.partition('_')[0]}",
    )  # fmt: skip


LOCKS = {
    f"a lock ends: {choice}": case(unlocked(ALICE, "33", choice=choice))
    for choice in (
        "LockedAmulet_Unlock",
        "LockedAmulet_UnlockV2",
        "LockedAmulet_OwnerExpireLock",
        "LockedAmulet_OwnerExpireLockV2",
    )
} | {
    f"a subscription's lock ends: {choice}": case(
        subscription(choice, unlocked(ALICE, "33", choice="LockedAmulet_Unlock"))
    )
    for choice in (
        "SubscriptionInitialPayment_Expire",
        "SubscriptionInitialPayment_Reject",
        "SubscriptionPayment_Expire",
        "SubscriptionPayment_Reject",
    )
} | {
    "a subscription locks its first payment": case(
        subscription("SubscriptionRequest_AcceptAndMakePayment", transferred(LOCKED_OFFER)),
        moves="alice burns 13",
    ),
    "a subscription locks its next payment": case(
        subscription(
            "SubscriptionIdleState_MakePayment",
            transferred(pay(ALICE, Out(ALICE, "50", locked=True), spent=[OLD])),
        ),
    ),
}  # fmt: skip

MERGED = pay(VALIDATOR, spent=[old(VALIDATOR, "30")], rewards={"Validator": "200"}, label="merged")
TRAFFIC = pay(
    VALIDATOR, Out(VALIDATOR, "80", name="price"),
    spent=[fresh(VALIDATOR, "230", MERGED.change_name)], label="traffic",
)  # fmt: skip

WITHOUT_WRAPPERS = {
    "a wallet's batch: three roots hand a coin on": case(
        transferred(MERGED), bought("AmuletRules_BuyMemberTraffic", PAYER, TRAFFIC, "80"),
        transferred(
            pay(VALIDATOR, Out(BOB, "12"), spent=[fresh(VALIDATOR, "150", TRAFFIC.change_name)])
        ),
        moves="""validator mints 200
                 validator burns 80
                 validator > bob 12""",
    ),
    "a subscription to a shop": case(
        unlocked(ALICE, "50", "freed"),
        transferred(pay(ALICE, Out(SHOP, "50"), spent=[fresh(ALICE, "50", "freed")])),
        moves="alice > shop 50",
    ),
}  # fmt: skip
