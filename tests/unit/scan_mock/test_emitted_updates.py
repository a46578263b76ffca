"""The JSON that networks have emitted stands in the updates of each era that knows of it.

Facts: Splice's Daml sources; the words are those of docs/concepts/what-moves-coin.md.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from mocks.canton_scan.eras import MIXTURES, Coin, Era, Mixture
from mocks.canton_scan.plan import Generation
from services.movements import QUIET, RULES
from tests.unit.scan_mock.emitted import REPORT, Node, Tree, emitted, interface

_PREAPPROVALS = (
    "AmuletRules_CreateTransferPreapproval",
    "AmuletRules_CreateExternalPartySetupProposal",
    "TransferPreapproval_Renew",
)


def transfers(tree: Tree) -> Iterator[tuple[Node, Node]]:
    """The argument of each AmuletRules_Transfer, and its summary."""
    for node in tree.exercised("AmuletRules_Transfer"):
        yield node["choice_argument"]["transfer"], node["exercise_result"]["summary"]


def _any_amount(tree: Tree, field: str) -> bool:
    amounts = [summary[field] for _, summary in transfers(tree)]
    return any(
        Decimal(one) for text in amounts for one in ([text] if isinstance(text, str) else text)
    )


def _is_ratio(tree: Tree, ratio: str) -> bool:
    outputs = [output for transfer, _ in transfers(tree) for output in transfer["outputs"]]
    return any(Decimal(one["receiverFeeRatio"]) == Decimal(ratio) for one in outputs)


def _executed(tree: Tree, *, nests: bool, reports: bool) -> bool:
    """An allocation of the first standard is paid, with these things below it."""
    below = {"AmuletRules_Transfer": nests, REPORT: reports}
    choice = "Allocation_ExecuteTransfer"
    paid = tree.exercised(choice, "AmuletAllocation")
    return bool(paid) and all(tree.over(choice, one) is there for one, there in below.items())


def _wraps(tree: Tree, choice: str) -> bool:
    """The second standard's choice, which consumes nothing, over the first's of the same name."""
    return any(
        not outer["consuming"]
        and interface(outer).endswith("InstructionV2:TransferInstruction")
        and any(
            interface(inner).endswith("InstructionV1:TransferInstruction")
            and (inner["choice"], inner["contract_id"]) == (choice, outer["contract_id"])
            for inner in tree.below(outer)
        )
        for outer in tree.exercised(choice)
    )


def _packages(tree: Tree) -> set[str]:
    ours = [node for node in tree.nodes.values() if node["package_name"] == "splice-amulet"]
    return {node["template_id"].partition(":")[0] for node in ours}


def _command(tree: Tree, result: str, below: str) -> bool:
    """A command with this result, and this choice right below it."""
    return any(
        node["exercise_result"]["result"]["tag"].endswith(result)
        and below in [tree.nodes[one].get("choice") for one in node["child_event_ids"]]
        for node in tree.exercised("TransferCommand_Send")
    )


def _inputs(tree: Tree) -> set[str]:
    return {one["tag"] for transfer, _ in transfers(tree) for one in transfer["inputs"]}


def _is_free(tree: Tree) -> bool:
    bought = [node for choice in _PREAPPROVALS for node in tree.exercised(choice)]
    return any(not Decimal(node["exercise_result"]["amuletPaid"]) for node in bought)


def _keeps(tree: Tree) -> bool:
    settled = tree.exercised("Allocation_Settle")
    return any(node["choice_argument"]["nextIterationFunding"] for node in settled)


Due = Callable[[Mixture], bool]


def _of(*generations: Generation) -> Due:
    return lambda mixture: not {*mixture.live, *mixture.old}.isdisjoint(generations)


def _always(_: Mixture) -> bool:
    return True


def _together(mixture: Mixture) -> bool:
    return Coin.TOGETHER in mixture.coin


_FEES = _of(Generation.FIRST, Generation.FEES)
_NESTED = _of(Generation.FIRST, Generation.FEES, Generation.NESTED)
_PLAIN = _of(Generation.PLAIN)
_SINCE_PLAIN = _of(Generation.PLAIN, Generation.REPORTED)
_FUNDED = _of(Generation.NESTED, Generation.PLAIN, Generation.REPORTED)
_REPORTED = _of(Generation.REPORTED)

# When a shape is due, and how it is told from others.
SHAPES: dict[str, tuple[Due, Callable[[Tree], bool]]] = {
    "an output costs a fee": (_FEES, lambda tree: _any_amount(tree, "outputFees")),
    "change costs a fee": (_FEES, lambda tree: _any_amount(tree, "senderChangeFee")),
    "coins put in have aged": (_FEES, lambda tree: _any_amount(tree, "holdingFees")),
    "a receiver pays half a fee": (_FEES, lambda tree: _is_ratio(tree, "0.5")),
    "a receiver pays a fee": (_FEES, lambda tree: _is_ratio(tree, "1")),
    "a coin expires": (_NESTED, lambda tree: bool(tree.exercised("Amulet_Expire"))),
    "a coin expires, V2": (_SINCE_PLAIN, lambda tree: bool(tree.exercised("Amulet_ExpireV2"))),
    "a locked coin expires": (
        _NESTED,
        lambda tree: bool(tree.exercised("LockedAmulet_ExpireAmulet")),
    ),
    "a locked coin expires, V2": (
        _SINCE_PLAIN,
        lambda tree: bool(tree.exercised("LockedAmulet_ExpireAmuletV2")),
    ),
    "expiry is reported": (_REPORTED, lambda tree: tree.over("Amulet_ExpireV2", REPORT)),
    **{
        f"{name} on Canton's name service": (
            _always,
            lambda tree, choice=choice: any(
                node.get("choice") == choice for node in tree.nodes.values()
            ),
        )
        for name, choice in {
            "a name is bought": "AnsRules_CollectInitialEntryPayment",
            "a name is renewed": "AnsRules_CollectEntryRenewalPayment",
            "a name is refused": "AnsRules_RejectEntryInitialPayment",
        }.items()
    },
    "an allocation is paid by a transfer": (
        _NESTED,
        lambda tree: _executed(tree, nests=True, reports=False),
    ),
    "an allocation is paid by coins alone": (
        _PLAIN,
        lambda tree: _executed(tree, nests=False, reports=False),
    ),
    "an allocation is paid and reported": (
        _REPORTED,
        lambda tree: _executed(tree, nests=False, reports=True),
    ),
    "an allocation of version 1 is settled by version 2": (
        _REPORTED,
        lambda tree: bool(tree.exercised("Allocation_Settle", "AmuletAllocation")),
    ),
    "an allocation of version 2 is settled": (
        _REPORTED,
        lambda tree: bool(tree.exercised("Allocation_Settle", "AmuletAllocationV2")),
    ),
    "a trade has several legs": (_REPORTED, lambda tree: len(tree.legs()) > 1),
    "a leg burns": (
        _REPORTED,
        lambda tree: any(leg["receiver"]["id"] == "cip-112/burn" for leg in tree.legs()),
    ),
    "coin is kept for a next round": (_REPORTED, _keeps),
    **{
        f"{choice} of version 2 is around that of version 1": (
            _REPORTED,
            lambda tree, choice=choice: _wraps(tree, choice),
        )
        for choice in (f"TransferInstruction_{verb}" for verb in ("Accept", "Reject", "Withdraw"))
    },
    "both parties transfer at once": (
        _REPORTED,
        lambda tree: any(
            interface(node).endswith("V2:TransferFactory")
            for node in tree.exercised("TransferFactory_Transfer")
        ),
    ),
    "a preapproval is free": (_SINCE_PLAIN, _is_free),
    "two versions of the package": (_together, lambda tree: len(_packages(tree)) > 1),
    "an unlock is reported": (
        _REPORTED,
        lambda tree: tree.over("LockedAmulet_UnlockV2", REPORT, "AmuletEventLog"),
    ),
    "an owner's unlock is reported": (
        _REPORTED,
        lambda tree: tree.over("LockedAmulet_OwnerExpireLockV2", REPORT, "AmuletEventLog"),
    ),
    "a transfer is reported on AmuletRules": (
        _REPORTED,
        lambda tree: tree.over("AmuletRules_Transfer", REPORT, "AmuletRules"),
    ),
    "a send is reported on ExternalPartyConfigState": (
        _REPORTED,
        lambda tree: tree.over("TransferPreapproval_SendV2", REPORT, "ExternalPartyConfigState"),
    ),
    "a command shows its send": (
        _always,
        lambda tree: _command(tree, "Success", "TransferPreapproval_Send"),
    ),
    "a command hides its send": (
        _always,
        lambda tree: _command(tree, "Success", "AmuletRules_Transfer"),
    ),
    "a command fails and merges": (
        _NESTED,
        lambda tree: _command(tree, "Failure", "AmuletRules_Transfer"),
    ),
    **{
        f"{tag} is put in": (due, lambda tree, tag=f"Input{tag}": tag in _inputs(tree))
        for tag, due in {
            "Amulet": _always,
            "AppRewardCoupon": _NESTED,
            "RewardCouponV2": _SINCE_PLAIN,
            "SvRewardCoupon": _always,
            "ValidatorLivenessActivityRecord": _always,
            "ValidatorRewardCoupon": _always,
            "UnclaimedActivityRecord": _FUNDED,
            "DevelopmentFundCoupon": _FUNDED,
        }.items()
    },
}


@pytest.mark.parametrize("era", Era, ids=lambda era: era.value)
def test_an_era_emits_each_shape_that_is_due_and_no_other(era):
    trees, _ = emitted(era)
    met = {name for name, (_, is_met) in SHAPES.items() if any(map(is_met, trees))}
    assert met == {name for name, (is_due, _) in SHAPES.items() if is_due(MIXTURES[era])}


def test_each_choice_that_the_rules_know_is_emitted():
    trees = [tree for era in Era for tree in emitted(era)[0]]
    nodes = [node for tree in trees for node in tree.nodes.values() if "choice" in node]
    met = {
        (node["template_id"].partition(":")[2], interface(node), node["choice"]) for node in nodes
    }
    assert met >= {*RULES, *QUIET}
