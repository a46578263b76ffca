import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from services.tables import print_json, print_table

ROW = {
    "account": "alice::1220",
    "amount_cc": Decimal("1.10"),
    "zero": Decimal("0E-10"),
    "large": Decimal("1E+3"),
    "count": 7,
    "minute_at": datetime(2025, 12, 10, 16, 23, 25, 721430),  # noqa: DTZ001 -- TIMESTAMP_NTZ
    "seen_at": datetime(2025, 12, 10, 16, 23, tzinfo=UTC),
    "day": date(2025, 12, 10),
    "nothing": None,
    "is_known": True,
    "raw": {"amount": Decimal("2.50"), "path": ["é", None]},
}


def test_json_is_one_object_a_line_and_decimals_keep_their_digits(capsys):
    print_json([ROW, {"account": "bob"}])
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line) for line in lines] == [
        {
            "account": "alice::1220",
            "amount_cc": "1.10",
            "zero": "0.0000000000",
            "large": "1000",
            "count": 7,
            "minute_at": "2025-12-10 16:23:25.721430",
            "seen_at": "2025-12-10 16:23:00+00:00",
            "day": "2025-12-10",
            "nothing": None,
            "is_known": True,
            "raw": {"amount": "2.50", "path": ["é", None]},
        },
        {"account": "bob"},
    ]


def test_json_of_no_rows_is_nothing(capsys):
    print_json([])
    assert capsys.readouterr().out == ""


def cells(output):
    """The cells of the table's title, header and rows, without its frame."""
    return [
        [cell.strip() for cell in line.split("│")]
        for line in output.splitlines()
        if not line.startswith("──")
    ]


def test_a_table_shows_a_row_a_line_under_the_columns_names(capsys):
    print_table([ROW | {"raw": 1}, dict.fromkeys(ROW)], "rows")
    assert cells(capsys.readouterr().out) == [
        ["rows"],
        list(ROW),
        [
            *("alice::1220", "1.10", "0.0000000000", "1000", "7"),
            *("2025-12-10 16:23:25.721430", "2025-12-10 16:23:00+00:00", "2025-12-10"),
            *("", "True", "1"),
        ],
        [""] * len(ROW),
    ]


def test_nested_values_are_shown_as_json(capsys):
    print_table([{"raw": ROW["raw"]}])
    assert cells(capsys.readouterr().out)[1] == ['{"amount": "2.50", "path": ["é", null]}']


@pytest.mark.parametrize("text", ["[/x]", "[red]party[/red]", ":heart:", "https://x/[1]", "a|b"])
def test_a_table_shows_text_as_it_is(capsys, text):
    print_table([{text: text}], text)
    assert cells(capsys.readouterr().out) == [[text], [text], [text]]


@pytest.mark.parametrize(("length", "shown"), [(140, "x" * 140), (141, "x" * 139 + "…")])
def test_a_long_value_is_cut_in_a_table_alone(capsys, length, shown):
    row = {"payload": "x" * length}
    print_table([row])
    assert cells(capsys.readouterr().out)[1] == [shown]
    print_json([row])
    assert json.loads(capsys.readouterr().out) == row


def test_a_terminal_that_is_too_narrow_shows_a_row_as_a_block(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    print_table([{"account": "alice" * 5, "amount_cc": Decimal("1234567890123.45")}])
    assert cells(capsys.readouterr().out) == [
        ["account", "alice" * 5],
        ["amount_cc", "1234567890123.45"],
    ]


def test_a_table_says_that_there_is_nothing(capsys):
    print_table([])
    print_table([], "gold: busiest accounts")
    assert capsys.readouterr().out == "(no rows)\ngold: busiest accounts: no rows\n"
