"""Whatever looks like Canton Coin and is none occurs in each era, in one of these ways."""

from collections.abc import Callable

import pytest

from mocks.canton_scan.eras import Era
from tests.unit.scan_mock.emitted import REPORT, Tree, emitted

LOOKALIKES: dict[str, Callable[[Tree], bool]] = {
    "another DSO party reports a mint": lambda tree: tree.is_foreign_report(
        "Amulet", is_of_dso=True
    ),
    "another DSO party's coin is paid": lambda tree: (
        tree.is_theirs() and bool(tree.exercised("AmuletRules_Transfer"))
    ),
    "an offer of another DSO party's coin is accepted": lambda tree: (
        tree.is_theirs() and bool(tree.exercised("TransferInstruction_Accept"))
    ),
    "a package of another name": lambda tree: any(
        node["package_name"] == "splice-amulet-fork" for node in tree.nodes.values()
    ),
    "a choice named like a report": lambda tree: any(
        node.get("choice") == REPORT and node["interface_id"] is None
        for node in tree.nodes.values()
    ),
    "another token is accepted": lambda tree: tree.is_other_token("TransferInstruction_Accept"),
    "another token is rejected": lambda tree: tree.is_other_token("TransferInstruction_Reject"),
    "another token is reported": lambda tree: tree.is_foreign_report("MOCK", is_of_dso=False),
    "another token of the same name is reported": lambda tree: tree.is_foreign_report(
        "Amulet", is_of_dso=False
    ),
}


@pytest.mark.parametrize("era", Era, ids=lambda era: era.value)
def test_what_only_looks_like_coin_does_so_in_one_of_these_ways_and_all_of_them_occur(era):
    _, trees = emitted(era)
    ways = [[name for name, is_met in LOOKALIKES.items() if is_met(tree)] for tree in trees]
    assert {len(way) for way in ways} == {1}
    assert {way for (way,) in ways} == set(LOOKALIKES)
