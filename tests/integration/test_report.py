"""The tables at the end of `make run`."""

import re

import pytest

from local.console.prefect_api import LayerRun
from local.console.report import print_report
from tests.updates import ALICE, BOB, tap, transaction


def test_the_busiest_accounts_are_in_the_order_of_the_counts_that_are_shown(pipeline, scan, capsys):
    scan.add(
        transaction(tap(ALICE, "1000.0"), number=1),
        transaction(tap(BOB, "1.0"), number=2),
        transaction(tap(BOB, "1.0"), number=3),
    )
    line = pipeline(scan)
    line.run()
    capsys.readouterr()
    print_report(
        line.services.warehouse, line.network, [LayerRun("gold", "run-1", "Completed", 1.0)], []
    )
    printed = capsys.readouterr().out
    rows = re.findall(r"^(\S+)::\S+ +│ +(\d+) │", printed, re.MULTILINE)
    assert [count for _, count in rows] == ["2", "1"]


@pytest.mark.parametrize(
    ("is_loaded", "layers", "expected"),
    [
        (False, [], ["nothing is loaded yet: the same command without a flow loads all layers"]),
        (True, [], []),
        (True, ["silver"], ["layers"]),
        (True, ["bronze", "silver", "gold"], ["gold: busiest", "gold: latest", "layers"]),
    ],
)
def test_a_run_shows_what_it_did_and_not_what_runs_before_it_did(
    pipeline, scan, capsys, is_loaded, layers, expected
):
    line = pipeline(scan)
    if is_loaded:
        scan.add(transaction(tap(ALICE, "1000.0"), number=1))
        line.run()
    capsys.readouterr()
    runs = [LayerRun(layer, "run-1", "Completed", 1.0) for layer in layers]
    print_report(line.services.warehouse, line.network, runs, [])
    printed = capsys.readouterr().out
    told = re.findall(r"^(?:gold: \w+|layers|nothing is .*)", printed, re.MULTILINE)
    assert told == expected
    assert re.findall(r"^(\w+) +│ +\d", printed, re.MULTILINE) == layers
