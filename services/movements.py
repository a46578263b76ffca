"""Which update moved how much Canton Coin (CC) between whom: the movement rules.

This file runs inside the warehouse: a migration hands its text to ``create function
silver.cc_movements_v<RULES_VERSION>``, so it imports nothing but the standard library. A changed
rule is a new version; what older versions wrote stays until its batches are rebuilt.

Facts: Splice's Daml reference and Scan's recorded MainNet payloads. Both generations are read:
until Splice 0.6.10 the choices of AmuletRules tell; from 0.6.11 on each change of a holding is also
logged as ``EventLog_HoldingsChange`` (its shape here is the reference's; no recorded one was seen).

Event trees are walked in execution order: roots, then children, parents first. The first rule that
matches a choice claims everything below it, or a preapproved payment and its inner transfer
would count twice.
"""

from collections.abc import Callable, Iterator
from decimal import Context, Decimal, localcontext
from typing import Any

RULES_VERSION = 1

# Rows as the warehouse takes them; amounts are decimal strings, never floats.
Row = dict[str, Any]
Node = dict[str, Any]

_NO_ROUNDING = Context(prec=76)  # what doesn't fit NUMBER(38, 10) is refused, see `_plain`
_ZERO = Decimal(0)
_LAST_PLACE = Decimal("1E-10")
_LIMIT = Decimal("1E+28")  # the first number with too many digits for NUMBER(38, 10)

# What an update may be about without anybody having to look. Others pass too, counted apart.
KNOWN_TEMPLATES = frozenset(
    {
        "Splice.Amulet:Amulet",
        "Splice.Amulet:AppRewardCoupon",
        "Splice.Amulet:FeaturedAppActivityMarker",
        "Splice.Amulet:FeaturedAppRight",
        "Splice.Amulet:LockedAmulet",
        "Splice.Amulet:SvRewardCoupon",
        "Splice.Amulet:UnclaimedReward",
        "Splice.Amulet:ValidatorRewardCoupon",
        "Splice.Amulet:ValidatorRight",
        "Splice.AmuletRules:AmuletRules",
        "Splice.AmuletRules:TransferPreapproval",
        "Splice.AmuletTransferInstruction:AmuletTransferInstruction",
        "Splice.DSO.AmuletPrice:AmuletPriceVote",
        "Splice.DSO.SvState:SvNodeState",
        "Splice.DSO.SvState:SvRewardState",
        "Splice.DSO.SvState:SvStatusReport",
        "Splice.DsoRules:Confirmation",
        "Splice.DsoRules:DsoRules",
        "Splice.DsoRules:VoteRequest",
        "Splice.ExternalPartyAmuletRules:ExternalPartyAmuletRules",
        "Splice.ExternalPartyAmuletRules:TransferCommand",
        "Splice.Round:ClosedMiningRound",
        "Splice.Round:IssuingMiningRound",
        "Splice.Round:OpenMiningRound",
        "Splice.Round:SummarizingMiningRound",
        "Splice.ValidatorLicense:ValidatorLicense",
        "Splice.ValidatorLicense:ValidatorLivenessActivityRecord",
    }
)


def cc_movements(raw: Node) -> list[Row]:
    """The rows of one update: one a movement and side of it, in execution order.

    A payment gives two rows (sent, received), a mint or tap one (received), a burn one (sent), an
    aborted transfer one (none, amount 0). An update that moved nothing gives a single row without
    a `movement_kind`, so that it can be counted by its `update_kind`. Nothing in an update raises:
    a node that a rule matches and can't read gives a row with its `problem`.

    Args:
        raw: One item of `/v2/updates`, a transaction or a reassignment, as parsed JSON.

    Returns:
        Dicts of `update_kind`, `is_known`, `event_id`, `leg` (ordinal within the event),
        `account`, `direction`, `movement_kind`, `counterparty`, `amount_cc` (CC, decimal string
        with 10 places), `amulet_price_usd` (USD for 1 CC as the ledger says it, or None),
        `problem` and `rules_version`.
    """
    with localcontext(_NO_ROUNDING):
        try:
            tree = _Tree(raw)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            return [_unreadable(f"{type(error).__name__}: {error}")]
        shared: Row = {
            "update_kind": tree.kind(),
            "is_known": tree.is_known(),
            "amulet_price_usd": tree.price(),
            "rules_version": RULES_VERSION,
        }
        rows = [{**row, **shared} for row in _movements(tree)]
        return rows or [{**_row(None, 0, None, None, None), **shared}]


def _unreadable(problem: str) -> Row:
    return {
        **_row(None, 0, None, None, None),
        "problem": problem,
        "update_kind": "unreadable",
        "is_known": False,
        "amulet_price_usd": None,
        "rules_version": RULES_VERSION,
    }


class _Tree:
    """One update's events in execution order. A reassignment has none."""

    def __init__(self, raw: Node) -> None:
        self._raw = raw
        self._events: dict[str, Node] = raw.get("events_by_id") or {}
        self.roots = [self._event(event_id) for event_id in raw.get("root_event_ids") or []]
        self.nodes: list[Node] = []
        self._collect()

    def _collect(self) -> None:
        """Walk once, so that no later walk goes round in circles or fails."""
        met: set[str] = set()
        for root in self.roots:
            for node in self.below(root):
                if node["event_id"] in met:
                    raise ValueError(f"event {node['event_id']} is named twice")
                met.add(node["event_id"])
                self.nodes.append(node)

    def _event(self, event_id: str) -> Node:
        node = self._events.get(event_id)
        if not isinstance(node, dict) or node.get("event_id") != event_id:
            raise LookupError(f"event {event_id} is not in the update")
        return node

    def children(self, node: Node) -> list[Node]:
        return [self._event(event_id) for event_id in node.get("child_event_ids") or []]

    def below(self, node: Node) -> Iterator[Node]:
        """The node and all below it, parents first."""
        stack = [node]
        while stack:
            current = stack.pop()
            yield current
            stack.extend(reversed(self.children(current)))

    def kind(self) -> str:
        """What the update is about: template and choice of its first root."""
        if not self.roots:
            return "reassignment" if "event" in self._raw else "empty"
        return f"{_template(self.roots[0])}/{_choice(self.roots[0]) or 'create'}"

    def is_known(self) -> bool:
        return all(_template(node) in KNOWN_TEMPLATES for node in self.roots)

    def price(self) -> str | None:
        """The ledger's USD for 1 CC: of a transfer's round, else announced by a new round."""
        announced = None
        for node in self.nodes:
            summary = _summary(node) or _dict(_result(node).get("amuletSum"))
            if summary.get("amuletPrice"):
                return _price(summary["amuletPrice"])
            if not _choice(node) and _template(node) == "Splice.Round:OpenMiningRound":
                announced = _dict(node.get("create_arguments")).get("amuletPrice") or announced
        return _price(announced)


def _movements(tree: _Tree) -> Iterator[Row]:
    is_logged = any(_is_holdings_change(node) for node in tree.nodes)
    return _from_log(tree) if is_logged else _from_choices(tree)


def _from_log(tree: _Tree) -> Iterator[Row]:
    """Each report stands for itself, wherever in the tree; together they explain everything."""
    for node in tree.nodes:
        if rule := _LOGGED_RULES.get(_choice(node)):
            yield from _applied(rule, tree, node)


def _from_choices(tree: _Tree) -> Iterator[Row]:
    stack = list(reversed(tree.roots))
    while stack:
        node = stack.pop()
        if rule := _rule(node):
            yield from _applied(rule, tree, node)
        else:
            stack.extend(reversed(tree.children(node)))


def _rule(node: Node) -> "Rule | None":
    if rule := _RULES.get(_choice(node)):
        return rule
    # Whatever else is paid for in CC (traffic, preapprovals, …) says so in its result.
    return _burned if "amuletPaid" in _result(node) else None


def _applied(rule: "Rule", tree: _Tree, node: Node) -> list[Row]:
    try:
        return list(rule(tree, node))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        row = _row(node, 0, None, None, None)
        return [{**row, "problem": f"{_choice(node)}: {type(error).__name__}: {error}"}]


# --- Splice >= 0.6.11: the log explains every change of a holding of the update ----------------


def _is_holdings_change(node: Node) -> bool:
    return (
        node.get("choice") == "EventLog_HoldingsChange"
        and _hint(_argument(node).get("admin")) == "DSO"
    )


def _logged(_: _Tree, node: Node) -> Iterator[Row]:
    if not _is_holdings_change(node):
        return
    argument = _argument(node)
    account = _dict(argument.get("account")).get("owner")
    leg = 0
    for side in argument["transferLegSides"]:
        other = _dict(side.get("otherside")).get("owner")
        # What an account hands to itself (change, a lock) has both sides here and moves nothing.
        if side.get("instrumentId") != "Amulet" or other == account:
            continue
        direction = _DIRECTIONS[side["side"]]
        kind = "transfer" if other else "burn" if direction == "sent" else "mint"
        yield _row(node, leg, account, direction, kind, other, _decimal(side["amount"]))
        leg += 1


_DIRECTIONS = {"SenderSide": "sent", "ReceiverSide": "received"}


# --- until then: the choices of AmuletRules and of the token standard --------------------------


def _transferred(_: _Tree, node: Node) -> Iterator[Row]:
    transfer = _dict(_argument(node).get("transfer"))
    sender = transfer.get("sender")
    outputs = [(out.get("receiver"), _decimal(out["amount"])) for out in transfer["outputs"]]
    paid = [(receiver, amount) for receiver, amount in outputs if receiver != sender]
    yield from _payments(node, sender, paid, sum((amount for _, amount in outputs), _ZERO))


def _sent_preapproved(tree: _Tree, node: Node) -> Iterator[Row]:
    argument = _argument(node)
    sender, amount = argument.get("sender"), _decimal(argument["amount"])
    owners = _owners(tree, node)
    if not owners:
        raise LookupError("no Amulet is created")
    paid = [(owner, amount) for owner in owners if owner != sender][:1]
    yield from _payments(node, sender, paid, amount)


def _accepted(tree: _Tree, node: Node) -> Iterator[Row]:
    created = _owners(tree, node)
    inner = next((below for below in tree.below(node) if _choice(below) == _TRANSFER), None)
    acting = set(node.get("acting_parties") or [])
    sender = _sender_of_accepted(node, inner, [owner for owner in created if owner not in acting])
    paid = [(owner, amount) for owner, amount in created.items() if owner != sender]
    leg = 0
    for receiver, amount in paid:
        yield from _payment(node, leg, sender, receiver, amount)
        leg += 2


def _sender_of_accepted(node: Node, inner: Node | None, others: list[str]) -> str | None:
    """The offering party: from the inner transfer, the result's metadata, or who got change."""
    if inner is not None:
        return _dict(_argument(inner).get("transfer")).get("sender")
    values = _dict(_dict(_result(node).get("meta")).get("values"))
    return values.get("splice.lfdecentralizedtrust.org/sender") or next(iter(others), None)


def _aborted(tree: _Tree, node: Node) -> Iterator[Row]:
    acting: list[str] = node.get("acting_parties") or []
    sender = next(iter(_owners(tree, node)), None) or next(iter(acting), None)
    other = next((party for party in acting if party != sender and _hint(party) != "DSO"), None)
    yield _row(node, 0, sender, "none", "abort", other)


def _tapped(_: _Tree, node: Node) -> Iterator[Row]:
    argument = _argument(node)
    kind = "devnet_tap" if _choice(node) == "AmuletRules_DevNet_Tap" else "mint"
    amount = _decimal(argument["amount"])
    yield _row(node, 0, argument.get("receiver"), "received", kind, None, amount)


def _burned(_: _Tree, node: Node) -> Iterator[Row]:
    payer = _argument(node).get("provider") or next(iter(node.get("acting_parties") or []), None)
    burned = _decimal(_result(node)["amuletPaid"])
    yield _row(node, 0, payer, "sent", "burn", None, burned)
    yield from _minted_and_fees(node, 1, payer, burned)


def _payments(
    node: Node, sender: str | None, paid: list[tuple[str, Decimal]], output: Decimal
) -> Iterator[Row]:
    if not _summary(node):
        raise LookupError("no summary tells what was minted")
    leg = 0
    for receiver, amount in paid:
        yield from _payment(node, leg, sender, receiver, amount)
        leg += 2
    yield from _minted_and_fees(node, leg, sender, output)


def _payment(
    node: Node, leg: int, sender: str | None, receiver: str, amount: Decimal
) -> Iterator[Row]:
    if sender:
        yield _row(node, leg, sender, "sent", "transfer", receiver, amount)
    yield _row(node, leg + 1, receiver, "received", "transfer", sender, amount)


def _minted_and_fees(node: Node, leg: int, sender: str | None, output: Decimal) -> Iterator[Row]:
    """What the balance shows beyond the outputs: rewards that became coins, fees that ceased.

    inputs + minted = outputs + change + fees. The reward fields are not added up: in recorded data
    `inputValidatorFaucetAmount` is already part of `inputValidatorRewardAmount`.
    """
    summary = _summary(node)
    if not summary:
        return
    fees = sum(map(_decimal, summary.get("outputFees") or []), _ZERO)
    fees += _if_any(summary.get("senderChangeFee")) + _if_any(summary.get("holdingFees"))
    change = _if_any(summary.get("senderChangeAmount"))
    minted = output + change + fees - _decimal(summary["inputAmuletAmount"])
    if minted:
        yield _row(node, leg, sender, "received", "mint", None, minted)
    if fees:
        yield _row(node, leg + 1, sender, "sent", "burn", None, fees)


Rule = Callable[[_Tree, Node], Iterator[Row]]

_TRANSFER = "AmuletRules_Transfer"
_RULES: dict[str, Rule] = {
    _TRANSFER: _transferred,
    "TransferPreapproval_Send": _sent_preapproved,
    "TransferPreapproval_SendV2": _sent_preapproved,
    "TransferInstruction_Accept": _accepted,
    "TransferInstruction_Reject": _aborted,
    "TransferInstruction_Withdraw": _aborted,
    "AmuletRules_DevNet_Tap": _tapped,
    "AmuletRules_Mint": _tapped,
}
_LOGGED_RULES: dict[str, Rule] = {
    "EventLog_HoldingsChange": _logged,
    "TransferInstruction_Reject": _aborted,
    "TransferInstruction_Withdraw": _aborted,
}


# --- reading nodes -----------------------------------------------------------------------------


def _row(  # noqa: PLR0913, PLR0917 -- a row's columns
    node: Node | None,
    leg: int,
    account: Any,
    direction: str | None,
    kind: str | None,
    counterparty: Any = None,
    amount: Decimal = _ZERO,
) -> Row:
    for party in (account, counterparty):
        if not isinstance(party, str | None):
            raise TypeError(f"party {party!r} is no string")
    return {
        "event_id": node and node["event_id"],
        "leg": leg,
        "account": account,
        "direction": direction,
        "movement_kind": kind,
        "counterparty": counterparty,
        "amount_cc": _plain(amount),
        "problem": None,
    }


def _owners(tree: _Tree, node: Node) -> dict[str, Decimal]:
    """Unlocked Amulet created below a node: CC by owner, in order of creation."""
    owners: dict[str, Decimal] = {}
    for below in tree.below(node):
        if below.get("event_type") == "created_event" and _template(below) == _AMULET:
            amulet = below["create_arguments"]
            amount = _decimal(amulet["amount"]["initialAmount"])
            owners[amulet["owner"]] = owners.get(amulet["owner"], _ZERO) + amount
    return owners


_AMULET = "Splice.Amulet:Amulet"


def _summary(node: Node) -> Node:
    """A transfer's summary; a preapproved send and a purchase hold it one level deeper."""
    result = _result(node)
    for holder in (result, result.get("result"), result.get("transferResult")):
        if holder and isinstance(holder, dict) and "summary" in holder:
            return _dict(holder["summary"])
    return {}


def _template(node: Node) -> str:
    """``Module:Entity``; the package id before it changes with every upgrade."""
    return str(node.get("template_id", "")).partition(":")[2]


def _choice(node: Node) -> str:
    return str(node.get("choice") or "")


def _argument(node: Node) -> Node:
    return _dict(node.get("choice_argument"))


def _result(node: Node) -> Node:
    return _dict(node.get("exercise_result"))  # may be a bare string


def _hint(party: object) -> str:
    return str(party).partition("::")[0]


def _dict(value: Any) -> Node:
    return value if isinstance(value, dict) else {}


def _decimal(text: object) -> Decimal:
    """A Daml Decimal, which JSON carries as a string; a JSON number has lost digits already."""
    if not isinstance(text, str):
        raise TypeError(f"amount {text!r} is no string")
    value = Decimal(text)
    if not value.is_finite():
        raise ValueError(f"amount {text!r} is no number")
    return value


def _if_any(text: object) -> Decimal:
    """An optional amount: null and absent are nothing."""
    return _ZERO if text is None else _decimal(text)


def _price(text: object) -> str | None:
    """A price is shown, not booked: one that can't be read is no price."""
    try:
        return None if text is None else _plain(_decimal(text))
    except (ArithmeticError, TypeError, ValueError):
        return None


def _plain(value: Decimal) -> str:
    """Ten places and no exponent: ``0E-10`` becomes ``0.0000000000``. Nothing is rounded."""
    plain = value.quantize(_LAST_PLACE)
    if plain != value or abs(plain) >= _LIMIT:
        raise ValueError(f"{value} does not fit NUMBER(38, 10)")
    return format(plain, "f")
