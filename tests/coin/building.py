"""Choices of Canton Coin as ledgers of all versions make them, each with everything below it.

A `settlement` adds up by itself: what is put in, minted and paid decides the change. Reports can be
added as packages from splice-amulet 0.1.21 on make them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from tests.updates import (
    DSO,
    EVENT_LOG,
    Event,
    Json,
    amulet,
    contract_id,
    created,
    exercised,
    locked_amulet,
    metadata,
)

AMULET, LOCKED = "Splice.Amulet:Amulet", "Splice.Amulet:LockedAmulet"
RULES = "Splice.AmuletRules:AmuletRules"
PREAPPROVAL = "Splice.AmuletRules:TransferPreapproval"
EXTERNAL = "Splice.ExternalPartyAmuletRules:ExternalPartyAmuletRules"
CONFIG = "Splice.ExternalPartyConfigState:ExternalPartyConfigState"
INSTRUCTION = "Splice.AmuletTransferInstruction:AmuletTransferInstruction"
ALLOCATION = "Splice.AmuletAllocation:AmuletAllocation"
COMMAND = "Splice.ExternalPartyAmuletRules:TransferCommand"
TOKEN = "Splice.Api.Token."

COUPONS = {  # what is used up when a reward of this kind is minted
    "App": ("Splice.Amulet:AppRewardCoupon", "Archive"),
    "AppV2": ("Splice.Amulet:RewardCouponV2", "Archive"),
    "Validator": (
        "Splice.Amulet:ValidatorRewardCoupon",
        "ValidatorRewardCoupon_ArchiveAsValidator",
    ),
    "ValidatorFaucet": ("Splice.ValidatorLicense:ValidatorLivenessActivityRecord", "Archive"),
    "FaucetCoupon": ("Splice.ValidatorLicense:ValidatorFaucetCoupon", "Archive"),
    "Sv": ("Splice.Amulet:SvRewardCoupon", "SvRewardCoupon_ArchiveAsBeneficiary"),
    "UnclaimedActivityRecord": ("Splice.Amulet:UnclaimedActivityRecord", "Archive"),
    "DevelopmentFund": ("Splice.Amulet:DevelopmentFundCoupon", "Archive"),
}
FAUCETS = ("ValidatorFaucet", "FaucetCoupon")  # their amounts are part of the validator's


def cc(amount: Decimal | str) -> str:
    """CC as a ledger writes it."""
    plain = Decimal(amount).quantize(Decimal("1E-10"))
    return str(plain) if plain else "0E-10"


@dataclass(frozen=True)
class Spent:
    """A coin that a transfer puts in: its owner, its CC, and the event that ends it."""

    owner: str
    amount: str
    event: Event


def old(owner: str, amount: str, *, dso: str = DSO, name: str = "") -> Spent:
    """A coin of an earlier update; it is known by owner and amount unless it has a name."""
    whose = "old" if dso == DSO else "theirs"
    return Spent(owner, amount, ended(name or f"{whose} {owner} {amount}", owner, dso))


def fresh(owner: str, amount: str, name: str) -> Spent:
    """A coin that this very update made under a name."""
    return Spent(owner, amount, ended(name, owner))


def ended(name: str, owner: str, dso: str = DSO, template: str = AMULET) -> Event:
    """The end of a coin, by its owner and its DSO party."""
    acting = sorted({owner, dso})
    return exercised("Archive", acting=acting, template=template, consuming=True, name=name)


@dataclass(frozen=True)
class Out:
    """An output of a transfer."""

    receiver: str
    amount: str
    fee: str = "0"
    ratio: str = "0"
    locked: bool = False
    name: str = ""

    @property
    def share(self) -> Decimal:
        """The receiver's part of the fee."""
        share = Decimal(self.fee) * Decimal(self.ratio)
        return share.quantize(Decimal("1E-10"), ROUND_HALF_EVEN)

    @property
    def made(self) -> Decimal:
        """CC in the receiver's coin."""
        return Decimal(self.amount) - self.share


@dataclass
class Settlement:
    """A TransferResult and the events below the choice that returns it."""

    sender: str
    outs: Sequence[Out]
    spent: Sequence[Spent] = ()
    rewards: dict[str, str] = field(default_factory=dict)
    change_fee: str = "0"
    holding: str = "0"
    gap: str = "0"
    dso: str = DSO
    label: str = "out"

    @property
    def minted(self) -> Decimal:
        """Rewards that become coin."""
        return self.rewarded(*(kind for kind in COUPONS if kind not in FAUCETS))

    def rewarded(self, *kinds: str) -> Decimal:
        """Rewards of some kinds."""
        return sum((Decimal(self.rewards.get(kind, "0")) for kind in kinds), Decimal())

    @property
    def put_in(self) -> Decimal:
        """CC of the coins that were put in."""
        return sum((Decimal(coin.amount) for coin in self.spent), Decimal())

    @property
    def change(self) -> Decimal:
        """CC that the sender gets back."""
        paid = sum((out.made + Decimal(out.fee) for out in self.outs), Decimal())
        own = Decimal(self.change_fee) + Decimal(self.holding) + Decimal(self.gap)
        return self.put_in + self.minted - paid - own

    def name(self, place: int) -> str:
        """The name of the coin of an output."""
        return self.outs[place].name or f"{self.label} {self.sender} {place}"

    @property
    def change_name(self) -> str:
        """The name of the coin that the sender gets back."""
        return f"{self.label} {self.sender} change"

    @property
    def result(self) -> Json:
        """The value that the choice returns."""
        return {
            "summary": {
                "inputAppRewardAmount": cc(self.rewarded("App", "AppV2")),
                "inputValidatorRewardAmount": cc(self.rewarded("Validator")),
                "inputValidatorFaucetAmount": cc(self.rewarded(*FAUCETS)),
                "inputSvRewardAmount": cc(self.rewarded("Sv")),
                "inputUnclaimedActivityRecordAmount": cc(self.rewarded("UnclaimedActivityRecord")),
                "inputDevelopmentFundAmount": (
                    cc(fund) if (fund := self.rewarded("DevelopmentFund")) else None
                ),
                "inputAmuletAmount": cc(self.put_in),
                "balanceChanges": [],
                "holdingFees": cc(self.holding),
                "outputFees": [cc(out.fee) for out in self.outs],
                "senderChangeFee": cc(self.change_fee),
                "senderChangeAmount": cc(self.change),
                "amuletPrice": "0.0050000000",
            },
            "createdAmulets": [
                {"tag": "TransferResultAmulet", "value": contract_id(self.name(place))}
                for place, _ in enumerate(self.outs)
            ],
        }

    @property
    def argument(self) -> Json:
        """The choice's `transfer`."""
        outputs = [
            {"receiver": out.receiver, "receiverFeeRatio": cc(out.ratio), "amount": cc(out.amount)}
            for out in self.outs
        ]
        return {"sender": self.sender, "provider": self.sender, "inputs": [], "outputs": outputs}

    @property
    def events(self) -> list[Event]:
        """Coins and coupons that end, coins that are made."""
        return [coin.event for coin in self.spent] + [*self._used()] + [*self._made()]

    def _used(self) -> Iterator[Event]:
        for kind in self.rewards:
            template, choice = COUPONS[kind]
            yield exercised(choice, acting=[self.dso], template=template, consuming=True)

    def _made(self) -> Iterator[Event]:
        for place, out in enumerate(self.outs):
            make = locked_amulet if out.locked else amulet
            yield make(out.receiver, cc(out.made), dso=self.dso, name=self.name(place))
        if self.change > 0:
            yield amulet(self.sender, cc(self.change), dso=self.dso, name=self.change_name)


# --- choices ------------------------------------------------------------------------------------


def transferred(paid: Settlement, *reports: Event, **fields: Any) -> Event:
    """AmuletRules_Transfer."""
    return exercised(
        "AmuletRules_Transfer", {"transfer": paid.argument}, paid.result, *paid.events, *reports,
        acting=[paid.sender], **fields,
    )  # fmt: skip


def sent(paid: Settlement) -> Event:
    """TransferPreapproval_Send, around the transfer that pays."""
    argument = {"sender": paid.sender, "amount": cc(paid.outs[0].amount)}
    return exercised(
        "TransferPreapproval_Send", argument, {"result": paid.result}, transferred(paid),
        acting=[paid.sender], template=PREAPPROVAL,
    )  # fmt: skip


def sent_v2(paid: Settlement, *reports: Event) -> Event:
    """TransferPreapproval_SendV2: nothing but coins below it, and no field with the receiver."""
    argument = {"sender": paid.sender, "amount": cc(paid.outs[0].amount)}
    result = {"result": paid.result, "meta": metadata(paid.sender)}
    return exercised(
        "TransferPreapproval_SendV2", argument, result, *paid.events, *reports,
        acting=[paid.sender], template=PREAPPROVAL,
    )  # fmt: skip


def token(choice: str, *below: Event, version: int = 1, **fields: Any) -> Event:
    """A choice of the token standard: by its name the template, interface and form are known."""
    kind, _, _ = choice.partition("_")
    interface, template, consuming = {
        "TransferFactory": ("TransferInstruction", EXTERNAL, False),
        "TransferInstruction": ("TransferInstruction", INSTRUCTION, version == 1),
        "AllocationFactory": ("AllocationInstruction", EXTERNAL, False),
        "Allocation": ("Allocation", ALLOCATION, version == 1),
        "SettlementFactory": ("Allocation", EXTERNAL, False),
    }[kind]
    fields = {"template": template, "consuming": consuming, "argument": {}, "result": {}, **fields}
    return exercised(
        choice, fields.pop("argument"), fields.pop("result"), *below,
        interface=f"{TOKEN}{interface}V{version}:{kind}", **fields,
    )  # fmt: skip


def offered(sender: str, receiver: str, amount: str, *below: Event, **fields: Any) -> Event:
    """TransferFactory_Transfer."""
    argument = {"transfer": {"sender": sender, "receiver": receiver, "amount": cc(amount)}}
    return token("TransferFactory_Transfer", *below, argument=argument, acting=[sender], **fields)


def accepted(
    sender: str,
    *below: Event,
    holdings: Iterable[str] = (),
    acting: Iterable[str] = (),
    **more: Any,
) -> Event:
    """TransferInstruction_Accept; `holdings` names the receiver's coins."""
    cids = [contract_id(name) for name in holdings]
    output = {"tag": "TransferInstructionResult_Completed", "value": {"receiverHoldingCids": cids}}
    result = {"output": output, "meta": metadata(sender)}
    return token("TransferInstruction_Accept", *below, result=result, acting=acting, **more)


def failed(choice: str, *below: Event, acting: Iterable[str], **more: Any) -> Event:
    """TransferInstruction_Reject, _Withdraw or _Update of an offer that comes to nothing."""
    result = {"output": {"tag": "TransferInstructionResult_Failed", "value": {}}}
    return token(f"TransferInstruction_{choice}", *below, result=result, acting=acting, **more)


def executed(sender: str, *below: Event, holdings: Iterable[str] = ()) -> Event:
    """Allocation_ExecuteTransfer of V1."""
    cids = [contract_id(name) for name in holdings]
    result = {"senderHoldingCids": [], "receiverHoldingCids": cids, "meta": metadata(sender)}
    return token("Allocation_ExecuteTransfer", *below, result=result)


def unlocked(
    owner: str, amount: str, name: str = "", *below: Event, choice: str = "LockedAmulet_UnlockV2"
) -> Event:
    """A lock that ends: the coin is its owner's as before."""
    coin = amulet(owner, cc(amount), name=name)
    lock = f"lock {owner} {amount}"
    return exercised(
        choice, {}, {}, coin, *below, acting=[owner], template=LOCKED, consuming=True, name=lock
    )


def bought(
    choice: str, payer: Json, paid: Settlement, price: str, *extra: Event, **fields: Any
) -> Event:
    """A purchase: a coin is split off for the price and ends in the same choice."""
    provider = paid.sender
    ends = [ended(paid.name(place), out.receiver) for place, out in enumerate(paid.outs)]
    inside = paid.result if choice == "AmuletRules_BuyMemberTraffic" else {}
    result = {**inside, "transferResult": paid.result, "amuletPaid": cc(price)}
    if choice == "TransferPreapproval_Renew":
        result |= {"provider": provider}
    proof = created(PREAPPROVAL, {"dso": DSO, "provider": provider})
    return exercised(
        choice, payer, result, *paid.events, *ends, proof, *extra, acting=[provider], **fields
    )


def expired(owner: str, amount: str, choice: str = "Amulet_ExpireV2", **more: Any) -> Event:
    """A coin that the DSO ends because its fees have eaten it."""
    result = {
        "expireSum": {"owner": owner},
        "meta": {"values": {"splice.lfdecentralizedtrust.org/burned": amount}},
    }
    template = LOCKED if choice.startswith("Locked") else AMULET
    fields = {"result": result, "acting": [DSO], "below": (), **more}
    name = f"{'lock' if template is LOCKED else 'old'} {owner} {amount}"
    inner = exercised(
        choice, {}, fields["result"], *fields["below"],
        acting=fields["acting"], template=template, consuming=True, name=name,
    )  # fmt: skip
    return governed(f"DsoRules_{choice}", inner)


def governed(choice: str, *below: Event) -> Event:
    """A choice of the DSO's rules."""
    return exercised(
        choice, {}, {}, *below, template="Splice.DsoRules:DsoRules", package="splice-dso-governance"
    )


def report(
    owner: str,
    *legs: Json,
    gave: Iterable[str] = (),
    got: Iterable[str] = (),
    template: str = CONFIG,
    **fields: Any,
) -> Event:
    """EventLog_HoldingsChange of one account, with the names of its coins that end and begin."""
    argument = {
        "admin": fields.get("admin", DSO),
        "account": {"owner": owner, "provider": None, "id": ""},
        "inputHoldingCids": [contract_id(name) for name in gave],
        "transferLegSides": list(legs),
        "outputHoldingCids": [contract_id(name) for name in got],
    }
    return exercised(
        "EventLog_HoldingsChange", argument, {}, acting=[argument["admin"]], template=template,
        interface=fields.get("interface", EVENT_LOG),
        package=fields.get("package", "splice-amulet"),
    )  # fmt: skip


def temporary_log(owner: str, lock: str, coin: str) -> list[Event]:
    """The report of an unlock: without legs, on a contract made and ended for it."""
    log = "Splice.AmuletEventLog:AmuletEventLog"
    return [
        created(log, {"dso": DSO}, name="event log"),
        report(owner, gave=[lock], got=[coin], template=log),
        exercised("Archive", acting=[DSO], template=log, consuming=True, name="event log"),
    ]


def name_bought(paid: Settlement, *reports: Event, renewal: bool = False) -> Event:
    """A name of the name service: paid to the DSO, whose coin ends outside the transfer."""
    kind = "EntryRenewalPayment" if renewal else "InitialEntryPayment"
    collect = "SubscriptionPayment_Collect" if renewal else "SubscriptionInitialPayment_Collect"
    lock = unlocked(paid.sender, cc(paid.put_in), paid.spent[0].event.name)
    collected = exercised(
        collect, {}, {}, lock, transferred(paid, *reports), package="splice-wallet-payments",
        template=f"Splice.Wallet.Subscriptions:{collect.partition('_')[0]}", consuming=True,
    )  # fmt: skip
    wrapper = (
        "DsoRules_CollectEntryRenewalPayment" if renewal else "DsoRules_ExecuteConfirmedAction"
    )
    return governed(wrapper, named(f"Collect{kind}", collected, ended(paid.name(0), DSO)))


def named(choice: str, *below: Event) -> Event:
    """A choice of the name service: of a name's context, around that of the rules."""
    service = {"package": "splice-amulet-name-service"}
    rules = exercised(f"AnsRules_{choice}", {}, {}, *below, template="Splice.Ans:AnsRules",
                      **service)  # fmt: skip
    context = "Splice.Ans:AnsEntryContext"
    return exercised(f"AnsEntryContext_{choice}", {}, {}, rules, template=context, **service)
