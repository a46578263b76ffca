"""The tables at the end of `make run`."""

import re

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
    print_report(line.services.warehouse, line.network, [], [])
    printed = capsys.readouterr().out
    rows = re.findall(r"^(\S+)::\S+ +│ +(\d+) │", printed, re.MULTILINE)
    assert [count for _, count in rows] == ["2", "1"]
