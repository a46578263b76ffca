"""Cases of packages that report each change of a holding: splice-amulet 0.1.21 and later."""

from collections import defaultdict

from tests.coin.before_reports import OLD, PAYER, RICH, VALIDATOR, VENUE, pay
from tests.coin.building import (
    ALLOCATION,
    CONFIG,
    EXTERNAL,
    LOCKED,
    PREAPPROVAL,
    RULES,
    Out,
    Settlement,
    Spent,
    accepted,
    bought,
    cc,
    ended,
    expired,
    failed,
    fresh,
    governed,
    name_bought,
    offered,
    old,
    report,
    sent_v2,
    temporary_log,
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
    leg,
    locked_amulet,
    party,
)

ALLOCATION_V2 = "Splice.AmuletAllocationV2:AmuletAllocationV2"


def told(paid: Settlement, template=CONFIG, *, burned="0"):
    """The reports of a settlement: one for each account, with all its legs and coins."""
    legs, got = defaultdict(list), defaultdict(list)
    if paid.minted:
        legs[paid.sender].append(leg("Receiver", None, cc(paid.minted)))
    for place, out in enumerate(paid.outs):
        other = None if out.receiver == DSO else out.receiver
        legs[paid.sender].append(leg("Sender", other, cc(out.amount), name=f"leg{place}"))
        if other:
            legs[other].append(leg("Receiver", paid.sender, cc(out.amount), name=f"leg{place}"))
            got[other].append(paid.name(place))
    if paid.change:
        got[paid.sender].append(paid.change_name)
    gave = {paid.sender: [coin.event.name for coin in paid.spent]}
    reports = [
        report(owner, *legs[owner], gave=gave.get(owner, ()), got=got[owner], template=template)
        for owner in sorted({paid.sender, *legs})
    ]
    if burned != "0":
        burn, price = leg("Sender", None, cc(burned), name="burn"), paid.name(0)
        reports.append(report(paid.sender, burn, gave=[price], template=template))
    return reports


def freed(owner, amount, name="freed"):
    return unlocked(owner, amount, name, *temporary_log(owner, f"lock {owner} {amount}", name))


def settled(owner, *legs, lock="", pays="", locks="", template=ALLOCATION_V2):
    """An account's part of a batch: its allocation ends with its lock, and coin is made."""
    gave, got = [f"lock {owner} {lock}"] if lock else [], f"got {owner}"
    made = [amulet(owner, cc(pays), name=got)] if pays else []
    made += [locked_amulet(owner, cc(locks), name=got)] if locks else []
    return token(
        "Allocation_Settle",
        exercised("Archive", acting=[owner, DSO], template=template, consuming=True),
        *(ended(name, owner, template=LOCKED) for name in gave),
        *made, legs_of(owner, *legs, gave=gave, got=[got] if made else []),
        version=2, template=template, acting=[VENUE],
    )  # fmt: skip


def canceled(*below):
    ends = exercised("Archive", acting=[DSO], template=ALLOCATION_V2, consuming=True)
    return token("Allocation_Cancel", ends, *below, version=2, template=ALLOCATION_V2)


def batch(*settlements):
    return token("SettlementFactory_SettleBatch", *settlements, version=2, acting=[VENUE])


SEND = pay(ALICE, Out(BOB, "40"), spent=[OLD])
REWARD = pay(VALIDATOR, Out(BOB, "12"), rewards={"App": "3", "Validator": "20"})
TAP = exercised(
    "AmuletRules_Mint", {"receiver": BOB, "amount": cc("5")}, {}, amulet(BOB, cc("5"), name="new"),
    report(BOB, leg("Receiver", None, cc("5"), name="mint"), got=["new"], template=RULES),
)  # fmt: skip
PRICE = pay(VALIDATOR, Out(VALIDATOR, "80", name="price"), spent=[RICH])
SETUP = pay(CAROL, Out(CAROL, "3", name="set-up"), spent=[old(CAROL, "8")])
NAME = pay(ALICE, Out(DSO, "11"), spent=[fresh(ALICE, "11", "freed")])
LOCK = pay(ALICE, Out(ALICE, "60", locked=True), spent=[OLD])
CAROLS = pay(CAROL, Out(BOB, "7"), spent=[old(CAROL, "8")])
APP_PAYMENT = pay(ALICE, Out(CAROL, "50"), spent=[fresh(ALICE, "50", "freed")])
MERGE = pay(ALICE, Out(ALICE, "9"), spent=[OLD, fresh(ALICE, "4", "freed")])


def legs_of(owner, *legs, **coins):
    sides = [leg(side, other, cc(amount)) for side, other, amount in legs]
    return report(owner, *sides, **coins)


REPORTS = {
    "a payment, by both accounts": case(sent_v2(SEND, *told(SEND)), moves="alice > bob 40"),
    "a transfer of rewards": case(
        transferred(REWARD, *told(REWARD, RULES)),
        moves="""validator mints 23
                 validator > bob 12""",
    ),
    "a tap is a tap, though its report says mint": case(
        exercised("AmuletRules_DevNet_Tap", {"receiver": BOB, "amount": cc("5")}, {}, TAP),
        moves="bob taps 5",
    ),
    "a mint": case(TAP, moves="bob mints 5"),
    "traffic: the split, then the burn": case(
        bought(
            "AmuletRules_BuyMemberTraffic", PAYER, PRICE, "80", *told(PRICE, RULES, burned="80")
        ),
        moves="validator burns 80",
    ),
    "a preapproval: the split, then the burn": case(
        bought(
            "TransferPreapproval_Renew", {}, PRICE, "80", *told(PRICE, burned="80"),
            template=PREAPPROVAL, consuming=True,
        ),
        moves="validator burns 80",
    ),
    "an offer": case(offered(ALICE, BOB, "60", *LOCK.events, *told(LOCK))),
    "an offer is accepted": case(
        accepted(
            ALICE, freed(ALICE, "60"), ended("freed", ALICE), amulet(BOB, cc("60"), name="got"),
            legs_of(ALICE, ("Sender", BOB, "60"), gave=["freed"]),
            legs_of(BOB, ("Receiver", ALICE, "60"), got=["got"]), acting=[BOB], holdings=["got"],
        ),
        moves="alice > bob 60",
    ),
    "an offer is rejected": case(
        failed("Reject", freed(ALICE, "60"), acting=[BOB]), moves="alice aborts bob"
    ),
    "a coin expires": case(
        expired(
            ALICE, "0.5",
            below=[legs_of(ALICE, ("Sender", None, "0.5"), gave=[f"old {ALICE} 0.5"])],
        ),
        moves="alice burns 0.5",
    ),
    "a locked coin expires": case(
        expired(
            ALICE, "0.5", "LockedAmulet_ExpireAmuletV2",
            below=[legs_of(ALICE, ("Sender", None, "0.5"), gave=[f"lock {ALICE} 0.5"])],
        ),
        moves="alice burns 0.5",
    ),
    "a name is bought: a burn of the buyer": case(
        name_bought(NAME, *told(NAME, RULES)), moves="alice burns 11"
    ),
    "two payments whose legs have the same ids": case(
        sent_v2(SEND, *told(SEND)), sent_v2(CAROLS, *told(CAROLS)),
        moves="""alice > bob 40
                 carol > bob 7""",
    ),
    "an app's payment: an unlock and a transfer": case(
        freed(ALICE, "50"), transferred(APP_PAYMENT, *told(APP_PAYMENT, RULES)),
        moves="alice > carol 50",
    ),
    "a locked payment": case(
        transferred(
            pay(ALICE, Out(BOB, "40", locked=True), spent=[OLD]), *told(SEND, RULES)
        ),
        moves="alice > bob 40",
    ),
    "offers expire, one without its lock": case(
        governed(
            "DsoRules_Amulet_ExpireTransferInstructions",
            failed("Update", freed(ALICE, "60"), acting=[DSO]),
            failed("Update", acting=[DSO]),
        ),
        moves="""alice aborts -
                 DSO aborts -""",
    ),
    "a merge of a coin whose lock expired": case(
        offered(
            ALICE, ALICE, "9",
            unlocked(ALICE, "4", "freed", *temporary_log(ALICE, f"lock {ALICE} 4", "freed"),
                     choice="LockedAmulet_OwnerExpireLockV2"),
            *MERGE.events, *told(MERGE),
        )
    ),
    "a choice that nobody knows, with reports": case(
        exercised("AmuletRules_UnlockVesting", {}, {}, *SEND.events, *told(SEND)),
        moves="alice > bob 40",
    ),
    "a payment, reported by the rules of external parties": case(
        sent_v2(SEND, *told(SEND, EXTERNAL)), moves="alice > bob 40"
    ),
    "a payment whose legs are named like a mint and a burn": case(
        sent_v2(
            SEND,
            report(ALICE, leg("Sender", BOB, cc("40"), name="mint"), gave=[OLD.event.name],
                   got=[SEND.change_name]),
            report(BOB, leg("Receiver", ALICE, cc("40"), name="burn"), got=[SEND.name(0)]),
        ),
        moves="alice > bob 40",
    ),
    "a preapproval, an external party's, and one for nothing": case(
        bought("AmuletRules_CreateTransferPreapproval", PAYER, PRICE, "80",
               *told(PRICE, RULES, burned="80")),
        bought("AmuletRules_CreateExternalPartySetupProposal", {"validator": CAROL}, SETUP, "3",
               *told(SETUP, RULES, burned="3")),
        bought("AmuletRules_CreateTransferPreapproval", PAYER, pay(VALIDATOR), "0"),
        moves="""validator burns 80
                 carol burns 3""",
    ),
    "another instrument of the same admin": case(
        report(ALICE, leg("Sender", BOB, cc("3"), "Silver")),
        report(BOB, leg("Receiver", ALICE, cc("3"), "Silver")),
    ),
}  # fmt: skip

TOKEN_STANDARD_V2 = {
    "paid at once, for both act": case(
        offered(ALICE, BOB, "40", *SEND.events, *told(SEND), version=2), moves="alice > bob 40"
    ),
    "paid to the preapproved": case(
        offered(ALICE, BOB, "40", sent_v2(SEND, *told(SEND)), version=2), moves="alice > bob 40"
    ),
    "an offer is made": case(
        offered(ALICE, BOB, "60", *LOCK.events, *told(LOCK), version=2)
    ),
    "coins are merged": case(
        offered(ALICE, ALICE, "9", freed(ALICE, "4"), *MERGE.events, *told(MERGE), version=2)
    ),
    "an offer is accepted around the first version": case(
        token(
            "TransferInstruction_Accept",
            accepted(
                ALICE, freed(ALICE, "60"), ended("freed", ALICE),
                amulet(BOB, cc("60"), name="got"),
                legs_of(ALICE, ("Sender", BOB, "60"), gave=["freed"]),
                legs_of(BOB, ("Receiver", ALICE, "60"), got=["got"]),
                acting=[BOB], holdings=["got"],
            ),
            version=2,
        ),
        moves="alice > bob 60",
    ),
    "an offer is rejected around the first version: one abort": case(
        token(
            "TransferInstruction_Reject", failed("Reject", freed(ALICE, "60"), acting=[BOB]),
            version=2, result={"output": {"tag": "TransferInstructionResult_Failed"}},
        ),
        moves="alice aborts bob",
    ),
    "an offer is withdrawn around the first version: one abort": case(
        token(
            "TransferInstruction_Withdraw", failed("Withdraw", freed(ALICE, "60"), acting=[ALICE]),
            version=2, result={"output": {"tag": "TransferInstructionResult_Failed"}},
        ),
        moves="alice aborts -",
    ),
    "an allocation locks what its legs need": case(
        token(
            "AllocationFactory_Allocate", *LOCK.events, *told(LOCK),
            created(ALLOCATION_V2, {"legs": [{"amount": cc("60")}]}), version=2,
        )
    ),
    "an allocation that only brings coin locks nothing": case(
        token(
            "AllocationFactory_Allocate", created(ALLOCATION_V2, {"legs": [{"amount": cc("6")}]}),
            version=2, argument={"legs": [{"amount": cc("6")}]},
        )
    ),
    "a batch is settled: legs are gross, coins move net": case(
        batch(
            settled(ALICE, ("Sender", BOB, "30"), ("Receiver", CAROL, "9"), lock="21"),
            settled(BOB, ("Receiver", ALICE, "30"), ("Sender", CAROL, "45"), lock="15"),
            settled(CAROL, ("Receiver", BOB, "45"), ("Sender", ALICE, "9"), pays="36"),
        ),
        moves="""alice > bob 30
                 bob > carol 45
                 carol > alice 9""",
    ),
    "a leg of a batch burns": case(
        batch(
            settled(ALICE, ("Sender", BOB, "20"), ("Sender", None, "1"), lock="21"),
            settled(BOB, ("Receiver", ALICE, "20"), pays="20"),
        ),
        moves="""alice > bob 20
                 alice burns 1""",
    ),
    "an allocation of the first version is settled in a batch": case(
        batch(
            settled(ALICE, ("Sender", BOB, "21"), lock="21", template=ALLOCATION),
            settled(BOB, ("Receiver", ALICE, "21"), pays="21"),
        ),
        moves="alice > bob 21",
    ),
    "a settlement goes on: the rest stays locked": case(
        batch(
            settled(ALICE, ("Sender", BOB, "20"), ("Sender", ALICE, "70"),
                    ("Receiver", ALICE, "70"), lock="90", locks="70"),
            settled(BOB, ("Receiver", ALICE, "20"), pays="20"),
        ),
        moves="alice > bob 20",
    ),
    "an allocation is withdrawn": case(
        token("Allocation_Withdraw", freed(ALICE, "60"), version=2, template=ALLOCATION_V2)
    ),
    "an allocation is withdrawn that had locked nothing": case(
        token("Allocation_Withdraw", version=2, template=ALLOCATION_V2)
    ),
    "an allocation is canceled": case(canceled(freed(ALICE, "60"))),
    "allocations expire, one without its lock": case(
        governed(
            "DsoRules_ExpireAmuletAllocationsV2",
            exercised(
                "ExternalPartyAmuletRules_ExpireAmuletAllocationsV2", {}, {},
                canceled(freed(ALICE, "60")), canceled(freed(BOB, "7", "b")), canceled(),
                template=EXTERNAL,
            ),
        )
    ),
}  # fmt: skip

OLDER = pay(CAROL, Out(BOB, "8"), spent=[old(CAROL, "9")])

WALKS = {
    "a settlement with reports beside an older package without": case(
        batch(
            settled(ALICE, ("Sender", BOB, "21"), lock="21"),
            settled(BOB, ("Receiver", ALICE, "21"), pays="21"),
        ),
        transferred(OLDER),
        moves="""alice > bob 21
                 carol > bob 8""",
    ),
    "an unlock with a report beside a payment without": case(
        freed(ALICE, "60"), sent_v2(OLDER), moves="carol > bob 8"
    ),
    "a payment with reports inside an app's choice, beside one without": case(
        exercised(
            "Shop_Checkout", {}, {}, sent_v2(SEND, *told(SEND)), transferred(OLDER),
            template="Shop.Rules:Rules", package="shop",
        ),
        moves="""alice > bob 40
                 carol > bob 8""",
    ),
}  # fmt: skip

# --- hostile and broken ---------------------------------------------------------------------------

FAKE = party("another DSO")
FAKE_PAID = pay(CAROL, Out(DSO, "1000000"), spent=[old(CAROL, "1000000", dso=FAKE)], dso=FAKE)
FAKE_LEG = leg("Receiver", None, cc("1000000"))

LIARS = {
    "reports of another DSO party": case(report(CAROL, FAKE_LEG, admin=FAKE)),
    "reports of another DSO party beside a payment": case(
        report(CAROL, FAKE_LEG, admin=FAKE), transferred(SEND), moves="alice > bob 40"
    ),
    "reports of another DSO party inside a payment": case(
        transferred(SEND, report(CAROL, FAKE_LEG, admin=FAKE)), moves="alice > bob 40"
    ),
    "a report that is not the interface's": case(report(CAROL, FAKE_LEG, interface="")),
    "a report of another interface": case(
        report(CAROL, FAKE_LEG, interface="Fake.TransferEventsV2:EventLog")
    ),
    "a report of another package": case(report(CAROL, FAKE_LEG, package="fake")),
    "coins of another DSO party": case(transferred(FAKE_PAID)),
    "coins of another DSO party before and after a payment": case(
        transferred(FAKE_PAID), transferred(SEND), transferred(FAKE_PAID), moves="alice > bob 40"
    ),
    "coins of another DSO party through the factory": case(
        offered(CAROL, DSO, "1000000", *FAKE_PAID.events, version=2)
    ),
    "a tap of another DSO party": case(
        exercised(
            "AmuletRules_DevNet_Tap", {"receiver": CAROL, "amount": cc("1000000")}, {},
            amulet(CAROL, cc("1000000"), dso=FAKE),
        )
    ),
    "an accepted offer of coins of another DSO party": case(
        accepted(
            CAROL, amulet(CAROL, cc("50"), dso=FAKE, name="freed"), ended("freed", CAROL, FAKE),
            amulet(BOB, cc("50"), dso=FAKE, name="got"), holdings=["got"], acting=[BOB],
        )
    ),
    "a lock of another DSO party ends": case(
        exercised(
            "LockedAmulet_UnlockV2", {}, {}, amulet(CAROL, cc("50"), dso=FAKE), acting=[CAROL],
            template=LOCKED, consuming=True, name=f"theirs {CAROL} 50",
        )
    ),
    "coins of another DSO party, made by nobody that is seen": case(
        amulet(CAROL, cc("9"), dso=FAKE), locked_amulet(CAROL, cc("9"), dso=FAKE)
    ),
    "a coin of another DSO party that the DSO party spends": case(
        transferred(FAKE_PAID),
        transferred(
            pay(DSO, spent=[Spent(DSO, "1000000", ended(FAKE_PAID.name(0), DSO, FAKE))],
                gap="1000000", dso=FAKE)
        ),
    ),
    "a contract of another package that names another DSO party, below a payment": case(
        transferred(SEND, created("Gold:Bar", {"dso": FAKE}, package="gold")),
        moves="alice > bob 40",
    ),
    "a coin of another DSO party expires": case(
        expired(CAROL, "1000000", acting=[FAKE]), contracts_differ=True
    ),
    "traffic bought from another DSO party": case(
        exercised(
            "AmuletRules_BuyMemberTraffic", {"provider": CAROL},
            {**pay(CAROL, spent=[old(CAROL, "9", dso=FAKE)], gap="9").result, "amuletPaid": "9.0"},
            old(CAROL, "9", dso=FAKE).event,
            created("Splice.DecentralizedSynchronizer:MemberTraffic", {"dso": FAKE}),
        )
    ),
    "another token is accepted and rejected": case(
        accepted(CAROL, created("Gold:Bar", {}, package="gold"), template="Gold:Instruction",
                 package="gold"),
        failed("Reject", acting=[BOB], template="Gold:Instruction", package="gold"),
    ),
    "a fork of the package": case(transferred(SEND, package="splice-amulet-fork"), is_flagged=True,
                                  contracts_differ=True),
    "a choice of a known name on another template": case(
        exercised(
            "AmuletRules_Transfer", {"transfer": SEND.argument}, SEND.result,
            template="Splice.AmuletRules:Other",
        )
    ),
}  # fmt: skip

GAPS = {
    "a summary that doesn't close": case(
        transferred(pay(ALICE, Out(BOB, "40"), spent=[OLD], gap="0.00380518")),
        moves="alice > bob 40",
        is_flagged=True,
        contracts_differ=True,
    ),
    "a summary from which more came out": case(
        transferred(pay(ALICE, Out(BOB, "40"), spent=[OLD], gap="-3")),
        moves="alice > bob 40",
        is_flagged=True,
        contracts_differ=True,
    ),
    "a purchase that doesn't close": case(
        bought(
            "AmuletRules_BuyMemberTraffic", PAYER,
            pay(VALIDATOR, Out(VALIDATOR, "80", name="price"), spent=[RICH], gap="1"), "80",
        ),
        moves="validator burns 80",
        is_flagged=True,
        contracts_differ=True,
    ),
    "a tap that makes another coin than it says": case(
        exercised(
            "AmuletRules_DevNet_Tap", {"receiver": BOB, "amount": cc("5")}, {},
            amulet(BOB, cc("6")),
        ),
        moves="bob taps 5",
        is_flagged=True,
        contracts_differ=True,
    ),
    "an unknown choice of a known template": case(
        exercised("AmuletRules_UnlockVesting", {}, {}, *SEND.events),
        is_flagged=True,
        contracts_differ=True,
    ),
    "an unknown choice that ends a coin": case(
        exercised("AmuletRules_Confiscate", {}, {}, OLD.event),
        is_flagged=True,
        contracts_differ=True,
    ),
    "an unknown choice of a coin itself": case(
        exercised("Amulet_Confiscate", {}, {}, acting=[DSO], template="Splice.Amulet:Amulet",
                  consuming=True, name=f"old {ALICE} 900"),
        is_flagged=True,
        contracts_differ=True,
    ),
    "an unknown choice beside a report": case(
        report(ALICE), exercised("AmuletRules_Rain", {}, {}, amulet(BOB, cc("5"))),
        is_flagged=True,
        contracts_differ=True,
    ),
    "an unknown choice around an unlock with a report": case(
        exercised(
            "AmuletRules_Seize", {}, {}, freed(ALICE, "60"), ended("freed", ALICE),
            amulet(BOB, cc("60")),
        ),
        is_flagged=True,
        contracts_differ=True,
    ),
    "an unknown choice around a payment with reports": case(
        exercised(
            "AmuletRules_Rain", {}, {}, sent_v2(SEND, *told(SEND)), amulet(CAROL, cc("5"))
        ),
        moves="alice > bob 40",
        is_flagged=True,
        contracts_differ=True,
    ),
    "an unknown choice around a payment without reports": case(
        exercised("AmuletRules_Rain", {}, {}, transferred(SEND), amulet(CAROL, cc("5"))),
        moves="alice > bob 40",
        is_flagged=True,
        contracts_differ=True,
    ),
    "an unknown choice whose reports leave out a coin that is made": case(
        exercised("AmuletRules_Rain", {}, {}, *SEND.events, amulet(CAROL, cc("5")), *told(SEND)),
        moves="alice > bob 40",
        is_flagged=True,
        contracts_differ=True,
    ),
    "an unknown choice whose reports leave out a coin that ends": case(
        exercised("AmuletRules_Rain", {}, {}, *SEND.events, old(CAROL, "5").event, *told(SEND)),
        moves="alice > bob 40",
        is_flagged=True,
        contracts_differ=True,
    ),
    "an unknown choice of a coin itself around a report of another one": case(
        exercised(
            "Amulet_Confiscate", {}, {}, *SEND.events, *told(SEND), acting=[DSO],
            template="Splice.Amulet:Amulet", consuming=True, name=f"old {CAROL} 5",
        ),
        moves="alice > bob 40",
        is_flagged=True,
        contracts_differ=True,
    ),
    "a report of a coin that is made, and none of its end": case(
        exercised(
            "AmuletRules_Seize", {}, {}, *SEND.events, *told(SEND), ended(SEND.name(0), BOB)
        ),
        moves="alice > bob 40",
        is_flagged=True,
        contracts_differ=True,
    ),
    "a report that names a coin of somebody else": case(
        exercised(
            "AmuletRules_Rain", {}, {}, OLD.event, amulet(BOB, cc("900"), name="new"),
            report(ALICE, gave=[OLD.event.name], got=["new"]),
        ),
        is_flagged=True,
        contracts_differ=True,
    ),
    "a report that names a coin and no leg": case(
        exercised(
            "AmuletRules_Rain", {}, {}, amulet(BOB, cc("5"), name="new"), report(BOB, got=["new"])
        ),
        is_flagged=True,
        contracts_differ=True,
    ),
    "a report that names less coin than its legs": case(
        freed(ALICE, "50"),
        transferred(
            APP_PAYMENT, legs_of(ALICE, ("Sender", CAROL, "50")),
            legs_of(CAROL, ("Receiver", ALICE, "50"), got=[APP_PAYMENT.name(0)]),
        ),
        moves="alice > carol 50",
        is_flagged=True,
    ),
    "a coin out of nowhere": case(
        amulet(ALICE, cc("5")), is_flagged=True, contracts_differ=True
    ),
    "a factory that pays somebody else and reports nothing": case(
        offered(ALICE, BOB, "40", *SEND.events), is_flagged=True, contracts_differ=True
    ),
    "a factory that pays all of a coin to somebody else and reports nothing": case(
        offered(ALICE, BOB, "900", OLD.event, amulet(BOB, cc("900"))),
        is_flagged=True,
        contracts_differ=True,
    ),
    "an allocation that locks for somebody else": case(
        token(
            "AllocationFactory_Allocate", OLD.event, locked_amulet(BOB, cc("900")), acting=[ALICE]
        ),
        is_flagged=True,
        contracts_differ=True,
    ),
    "a factory that merges a coin of somebody else": case(
        unlocked(BOB, "5", "freed"),
        offered(ALICE, ALICE, "905", OLD.event, ended("freed", BOB), amulet(ALICE, cc("905"))),
        is_flagged=True,
        contracts_differ=True,
    ),
    "a factory that gives a coin of the sender to somebody else": case(
        unlocked(ALICE, "5", "freed"),
        offered(ALICE, ALICE, "5", ended("freed", ALICE), amulet(BOB, cc("5"))),
        is_flagged=True,
        contracts_differ=True,
    ),
    "an unlock by somebody else, who gets the coin": case(
        transferred(LOCK),
        exercised(
            "LockedAmulet_UnlockV2", {}, {}, amulet(BOB, cc("60")), acting=[BOB],
            template=LOCKED, consuming=True, name=LOCK.name(0),
        ),
        is_flagged=True,
        contracts_differ=True,
    ),
    "an unlock that gives the coin to somebody else": case(
        exercised(
            "LockedAmulet_UnlockV2", {}, {}, amulet(BOB, cc("60")), acting=[ALICE],
            template=LOCKED, consuming=True, name=f"lock {ALICE} 60",
        ),
        is_flagged=True,
        contracts_differ=True,
    ),
    "an unlock that gives no coin back": case(
        exercised(
            "LockedAmulet_UnlockV2", {}, {}, acting=[ALICE], template=LOCKED, consuming=True,
            name=f"lock {ALICE} 60",
        ),
        is_flagged=True,
        contracts_differ=True,
    ),
    "an unlock of a fork of the package": case(
        exercised(
            "LockedAmulet_UnlockV2", {}, {}, amulet(ALICE, cc("60")), acting=[ALICE],
            template=LOCKED, package="splice-amulet-fork", name=f"lock {ALICE} 60",
        ),
        is_flagged=True,
        contracts_differ=True,
    ),
    "a payment that nothing proves": case(
        exercised(
            "AmuletRules_Transfer", {"transfer": SEND.argument}, SEND.result, acting=[ALICE]
        ),
        is_flagged=True,
    ),
}  # fmt: skip
