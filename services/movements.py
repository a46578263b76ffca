"""The movement rules: how much Canton Coin (CC) each update moved, and between whom.

This file runs inside the warehouse: a migration hands its text to ``create function
silver.cc_movements_v<RULES_VERSION>``, so it imports nothing but the standard library. A changed
rule is a new version; what older versions wrote stays until its batches are rebuilt.

The conventions, for readers of the rows: docs/concepts/what-moves-coin.md. Facts: Splice's Daml
sources of splice-amulet 0.1.0 to 0.1.22, and Scan's recorded MainNet payloads.

Events are walked in execution order, parents before children. A choice of `RULES` claims its whole
subtree, or a preapproved payment and its inner transfer would count twice. Splice 0.6.11 and later
report each change of a holding as ``EventLog_HoldingsChange``; where a claimed subtree holds such
reports, they tell, and elsewhere the fields of the choice do. Packages of both generations occur
side by side in one update, so this is decided for each claimed choice. Elsewhere a report explains
the coins that it names and no others.

Names prove nothing: anybody may make the same contracts under a DSO party of their own. A choice
counts if its package, template and interface fit and the contracts below it belong to the
network's DSO party.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import cached_property
from re import ASCII
from re import compile as pattern
from typing import Any, NamedTuple

RULES_VERSION = 5

# Rows as the warehouse takes them; amounts are decimal strings, never floats.
Row = dict[str, Any]
Node = dict[str, Any]

_NO_ROUNDING = Context(prec=76)  # what doesn't fit NUMBER(38, 10) is refused, see `_plain`
_ZERO = Decimal(0)
_LAST_PLACE = Decimal("1E-10")
_LIMIT = Decimal("1E+28")  # the first number with too many digits for NUMBER(38, 10)
# A Daml Decimal as Java prints it: zero is 0E-10, 0.0000000143 is 1.43E-8.
_DECIMAL = pattern(r"-?[0-9]+(\.[0-9]+)?(E[+-]?[0-9]{1,2})?", ASCII)
# A Daml Time; an offset is accepted beside Z.
_TIME = pattern(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})",
    ASCII,
)
# What a payload that nobody expected raises while it is read.
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)

_PACKAGE = "splice-amulet"
_AMULET = "Splice.Amulet:Amulet"
_LOCKED = "Splice.Amulet:LockedAmulet"
_COINS = (f":{_AMULET}", f":{_LOCKED}")
_AMULET_RULES = "Splice.AmuletRules:AmuletRules"
_PREAPPROVAL = "Splice.AmuletRules:TransferPreapproval"
_EXTERNAL_RULES = "Splice.ExternalPartyAmuletRules:ExternalPartyAmuletRules"
_INSTRUCTION = "Splice.AmuletTransferInstruction:AmuletTransferInstruction"
_ALLOCATION = "Splice.AmuletAllocation:AmuletAllocation"
_ROUNDS = (":Splice.Round:OpenMiningRound",)

_API = "Splice.Api.Token."
_INSTRUCTION_V1 = f"{_API}TransferInstructionV1:TransferInstruction"
_ALLOCATION_V1 = f"{_API}AllocationV1:Allocation"
_EVENT_LOG = f"{_API}TransferEventsV2:EventLog"
_REPORT = "EventLog_HoldingsChange"
_DIRECTIONS = {"SenderSide": "sent", "ReceiverSide": "received"}
_KINDS = {"cip-112/mint": "mint", "cip-112/burn": "burn"}

_SENDER = "splice.lfdecentralizedtrust.org/sender"
_BURNED = "splice.lfdecentralizedtrust.org/burned"

# What an update may be about without anybody having to look. Others pass too, counted apart.
KNOWN_TEMPLATES = frozenset(
    f"Splice.{module}:{entity}"
    for module, entities in {
        "Amulet": "Amulet AppRewardCoupon DevelopmentFundCoupon FeaturedAppActivityMarker"
        " FeaturedAppRight LockedAmulet RewardCouponV2 SvRewardCoupon UnclaimedActivityRecord"
        " UnclaimedDevelopmentFundCoupon UnclaimedReward ValidatorRewardCoupon ValidatorRight",
        "AmuletAllocation": "AmuletAllocation",
        "AmuletAllocationV2": "AmuletAllocationV2",
        "AmuletEventLog": "AmuletEventLog",
        "AmuletRules": "AmuletRules ExternalPartySetupProposal TransferPreapproval",
        "AmuletTransferInstruction": "AmuletTransferInstruction",
        "Ans": "AnsEntry AnsEntryContext AnsRules",
        "Ans.AmuletConversionRateFeed": "AmuletConversionRateFeed",
        "DSO.AmuletPrice": "AmuletPriceVote",
        "DSO.SvState": "SvNodeState SvRewardState SvStatusReport",
        "DecentralizedSynchronizer": "MemberTraffic",
        "DsoBootstrap": "DsoBootstrap",
        "DsoRules": "Confirmation DsoRules UnallocatedUnclaimedActivityRecord VoteRequest",
        "ExternalPartyAmuletRules": "ExternalPartyAmuletRules TransferCommand"
        " TransferCommandCounter",
        "ExternalPartyConfigState": "ExternalPartyConfigState",
        "Round": "ClosedMiningRound IssuingMiningRound OpenMiningRound SummarizingMiningRound",
        "Util.FeaturedApp.BatchedMarkersProxy": "BatchedMarkersProxy",
        "ValidatorLicense": "ValidatorFaucetCoupon ValidatorLicense"
        " ValidatorLivenessActivityRecord",
        "Wallet.Subscriptions": "Subscription SubscriptionIdleState SubscriptionInitialPayment"
        " SubscriptionPayment SubscriptionRequest",
    }.items()
    for entity in entities.split()
)


def cc_movements(raw: Node) -> list[Row]:
    """The rows of one update: one a movement and side of it, in execution order.

    A payment gives two rows (sent, received), a mint or tap one (received), a burn one (sent), an
    aborted transfer one (none, amount 0). An update that moved nothing gives a single row without
    a `movement_kind`, so that it can be counted by its `update_kind`. Nothing in an update raises:
    what can't be read, doesn't add up, or moves coin in a way that no rule knows gives a row with
    its `problem` and no `movement_kind`, after the other rows.

    Args:
        raw: One item of `/v2/updates`, a transaction or a reassignment, as parsed JSON.

    Returns:
        Dicts of `update_kind`, `is_known`, `event_id`, `leg` (ordinal within the event),
        `account`, `direction`, `movement_kind`, `counterparty`, `amount_cc` (CC, decimal string
        with 10 places), `amulet_price_usd` (USD for 1 CC as the ledger says it, or None),
        `amulet_price_at` (UTC: when the round opens that announces this price; None where it
        holds already), `problem` and `rules_version`.
    """
    with localcontext(_NO_ROUNDING):
        try:
            update = _Update(raw)
        except _UNREADABLE as error:
            problem = _row(None, 0, problem=f"{type(error).__name__}: {error}")
            return [_shared(problem, "unreadable", is_known=False, price=(None, None))]
        rows = _summable([*_walk(update), *update.announce()]) or [_row(None, 0)]
        rows.sort(key=_is_no_movement)
        kind, is_known, price = update.kind(), update.is_known(), update.price()
        return [_shared(row, kind, is_known=is_known, price=price) for row in rows]


def _summable(rows: list[Row]) -> list[Row]:
    """The rows; a problem for all movements if either side's sum has too many digits."""
    totals = dict.fromkeys(_DIRECTIONS.values(), _ZERO)
    for row in rows:
        direction = row["direction"]
        if direction not in totals:
            continue
        totals[direction] += Decimal(row["amount_cc"])
        if totals[direction] >= _LIMIT:
            problem = f"up to here, {totals[direction]} CC are {direction}: too much for a sum"
            others = [one for one in rows if _is_no_movement(one)]
            return [*others, _row({"event_id": row["event_id"]}, 0, problem=problem)]
    return rows


def _is_no_movement(row: Row) -> bool:
    return row["movement_kind"] is None


def _shared(row: Row, kind: str, *, is_known: bool, price: tuple[str | None, str | None]) -> Row:
    row["update_kind"], row["is_known"] = kind, is_known
    row["amulet_price_usd"], row["amulet_price_at"] = price
    row["rules_version"] = RULES_VERSION
    return row


# --- walking an update -------------------------------------------------------------------------


class _Update:
    """One update's events in execution order. A reassignment has none.

    Everything is counted once, so that an update of many events takes time in proportion.
    """

    def __init__(self, raw: Node) -> None:
        self._raw = raw
        self.nodes: list[Node] = []
        self.parents: list[int | None] = []
        self._price: Any = None
        self._announced: tuple[str | None, str | None] = (None, None)
        self._own: dict[int, bool] = {}
        events: dict[str, Node] = raw.get("events_by_id") or {}
        waiting: list[tuple[str, int | None]] = [
            (event_id, None) for event_id in reversed(raw.get("root_event_ids") or [])
        ]
        met: set[str] = set()
        nodes, parents = self.nodes, self.parents
        while waiting:
            event_id, parent = waiting.pop()
            node = events.get(event_id)
            if not isinstance(node, dict) or node.get("event_id") != event_id:
                raise LookupError(f"event {event_id} is not in the update")
            if event_id in met:
                raise ValueError(f"event {event_id} is named twice")
            met.add(event_id)
            if children := node.get("child_event_ids"):
                at = len(nodes)
                waiting += [(child, at) for child in reversed(children)]
            nodes.append(node)
            parents.append(parent)
        self.roots = [nodes[at] for at, parent in enumerate(parents) if parent is None]
        namespace = str(raw.get("synchronizer_id")).partition("::")[2]
        if nodes and not namespace:
            raise ValueError("synchronizer_id names no namespace, so the DSO party is unknown")
        # The party that found the network made both: Splice's founding node, all recorded updates.
        self.dso = f"DSO::{namespace}"

    def end(self, index: int) -> int:
        """The index after the last event below an event."""
        return self._ends[index]

    def kind(self) -> str:
        """Template and choice of the first root that does more than read a contract."""
        if not self.roots:
            return "reassignment" if "event" in self._raw else "empty"
        acts = (root for root in self.roots if not _choice(root).endswith("_Fetch"))
        main = next(acts, self.roots[0])
        return f"{_template(main)}/{_choice(main) or 'create'}"

    def is_known(self) -> bool:
        """Whether every root is about a template of `KNOWN_TEMPLATES`."""
        return all(_template(root) in KNOWN_TEMPLATES for root in self.roots)

    def note_price(self, exercise: "_Exercise") -> None:
        """Remember USD for 1 CC as the first choice of this network used it."""
        if self._price is None:
            self._price = exercise.price()

    def announce(self) -> Iterator[Row]:
        """Remember what the newest round announces; a row if that can't be read."""
        opened = [
            node
            for node in self.nodes
            if "create_arguments" in node and _is_of(node, _ROUNDS) and self.is_ours(node)
        ]
        if not opened:
            return
        newest = _dict(opened[-1].get("create_arguments"))
        try:
            price = _plain(_decimal(newest.get("amuletPrice")))
            self._announced = price, _time(newest.get("opensAt"))
        except _UNREADABLE as error:
            problem = f"OpenMiningRound: {type(error).__name__}: {error}"
            yield _row(opened[-1], 0, problem=problem)

    def price(self) -> tuple[str | None, str | None]:
        """USD for 1 CC, of a transfer's round, else of the newest round and when that opens."""
        return self._announced if self._price is None else (_price(self._price), None)

    def is_ours(self, node: Node) -> bool | None:
        """Whether an event is about a contract of the network's DSO party; None if nothing tells.

        What is created names its party. A coin that ends doesn't, but the party is a signatory.
        """
        if not _choice(node):
            issuer = _issuer(node)
            return issuer == self.dso if issuer else None
        if not _is_of(node, _COINS) or _choice(node) not in _ENDINGS:
            return None
        coin = self._made.get(str(node.get("contract_id")))
        return coin.issuer == self.dso if coin else self.dso in _actors(node)

    def are_ours(self, index: int) -> bool | None:
        """True if an event and all below it are of the network's DSO; None if nothing tells."""
        ours, others = self._told
        if _is_any_within(others, index, self.end(index)):
            return False
        return True if _is_any_within(ours, index, self.end(index)) else None

    def is_reported(self, node: Node) -> bool:
        """True if a report names the coin that an event makes or ends, as its owner's."""
        contract_id = str(node.get("contract_id"))
        given, got = self._holdings
        named = (given if _choice(node) else got).get(contract_id)
        coin = self._made.get(contract_id)
        return named is not None and (coin is None or coin.owner == named)

    def gain(self, report: Node) -> Decimal | None:
        """CC of the coins that a report names; None if one is of an earlier update."""
        argument, account, gained = _argument(report), _account(report), _ZERO
        for field, sign in (("outputHoldingCids", 1), ("inputHoldingCids", -1)):
            for contract_id in argument.get(field, [None]):
                coin = self._made.get(str(contract_id))
                if coin is None:
                    return None
                if coin.owner == account:
                    gained += sign * _decimal(coin.amount)
        return gained

    def passes_through(self, node: Node) -> bool:
        """True if an event ends a coin that the DSO got in this update: its payer has burned it."""
        coin = self._made.get(str(node.get("contract_id")))
        return coin is not None and coin.owner == self.dso

    def is_archived(self, contract_id: object) -> bool:
        """True if a contract ends in this update."""
        return str(contract_id) in self._ended

    def is_own(self, index: int) -> bool:
        """True if a choice of `QUIET` gives coin back to the one party that acts and owned it."""
        if index not in self._own:
            self._own[index] = self._gives_back(index)
        return self._own[index]

    def _gives_back(self, index: int) -> bool:
        node = self.nodes[index]
        if node.get("package_name") != _PACKAGE or _key(node) not in QUIET:
            return False
        below = [self.nodes[at] for at in self._children(index)]
        whose = {self.is_ours(child) for child in below}
        if False in whose and True not in whose:
            return True  # coin of another DSO party
        if self.dso not in {coin.issuer for coin in map(_coin, below) if coin}:
            return False
        known = [self._made.get(str(event.get("contract_id"))) for event in (node, *below)]
        owners = {str(coin.owner) for coin in known if coin}
        return len(owners) == 1 and owners <= {*_actors(node)}

    def _children(self, index: int) -> Iterator[int]:
        child = index + 1
        while child < self.end(index):
            yield child
            child = self.end(child)

    @cached_property
    def _ends(self) -> list[int]:
        ends = list(range(1, len(self.nodes) + 1))
        for at in reversed(range(len(ends))):
            parent = self.parents[at]
            if parent is not None and ends[at] > ends[parent]:
                ends[parent] = ends[at]
        return ends

    @cached_property
    def _made(self) -> dict[str, "_Coin"]:
        return {coin.contract_id: coin for coin in map(_coin, self.nodes) if coin}

    @cached_property
    def _ended(self) -> set[str]:
        return {str(node.get("contract_id")) for node in self.nodes if node.get("consuming")}

    @cached_property
    def _told(self) -> tuple[list[int], list[int]]:
        told = [self.is_ours(node) for node in self.nodes]
        ours = [at for at, is_ours in enumerate(told) if is_ours]
        return ours, [at for at, is_ours in enumerate(told) if is_ours is False]

    @cached_property
    def _holdings(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The coins that accounts gave and got by the network's reports, with the account."""
        given: dict[str, Any] = {}
        got: dict[str, Any] = {}
        for report in self.nodes:
            if _is_report(report, self.dso):
                argument, account = _argument(report), _account(report)
                given |= dict.fromkeys(_texts(argument.get("inputHoldingCids")), account)
                got |= dict.fromkeys(_texts(argument.get("outputHoldingCids")), account)
        return given, got


def _is_any_within(places: list[int], first: int, end: int) -> bool:
    """True if one of these ascending places lies in [first, end)."""
    at = bisect_left(places, first)
    return at < len(places) and places[at] < end


def _walk(update: _Update) -> Iterator[Row]:
    flagged: set[int] = set()
    index, nodes = 0, update.nodes
    while index < len(nodes):
        node = nodes[index]
        choice = _choice(node)
        if choice == _REPORT and _is_report(node, update.dso):
            yield from _numbered(node, _reported(update, node))
        elif choice in _CHOICES and (rule := _rule(node)):
            exercise = _Exercise(update, index)
            if exercise.is_ours is not False:
                yield from _applied(rule, exercise)
                index = update.end(index)
                continue
        elif (
            _is_of(node, _COINS)
            and (culprit := _unexplained(update, index)) is not None
            and culprit not in flagged
        ):
            flagged.add(culprit)
            guilty = nodes[culprit]
            problem = f"{_choice(guilty) or 'create'}: no rule knows how this moves coin"
            yield _row(guilty, 0, problem=problem)
        index += 1


def _rule(node: Node) -> "Rule | None":
    if node.get("package_name") != _PACKAGE:
        return None
    return RULES.get(_key(node))


def _applied(rule: "Rule", exercise: "_Exercise") -> Iterator[Row]:
    """The rows of a claimed choice: told by the reports below it, else by its own fields."""
    exercise.update.note_price(exercise)
    reports = [node for node in exercise.below if _is_report(node, exercise.dso)]
    if rule is _aborted or not reports:
        yield from _numbered(exercise.node, _proven(rule, exercise))
    for report in reports:
        reported = _reported(exercise.update, report, is_tap=rule is _tapped)
        yield from _numbered(report, reported)


def _proven(rule: "Rule", exercise: "_Exercise") -> "Iterator[Movement]":
    for movement in rule(exercise):
        if movement.amount and not exercise.is_ours:
            raise LookupError("nothing below it is of the network's DSO party")
        yield movement


def _numbered(node: Node, movements: "Iterator[Movement]") -> list[Row]:
    """An event's rows with their legs, or one with the problem that keeps it from being read."""
    rows: list[Row] = []
    try:
        for movement in movements:
            if movement.amount or movement.kind == "abort":
                rows.append(_row(node, len(rows), movement, _gap(node, movement)))
    except _UNREADABLE as error:
        return [_row(node, 0, problem=f"{_choice(node)}: {type(error).__name__}: {error}")]
    return rows


def _gap(node: Node, movement: "Movement") -> str | None:
    if movement.kind:
        return None
    return f"{_choice(node)}: {_plain(movement.amount)} CC went in and did not come out"


def _unexplained(update: _Update, index: int) -> int | None:
    """Where a coin comes or goes outside all rules: the event that should explain it, else None."""
    node = update.nodes[index]
    if update.is_ours(node) is False or update.is_reported(node):
        return None
    culprit = index
    if _choice(node) in {"", "Archive"}:
        if update.passes_through(node):
            return None
        culprit = update.parents[index]
    elif not node.get("consuming"):
        return None
    if culprit is None:
        return index
    return None if update.is_own(culprit) else culprit


class _Coin(NamedTuple):
    contract_id: str
    issuer: str
    owner: Any
    amount: Any


class _Exercise:
    """A choice with everything below it."""

    def __init__(self, update: _Update, index: int) -> None:
        self.update, self.dso = update, update.dso
        self._index = index
        self.node = update.nodes[index]
        self.argument, self.result = _argument(self.node), _dict(self.node.get("exercise_result"))

    @cached_property
    def below(self) -> list[Node]:
        """The events below, in execution order."""
        return self.update.nodes[self._index + 1 : self.update.end(self._index)]

    @cached_property
    def coins(self) -> dict[str, _Coin]:
        """The network's coins created below, by contract id, in execution order."""
        found = (coin for coin in map(_coin, self.below) if coin)
        return {coin.contract_id: coin for coin in found if coin.issuer == self.dso}

    @cached_property
    def is_ours(self) -> bool | None:
        """Whether all contracts below are of the network's DSO party; None if nothing tells."""
        return self.update.are_ours(self._index)

    def price(self) -> Any:
        """USD for 1 CC, wherever the choice or one below it says it."""
        for node in (self.node, *self.below):
            result = _dict(node.get("exercise_result"))
            for holder in (
                result,
                _dict(result.get("result")),
                _dict(result.get("transferResult")),
            ):
                told = holder.get("summary") or holder.get("amuletSum")
                if told and (price := _dict(told).get("amuletPrice")):
                    return price
        return None

    def transfer(self) -> "_Exercise | None":
        """The AmuletRules_Transfer below, which older packages settle everything by."""
        for at in range(self._index + 1, self.update.end(self._index)):
            if _rule(self.update.nodes[at]) is _transferred:
                return _Exercise(self.update, at)
        return None


# --- reports: Splice >= 0.6.11 -----------------------------------------------------------------


def _is_report(node: Node, dso: str) -> bool:
    return (
        node.get("choice") == _REPORT
        and node.get("package_name") == _PACKAGE
        and _interface(node) == _EVENT_LOG
        and _argument(node).get("admin") == dso
    )


def _account(report: Node) -> Any:
    return _dict(_argument(report).get("account")).get("owner")


def _reported(update: _Update, report: Node, *, is_tap: bool = False) -> "Iterator[Movement]":
    """The legs of one account's report; the other account of a payment reports its own side.

    They sum up to what the account's coins gained, where all of these are known.
    """
    account, net = _account(report), _ZERO
    for side in _argument(report)["transferLegSides"]:
        other = _dict(side.get("otherside"))
        # What an account hands to itself (change, a lock) has both sides here and moves nothing.
        if side.get("instrumentId") != "Amulet" or other.get("owner") == account:
            continue
        kind = "transfer" if other.get("owner") else _KINDS[str(other.get("id"))]
        kind = "devnet_tap" if is_tap and kind == "mint" else kind
        amount, direction = _decimal(side["amount"]), _DIRECTIONS[side["side"]]
        net += amount if direction == "received" else -amount
        yield Movement(account, direction, kind, other.get("owner"), amount)
    gained = update.gain(report)
    if gained is not None:
        yield _missing(net - gained)


# --- choices, where nothing is reported --------------------------------------------------------


class Movement(NamedTuple):
    """One side of a movement. Without a kind it is no movement: an amount that doesn't add up."""

    account: Any
    direction: str | None
    kind: str | None
    counterparty: Any
    amount: Decimal


class _Summary:
    """What a transfer says about itself; all amounts in CC."""

    def __init__(self, result: Node) -> None:
        summary = result["summary"]
        self.put_in = _decimal(summary["inputAmuletAmount"])
        # The faucet's amount is part of the validator's. Newer kinds are absent or null.
        self.minted = (
            _decimal(summary["inputAppRewardAmount"])
            + _decimal(summary["inputValidatorRewardAmount"])
            + _decimal(summary["inputSvRewardAmount"])
            + _if_any(summary.get("inputUnclaimedActivityRecordAmount"))
            + _if_any(summary.get("inputDevelopmentFundAmount"))
        )
        self.output_fees = [_decimal(fee) for fee in summary["outputFees"]]
        self.own_fees = _decimal(summary["senderChangeFee"]) + _decimal(summary["holdingFees"])
        self.change = _decimal(summary["senderChangeAmount"])


def _paid(sender: Any, receiver: Any, amount: Decimal) -> "Iterator[Movement]":
    if receiver != sender:
        yield Movement(sender, "sent", "transfer", receiver, amount)
        yield Movement(receiver, "received", "transfer", sender, amount)


def _burned(account: Any, amount: Decimal) -> Movement:
    return Movement(account, "sent", "burn", None, amount)


def _gained(account: Any, kind: str, amount: Decimal) -> Movement:
    return Movement(account, "received", kind, None, amount)


def _missing(amount: Decimal) -> Movement:
    """What went in and didn't come out: booked nowhere, told as a problem."""
    return Movement(None, None, None, None, amount)


def _settled(exercise: _Exercise, sender: Any, outputs: Any, result: Node) -> "Iterator[Movement]":
    """Payments, fees and mints of the code that all transfers share.

    A receiver is paid the declared amount and burns its share of the fee, the sender the rest.
    """
    summary = _Summary(result)
    burned, made = summary.own_fees, _ZERO
    for place, (output, fee) in enumerate(zip(outputs, summary.output_fees, strict=True)):
        receiver, amount = output["receiver"], _decimal(output["amount"])
        share = (fee * _decimal(output["receiverFeeRatio"])).quantize(_LAST_PLACE, ROUND_HALF_EVEN)
        burned += fee - share
        made += amount - share
        if receiver == exercise.dso and exercise.update.is_archived(
            result["createdAmulets"][place]["value"]
        ):
            burned += amount  # a price: the DSO party holds coin only on its way out
        else:
            yield from _paid(sender, receiver, amount)
            yield _burned(receiver, share)
    yield _gained(sender, "mint", summary.minted)
    yield _burned(sender, burned)
    fees = summary.own_fees + sum(summary.output_fees, _ZERO)
    yield _missing(summary.put_in + summary.minted - made - summary.change - fees)


def _transferred(exercise: _Exercise) -> "Iterator[Movement]":
    transfer = exercise.argument["transfer"]
    return _settled(exercise, transfer["sender"], transfer["outputs"], exercise.result)


def _sent(exercise: _Exercise) -> "Iterator[Movement]":
    inner = exercise.transfer()
    if inner is None:
        raise LookupError("no AmuletRules_Transfer below it")
    return _transferred(inner)


def _sent_without_fees(exercise: _Exercise) -> "Iterator[Movement]":
    """No field names the receiver: it owns the first coin created."""
    result, argument = exercise.result["result"], exercise.argument
    coin = exercise.coins[result["createdAmulets"][0]["value"]]
    output = {"receiver": coin.owner, "amount": argument["amount"], "receiverFeeRatio": "0"}
    return _settled(exercise, argument["sender"], [output], result)


def _accepted(exercise: _Exercise) -> "Iterator[Movement]":
    output = exercise.result["output"]
    return _delivered(exercise, lambda: output["value"]["receiverHoldingCids"])


def _executed(exercise: _Exercise) -> "Iterator[Movement]":
    return _delivered(exercise, lambda: exercise.result["receiverHoldingCids"])


def _delivered(exercise: _Exercise, holdings: Callable[[], Any]) -> "Iterator[Movement]":
    """An offer or allocation that is paid: by an inner transfer, from 0.1.17 on by coins alone."""
    if inner := exercise.transfer():
        yield from _transferred(inner)
        return
    sender, coins = exercise.result["meta"]["values"][_SENDER], exercise.coins
    for contract_id in holdings():
        yield from _paid(sender, coins[contract_id].owner, _decimal(coins[contract_id].amount))


def _aborted(exercise: _Exercise) -> "Iterator[Movement]":
    if _dict(exercise.result.get("output")).get("tag") != "TransferInstructionResult_Failed":
        return
    actors = _actors(exercise.node)
    unlocked = (coin.owner for coin in exercise.coins.values())
    account = next(unlocked, None) or next(iter(actors), None)
    other = next((party for party in actors if party not in {account, exercise.dso}), None)
    yield Movement(account, "none", "abort", other, _ZERO)


def _tapped(exercise: _Exercise) -> "Iterator[Movement]":
    return _made(exercise, "devnet_tap")


def _minted(exercise: _Exercise) -> "Iterator[Movement]":
    return _made(exercise, "mint")


def _made(exercise: _Exercise, kind: str) -> "Iterator[Movement]":
    amount = _decimal(exercise.argument["amount"])
    yield _gained(exercise.argument["receiver"], kind, amount)
    coins = exercise.coins.values()
    yield _missing(amount - sum((_decimal(coin.amount) for coin in coins), _ZERO))


def _traffic_bought(exercise: _Exercise) -> "Iterator[Movement]":
    """The price includes its output fee."""
    return _bought(exercise.argument["provider"], exercise.result, exercise.result)


def _preapproval_bought(exercise: _Exercise) -> "Iterator[Movement]":
    return _bought_with_fees(exercise.argument["provider"], exercise.result)


def _party_set_up(exercise: _Exercise) -> "Iterator[Movement]":
    return _bought_with_fees(exercise.argument["validator"], exercise.result)


def _preapproval_renewed(exercise: _Exercise) -> "Iterator[Movement]":
    return _bought_with_fees(exercise.result["provider"], exercise.result)


def _bought_with_fees(payer: Any, result: Node) -> "Iterator[Movement]":
    """The output fee comes on top of the price."""
    transfer = result["transferResult"]
    return _bought(payer, result, transfer, sum(_Summary(transfer).output_fees, _ZERO))


def _bought(
    payer: Any, result: Node, transfer: Node, fees: Decimal = _ZERO
) -> "Iterator[Movement]":
    summary = _Summary(transfer)
    burned = _decimal(result["amuletPaid"]) + fees + summary.own_fees
    yield _gained(payer, "mint", summary.minted)
    yield _burned(payer, burned)
    yield _missing(summary.put_in + summary.minted - burned - summary.change)


def _expired(exercise: _Exercise) -> "Iterator[Movement]":
    """The DSO ends a coin that its holding fees have eaten: all of it burns."""
    ended = exercise.result["expireSum"]
    told = _dict(_dict(exercise.result.get("meta")).get("values")).get(_BURNED)
    if told is None:  # before 0.1.9: normalized to round 0, so undone with the coin's own round
        rate = _decimal(ended["changeToHoldingFeesRate"])
        rounds = _decimal(ended["round"]["number"])
        amount = rate * rounds - _decimal(ended["changeToInitialAmountAsOfRoundZero"])
    else:
        amount = _decimal(told)
    yield _burned(ended["owner"], amount)


Rule = Callable[[_Exercise], Iterator[Movement]]

# (template, interface, choice) of package splice-amulet. Choices of the token standard run on
# every token's templates. Its second version's wrappers exercise the first version's choice, or
# report, so they are not here.
RULES: dict[tuple[str, str, str], Rule] = {
    (_AMULET_RULES, "", "AmuletRules_Transfer"): _transferred,
    (_PREAPPROVAL, "", "TransferPreapproval_Send"): _sent,
    (_PREAPPROVAL, "", "TransferPreapproval_SendV2"): _sent_without_fees,
    (_INSTRUCTION, _INSTRUCTION_V1, "TransferInstruction_Accept"): _accepted,
    (_INSTRUCTION, _INSTRUCTION_V1, "TransferInstruction_Reject"): _aborted,
    (_INSTRUCTION, _INSTRUCTION_V1, "TransferInstruction_Withdraw"): _aborted,
    (_INSTRUCTION, _INSTRUCTION_V1, "TransferInstruction_Update"): _aborted,
    (_ALLOCATION, _ALLOCATION_V1, "Allocation_ExecuteTransfer"): _executed,
    (_AMULET_RULES, "", "AmuletRules_DevNet_Tap"): _tapped,
    (_AMULET_RULES, "", "AmuletRules_Mint"): _minted,
    (_AMULET_RULES, "", "AmuletRules_BuyMemberTraffic"): _traffic_bought,
    (_AMULET_RULES, "", "AmuletRules_CreateTransferPreapproval"): _preapproval_bought,
    (_AMULET_RULES, "", "AmuletRules_CreateExternalPartySetupProposal"): _party_set_up,
    (_PREAPPROVAL, "", "TransferPreapproval_Renew"): _preapproval_renewed,
    (_AMULET, "", "Amulet_Expire"): _expired,
    (_AMULET, "", "Amulet_ExpireV2"): _expired,
    (_LOCKED, "", "LockedAmulet_ExpireAmulet"): _expired,
    (_LOCKED, "", "LockedAmulet_ExpireAmuletV2"): _expired,
}
# Choices that archive coins and create others for the owner, who acts: a lock, an unlock, a merge.
QUIET: frozenset[tuple[str, str, str]] = frozenset(
    {
        (_LOCKED, "", "LockedAmulet_Unlock"),
        (_LOCKED, "", "LockedAmulet_UnlockV2"),
        (_LOCKED, "", "LockedAmulet_OwnerExpireLock"),
        (_LOCKED, "", "LockedAmulet_OwnerExpireLockV2"),
        (
            _EXTERNAL_RULES,
            f"{_API}TransferInstructionV1:TransferFactory",
            "TransferFactory_Transfer",
        ),
        (
            _EXTERNAL_RULES,
            f"{_API}AllocationInstructionV1:AllocationFactory",
            "AllocationFactory_Allocate",
        ),
    }
)
# With these a coin ends by an act of its signatories.
_CHOICES = frozenset(choice for _, _, choice in RULES)
_ENDINGS = frozenset(
    {"Archive"} | {choice for (_, _, choice), rule in RULES.items() if rule is _expired}
)


# --- reading nodes -----------------------------------------------------------------------------


def _row(
    node: Node | None, leg: int, movement: Movement | None = None, problem: str | None = None
) -> Row:
    """A row's own columns.

    Raises:
        TypeError: A movement names no account.
        ValueError: Its amount is negative, or has too many digits.
    """
    account, direction, kind, counterparty, amount = movement or _NOTHING
    if kind:
        if not isinstance(account, str) or not account:
            raise TypeError(f"account {account!r} is no party")
        if not isinstance(counterparty, str | None):
            raise TypeError(f"counterparty {counterparty!r} is no party")
        if amount < 0:
            raise ValueError(f"amount {amount} is negative")
    return {
        "event_id": node and node["event_id"],
        "leg": leg,
        "account": account,
        "direction": direction,
        "movement_kind": kind,
        "counterparty": counterparty,
        "amount_cc": _plain(amount if kind else _ZERO),
        "problem": problem,
    }


_NOTHING = Movement(None, None, None, None, _ZERO)


def _coin(node: Node) -> _Coin | None:
    """The coin that an event creates."""
    if node.get("choice") or not _is_of(node, _COINS):
        return None
    arguments = _dict(node.get("create_arguments"))
    coin = _dict(arguments.get("amulet")) if "amulet" in arguments else arguments
    amount = _dict(coin.get("amount")).get("initialAmount")
    return _Coin(str(node.get("contract_id")), str(coin.get("dso")), coin.get("owner"), amount)


def _issuer(node: Node) -> str | None:
    """The DSO party of a contract that an event creates, where the contract names one."""
    if node.get("package_name") != _PACKAGE or _choice(node):
        return None
    arguments = _dict(node.get("create_arguments"))
    issuer = arguments.get("dso") or _dict(arguments.get("amulet")).get("dso")
    return issuer if isinstance(issuer, str) else None


def _is_of(node: Node, templates: tuple[str, ...]) -> bool:
    """Whether an event is about one of these templates of the package."""
    template = node.get("template_id")
    return (
        isinstance(template, str)
        and template.endswith(templates)
        and node.get("package_name") == _PACKAGE
    )


def _template(node: Node) -> str:
    """``Module:Entity``; the package id before it changes with every upgrade."""
    return str(node.get("template_id", "")).partition(":")[2]


def _interface(node: Node) -> str:
    """``Module:Entity`` of the interface whose choice this is, or nothing."""
    return str(node.get("interface_id") or "").partition(":")[2]


def _key(node: Node) -> tuple[str, str, str]:
    """Template, interface and choice, as `RULES` has them."""
    return _template(node), _interface(node), _choice(node)


def _choice(node: Node) -> str:
    return str(node.get("choice") or "")


def _argument(node: Node) -> Node:
    return _dict(node.get("choice_argument"))


def _actors(node: Node) -> list[str]:
    return _texts(node.get("acting_parties"))


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _dict(value: Any) -> Node:
    return value if isinstance(value, dict) else {}


def _decimal(text: object) -> Decimal:
    """A Daml Decimal, which JSON carries as a string; a JSON number has lost digits already."""
    if not isinstance(text, str):
        raise TypeError(f"amount {text!r} is no string")
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"amount {text!r} is no decimal of the ledger")
    return Decimal(text)


def _if_any(text: object) -> Decimal:
    """An optional amount: null and absent are nothing."""
    return _ZERO if text is None else _decimal(text)


def _price(text: object) -> str | None:
    """A price is shown, not booked: one that can't be read is no price."""
    try:
        return None if text is None else _plain(_decimal(text))
    except _UNREADABLE:
        return None


def _time(text: object) -> str:
    """A UTC time as the warehouse casts it."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise ValueError(f"{text!r} is no time of the ledger")
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None).isoformat()


def _plain(value: Decimal) -> str:
    """Ten places and no exponent: ``0E-10`` becomes ``0.0000000000``. Nothing is rounded."""
    plain = value.quantize(_LAST_PLACE)
    if plain != value or abs(plain) >= _LIMIT:
        raise ValueError(f"{value} does not fit NUMBER(38, 10)")
    return format(plain, "f")
