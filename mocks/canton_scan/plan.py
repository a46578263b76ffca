"""The plan of an update: its meaning, decided before a byte of it is written.

A plan says who pays whom, what is minted, burned or called off. `movements` is the truth that a
reader of the rendered update should arrive at. None of a reader's rules is here: the conventions
(what counts as a payment, whose burn a fee is) are those of docs/concepts/what-moves-coin.md.
Amounts are whole units of 10^-10 Canton Coin.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from mocks.canton_scan.amounts import Units

if TYPE_CHECKING:
    from mocks.canton_scan.turns import Turns


class MovementKind(Enum):
    """The words of Scan's former transaction log."""

    TRANSFER = "transfer"
    MINT = "mint"
    DEVNET_TAP = "devnet_tap"
    BURN = "burn"
    ABORT = "abort"


@dataclass(frozen=True, slots=True)
class Movement:
    """Coin that changed hands once. A mint has no sender, a burn no receiver, an abort no amount.

    The account of an abort is the sender of the offer that was called off. Its receiver is named
    only if it was the one to do so: when a sender withdraws, the update doesn't tell from whom.
    """

    kind: MovementKind
    sender: str | None
    receiver: str | None
    amount: Units


class Generation(Enum):
    """The version of splice-amulet whose forms an update takes; apps go on using older ones."""

    FIRST = "0.1.6"
    FEES = "0.1.13"
    NESTED = "0.1.16"
    PLAIN = "0.1.20"
    REPORTED = "0.1.22"

    @property
    def has_fees(self) -> bool:
        """Tell whether transfers cost fees; CIP-78 ended that."""
        return self in (Generation.FIRST, Generation.FEES)

    @property
    def nests(self) -> bool:
        """Tell whether the token standard's choices contain an AmuletRules_Transfer."""
        return self not in (Generation.PLAIN, Generation.REPORTED)

    @property
    def reports(self) -> bool:
        """Tell whether EventLog_HoldingsChange reports each change of a holding as well."""
        return self is Generation.REPORTED

    def or_newer(self, other: "Generation") -> "Generation":
        """The newer one of both."""
        return max(self, other, key=_ORDER.__getitem__)


_ORDER = {generation: place for place, generation in enumerate(Generation)}


@dataclass(frozen=True, slots=True)
class Rewards:
    """Coin minted as it is claimed, by what it is claimed for.

    `validator` is for having been up, `traffic` for the traffic that a validator's users bought.
    """

    app: Units = 0
    validator: Units = 0
    super_validator: Units = 0
    traffic: Units = 0
    unclaimed: Units = 0
    fund: Units = 0

    @property
    def total(self) -> Units:
        """All of it."""
        of_nodes = self.app + self.validator + self.super_validator
        return of_nodes + self.traffic + self.unclaimed + self.fund


class Made(NamedTuple):
    """The contract that the update at an index calls by this name."""

    at: int
    name: str


@dataclass(frozen=True, slots=True)
class Output:
    """Coin that a transfer hands to `receiver`; `is_burned`: it is archived in the same update.

    `made_for`: it is called as the update calls it that will consume it.
    """

    receiver: str
    amount: Units
    is_burned: bool = False
    made_for: Made | None = None


@dataclass(frozen=True, slots=True)
class Fees:
    """The costs of a transfer: for each output, for the change, and for the age of the inputs.

    `of_receivers` is the part of each output's fee that its receiver pays: its coin is so much
    smaller than the amount.
    """

    outputs: tuple[Units, ...] = ()
    of_receivers: tuple[Units, ...] = ()
    change: Units = 0
    holding: Units = 0

    @property
    def of_sender(self) -> Units:
        """The part of the fees that the sender pays."""
        return sum(self.outputs) - sum(self.of_receivers) + self.change + self.holding

    @property
    def total(self) -> Units:
        """All of it."""
        return sum(self.outputs) + self.change + self.holding


class Route(Enum):
    """The choice through which a transfer is made."""

    RULES = "AmuletRules_Transfer"
    PREAPPROVAL = "TransferPreapproval_Send"
    PREAPPROVAL_V2 = "TransferPreapproval_SendV2"
    JOINT = "TransferFactory_Transfer"


class Command(Enum):
    """A TransferCommand that led to a send; the send itself may be hidden from the DSO."""

    SHOWN = "with the send"
    HIDDEN = "without the send"


RECORD = "record"  # what an update calls the liveness record that it makes


@dataclass(frozen=True, slots=True)
class Transfer:
    """Coins and rewards go in; outputs, the sender's change and fees come out.

    `inputs` are the amounts of the coins consumed; the first one is the coin that `spends` names.
    `claims` names the record for which the validator reward is minted.
    """

    sender: str
    inputs: tuple[Units, ...]
    outputs: tuple[Output, ...] = ()
    rewards: Rewards = Rewards()
    route: Route = Route.RULES
    by_factory: bool = False
    generation: Generation = Generation.PLAIN
    fees: Fees = Fees()
    command: Command | None = None
    spends: Made | None = None
    claims: Made | None = None

    @property
    def change(self) -> Units:
        """The amount that the sender gets back as change."""
        paid = sum(output.amount for output in self.outputs)
        return sum(self.inputs) + self.rewards.total - paid - self.fees.of_sender

    def created(self, number: int) -> Units:
        """The amount of the coin that is created for an output."""
        return self.outputs[number].amount - self._of_receiver(number)

    def _of_receiver(self, number: int) -> Units:
        return self.fees.of_receivers[number] if self.fees.of_receivers else 0

    @property
    def burned(self) -> Units:
        """The amount that the sender burns: its fees, and outputs archived in the same update."""
        return self.fees.of_sender + sum(one.amount for one in self.outputs if one.is_burned)

    @property
    def movements(self) -> tuple[Movement, ...]:
        """A payment for each output to somebody else, a mint of rewards, burns of what it cost."""
        minted = [Movement(MovementKind.MINT, None, self.sender, self.rewards.total)]
        burned = [Movement(MovementKind.BURN, self.sender, None, self.burned)]
        return tuple(one for one in (*minted, *self._paid(), *burned) if one.amount)

    def _paid(self) -> Iterable[Movement]:
        for number, output in enumerate(self.outputs):
            if output.receiver == self.sender or output.is_burned:
                continue
            yield Movement(MovementKind.TRANSFER, self.sender, output.receiver, output.amount)
            yield Movement(MovementKind.BURN, output.receiver, None, self._of_receiver(number))


@dataclass(frozen=True, slots=True)
class Mint:
    """New coin for `receiver`, on test networks; `tapped` from the faucet."""

    receiver: str
    amount: Units
    tapped: bool
    generation: Generation = Generation.PLAIN

    @property
    def movements(self) -> tuple[Movement, ...]:
        """One mint or tap."""
        kind = MovementKind.DEVNET_TAP if self.tapped else MovementKind.MINT
        return (Movement(kind, None, self.receiver, self.amount),)


class Bought(Enum):
    """Purchases for which coin is burned, each with the choice that makes it."""

    TRAFFIC = "AmuletRules_BuyMemberTraffic"
    PREAPPROVAL = "AmuletRules_CreateTransferPreapproval"
    SETUP = "AmuletRules_CreateExternalPartySetupProposal"
    RENEWAL = "TransferPreapproval_Renew"


@dataclass(frozen=True, slots=True)
class Purchase:
    """The sender of `split` burns its one output, for itself or for `user`; none: it was free."""

    what: Bought
    split: Transfer
    user: str

    @property
    def generation(self) -> Generation:
        """The generation of the split."""
        return self.split.generation

    @property
    def movements(self) -> tuple[Movement, ...]:
        """A burn, if it cost something, and a mint if it was paid with rewards."""
        return self.split.movements


@dataclass(frozen=True, slots=True)
class Expiry:
    """The DSO ends a coin that its holding fees have eaten; it was made so many rounds ago."""

    owner: str
    amount: Units
    rounds: int
    is_locked: bool
    generation: Generation

    @property
    def movements(self) -> tuple[Movement, ...]:
        """A burn of all of it."""
        return (Movement(MovementKind.BURN, self.owner, None, self.amount),)


@dataclass(frozen=True, slots=True)
class FailedCommand:
    """A TransferCommand that could not be carried out; old ones merged the sender's coins."""

    sender: str
    merge: Transfer | None
    generation: Generation

    @property
    def movements(self) -> tuple[Movement, ...]:
        """The fees of the merge, if there was one."""
        return self.merge.movements if self.merge else ()


class Purpose(Enum):
    """Purposes for which a sender locks coin."""

    OFFER = "transfer"
    ALLOCATION = "allocation"
    NAME = "name"
    RENEWAL = "renewal of a name"
    APP = "app payment"

    @property
    def is_of_name(self) -> bool:
        """Tell whether a name is bought or renewed."""
        return self in (Purpose.NAME, Purpose.RENEWAL)


@dataclass(frozen=True, slots=True)
class Promise:
    """The one output of `locking` stays its sender's, locked until the promise is answered."""

    index: int
    purpose: Purpose
    locking: Transfer
    receiver: str
    amount: Units

    @property
    def sender(self) -> str:
        """The party that locks coin."""
        return self.locking.sender

    @property
    def locked(self) -> Units:
        """The locked amount of coin, at least `amount`."""
        return self.locking.outputs[0].amount

    @property
    def generation(self) -> Generation:
        """The generation of the locking transfer."""
        return self.locking.generation

    @property
    def movements(self) -> tuple[Movement, ...]:
        """Nothing changes hands yet; fees burn."""
        return self.locking.movements


class Outcome(Enum):
    """Ways in which a promise ends."""

    PAID = "the receiver is paid"
    REJECTED = "the receiver declines"
    WITHDRAWN = "the sender calls it off"
    EXPIRED = "the DSO ends it"


@dataclass(frozen=True, slots=True)
class Answer:
    """An earlier promise is kept (`paying` spends what was locked) or called off.

    `by_v2`: through the second version of the token standard.
    """

    promise: Promise
    outcome: Outcome
    generation: Generation
    paying: Transfer | None = None
    by_v2: bool = False

    @property
    def movements(self) -> tuple[Movement, ...]:
        """The payment, or an abort of amount 0 where an offer was called off."""
        if self.paying:
            return self.paying.movements
        if self.promise.purpose is not Purpose.OFFER:
            return ()
        receiver = self.promise.receiver if self.outcome is Outcome.REJECTED else None
        return (Movement(MovementKind.ABORT, self.promise.sender, receiver, 0),)


class Leg(NamedTuple):
    """A payment within a trade; without a receiver its coin is burned."""

    name: str
    sender: str
    receiver: str | None
    amount: Units


@dataclass(frozen=True, slots=True)
class Funding:
    """Coin that an account locks for a trade (`need` on balance, `kept` for a next round of it)."""

    owner: str
    need: Units
    kept: Units
    inputs: tuple[Units, ...]

    @property
    def locked(self) -> Units:
        """All that is locked."""
        return self.need + self.kept


@dataclass(frozen=True, slots=True)
class Trade:
    """Several accounts allocate coin to the legs of a trade, as the second token standard does."""

    index: int
    venue: str
    legs: tuple[Leg, ...]
    fundings: tuple[Funding, ...]

    @property
    def generation(self) -> Generation:
        """The first that knows of it."""
        return Generation.REPORTED

    @property
    def movements(self) -> tuple[Movement, ...]:
        """None yet."""
        return ()

    def sides(self, owner: str) -> list[Leg]:
        """The legs that an account takes part in."""
        return [leg for leg in self.legs if owner in (leg.sender, leg.receiver)]

    def net(self, owner: str) -> Units:
        """Return the net amount that an account gains in all legs; negative if it pays more."""
        gained = sum(leg.amount for leg in self.legs if leg.receiver == owner)
        return gained - sum(leg.amount for leg in self.legs if leg.sender == owner)


@dataclass(frozen=True, slots=True)
class Settlement:
    """All legs of an earlier trade are settled at once: gross in words, net in coin."""

    trade: Trade

    @property
    def generation(self) -> Generation:
        """The generation of the trade."""
        return self.trade.generation

    @property
    def movements(self) -> tuple[Movement, ...]:
        """Each leg by itself."""
        return tuple(
            Movement(MovementKind.TRANSFER if leg.receiver else MovementKind.BURN, *leg[1:])
            for leg in self.trade.legs
        )


class Quiet(Enum):
    """Updates that move no coin and need no plan: named after what happens."""

    LIVENESS_RECORDED = "ValidatorLicense_RecordValidatorLivenessActivity"
    ACTIVITY_REPORTED = "ValidatorLicense_ReportActive"
    LICENSE_UPDATED = "ValidatorLicense_UpdateMetadata"
    NODE_CONFIGURED = "DsoRules_SetSynchronizerNodeConfig"
    STATUS_REPORTED = "DsoRules_SubmitStatusReport"
    COUPON_RECEIVED = "DsoRules_ReceiveSvRewardCoupon"
    CONFIRMATION_EXPIRED = "DsoRules_ExpireStaleConfirmation"
    ACTION_CONFIRMED = "DsoRules_ConfirmAction"
    MARKERS_CREATED = "FeaturedAppRight_CreateActivityMarker"
    MARKERS_CONVERTED = "DsoRules_AmuletRules_ConvertFeaturedAppActivityMarkers"
    REWARDS_EXPIRED = "DsoRules_ClaimExpiredRewards"
    ROUND_OPENED = "DsoRules_AdvanceOpenMiningRounds"
    ROUND_CLOSED = "DsoRules_MiningRound_Close"
    ROUND_ISSUING = "DsoRules_ExecuteConfirmedAction"
    UNFAMILIAR = "a template or choice that nobody has seen"
    FOREIGN_HOLDINGS = "EventLog_HoldingsChange of a token that is not Canton Coin"
    FOREIGN_COIN = "what looks like Canton Coin, and is another network's or somebody's own"
    HUGE = "so many markers at once that the update has 23 MB"
    REASSIGNED = "a contract that changes its synchronizer"

    @property
    def movements(self) -> tuple[Movement, ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class Renewal:
    """A contract that its owner renews now and then gives way to its next version."""

    what: Quiet
    index: int
    turns: "Turns"

    @property
    def owner(self) -> str:
        """The party that the contract belongs to."""
        return self.turns.owner(self.index)

    @property
    def before(self) -> int | None:
        """The index of the update that made the present version; None: no update did."""
        return self.turns.newest(self.owner, self.index)

    @property
    def movements(self) -> tuple[Movement, ...]:
        """None."""
        return ()


Part = Transfer | Mint | Purchase | Expiry | FailedCommand | Promise | Answer | Trade | Settlement


@dataclass(frozen=True, slots=True)
class Together:
    """Several of them in one update, each in the forms of its own generation."""

    parts: tuple[Part, ...]

    @property
    def generation(self) -> Generation:
        """The generation of the first part."""
        return self.parts[0].generation

    @property
    def movements(self) -> tuple[Movement, ...]:
        """The movements of all parts."""
        return tuple(chain.from_iterable(part.movements for part in self.parts))


@dataclass(frozen=True, slots=True)
class Split:
    """A holder provides for the epoch that begins at `end`."""

    owner: str
    end: int
    generation: Generation
    make: Callable[["Split"], Transfer]

    @property
    def transfer(self) -> Transfer:
        """The transfer to itself; planned on first use, as it takes the epoch's plans."""
        return self.make(self)

    @property
    def movements(self) -> tuple[Movement, ...]:
        """Fees burn, nothing else."""
        return self.transfer.movements


Plan = Part | Together | Split | Quiet | Renewal
