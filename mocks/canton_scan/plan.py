"""What an update means, decided before a byte of it is written.

A plan says who pays whom, what is minted, burned or called off. `movements` is the truth that a
reader of the rendered update should arrive at (the rules are those of the API facts, section 5,
but none of their code is here). Amounts are whole units of 10^-10 Canton Coin.
"""

from dataclasses import dataclass
from enum import Enum

from mocks.canton_scan.amounts import Units


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


@dataclass(frozen=True, slots=True)
class Rewards:
    """Coin minted as it is claimed, by the reward it is claimed for."""

    app: Units = 0
    validator: Units = 0
    super_validator: Units = 0

    @property
    def total(self) -> Units:
        """All of it."""
        return self.app + self.validator + self.super_validator


@dataclass(frozen=True, slots=True)
class Output:
    """Coin that a transfer hands to `receiver`."""

    receiver: str
    amount: Units


class Route(Enum):
    """The choice through which a transfer is made."""

    RULES = "AmuletRules_Transfer"
    PREAPPROVAL = "TransferPreapproval_Send"
    PREAPPROVAL_V2 = "TransferPreapproval_SendV2"


@dataclass(frozen=True, slots=True)
class Transfer:
    """Coins and rewards go in, outputs and the sender's change come out; fees are zero (CIP-78).

    `inputs` are the amounts of the coins consumed. `reports_holdings`: written in the generation
    of Splice 0.6.11 and later, which adds EventLog_HoldingsChange events.
    """

    sender: str
    inputs: tuple[Units, ...]
    outputs: tuple[Output, ...] = ()
    rewards: Rewards = Rewards()
    route: Route = Route.RULES
    by_factory: bool = False
    reports_holdings: bool = False

    @property
    def change(self) -> Units:
        """What the sender gets back."""
        paid = sum(output.amount for output in self.outputs)
        return sum(self.inputs) + self.rewards.total - paid

    @property
    def movements(self) -> tuple[Movement, ...]:
        """A transfer for each output to somebody else, and a mint if rewards were claimed."""
        payments = [
            Movement(MovementKind.TRANSFER, self.sender, output.receiver, output.amount)
            for output in self.outputs
            if output.receiver != self.sender
        ]
        minted = self.rewards.total
        mints = [Movement(MovementKind.MINT, None, self.sender, minted)] if minted else []
        return (*mints, *payments)


@dataclass(frozen=True, slots=True)
class Mint:
    """New coin for `receiver`, on test networks; `tapped` from the faucet."""

    receiver: str
    amount: Units
    tapped: bool

    @property
    def movements(self) -> tuple[Movement, ...]:
        """One mint or tap."""
        kind = MovementKind.DEVNET_TAP if self.tapped else MovementKind.MINT
        return (Movement(kind, None, self.receiver, self.amount),)


@dataclass(frozen=True, slots=True)
class TrafficPurchase:
    """`buyer` burns coin for bandwidth of the synchronizer."""

    buyer: str
    inputs: tuple[Units, ...]
    burned: Units
    reports_holdings: bool

    @property
    def movements(self) -> tuple[Movement, ...]:
        """One burn."""
        return (Movement(MovementKind.BURN, self.buyer, None, self.burned),)


@dataclass(frozen=True, slots=True)
class Offer:
    """`sender` locks coin for `receiver` to accept: nothing changes hands yet."""

    index: int
    sender: str
    receiver: str
    amount: Units
    inputs: tuple[Units, ...]
    nests_transfer: bool
    reports_holdings: bool

    @property
    def movements(self) -> tuple[Movement, ...]:
        """None."""
        return ()


class Outcome(Enum):
    """How an offer ends: the choice on the transfer instruction."""

    ACCEPTED = "TransferInstruction_Accept"
    REJECTED = "TransferInstruction_Reject"
    WITHDRAWN = "TransferInstruction_Withdraw"


@dataclass(frozen=True, slots=True)
class Settlement:
    """An earlier offer is accepted or called off."""

    offer: Offer
    outcome: Outcome

    @property
    def movements(self) -> tuple[Movement, ...]:
        """The payment offered, or an abort of amount 0."""
        offer = self.offer
        if self.outcome is Outcome.ACCEPTED:
            return (Movement(MovementKind.TRANSFER, offer.sender, offer.receiver, offer.amount),)
        receiver = offer.receiver if self.outcome is Outcome.REJECTED else None
        return (Movement(MovementKind.ABORT, offer.sender, receiver, 0),)


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
    UNFAMILIAR = "a template or choice that nobody has seen"
    FOREIGN_HOLDINGS = "EventLog_HoldingsChange of a token that is not Canton Coin"
    REASSIGNED = "a contract that changes its synchronizer"

    @property
    def movements(self) -> tuple[Movement, ...]:
        """None."""
        return ()


Plan = Transfer | Mint | TrafficPurchase | Offer | Settlement | Quiet
