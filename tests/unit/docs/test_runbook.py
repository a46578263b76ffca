"""The runbook has an entry for each alert and each finding of the doctor, with a test that is."""

import ast
import re

import pytest

from services.alerts import KINDS
from tests.runbook import FILE, entries
from tests.unit.docs.documents import ROOT, Document

RUNBOOK = Document(FILE)
FINDINGS = {"Finding", "warn", "fail", "refused"}
LABELS = ["Symptom", "See", "Type", "Takes", "Test"]
TEST = re.compile(r"tests/[\w/]+\.py(?:::(\w+))?")
CHECKS = [*ROOT.glob("local/*/checks/*.py"), ROOT / "local" / "support" / "doctor.py"]


def rows():
    """The cells of all tables with five columns, without their heads."""
    lines = [line for line in RUNBOOK.text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if len(row) == len(LABELS) and row[-1] != "Test"]


def findings():
    """The first word of each finding that the checks report where something isn't well."""
    return {name for file in CHECKS for name in findings_of(ast.parse(file.read_text()))}


def findings_of(tree):
    constants = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in FINDINGS:
            what = node.args[0]
            if isinstance(what, ast.Constant):
                yield what.value
            elif isinstance(what, ast.Name):
                yield constants[what.id]
            elif isinstance(what, ast.JoinedStr):
                yield f"{what.values[0].value}…"


def test_every_kind_of_alert_has_an_entry_and_no_entry_is_left_over():
    assert list(entries()) == list(KINDS)
    assert all(list(one) == LABELS for one in entries().values())


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_what_an_alert_says_to_type_stands_in_its_entry(kind):
    entry = entries()[kind.name]
    assert f"`{kind.type_this}" in entry["See"] + entry["Type"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_an_alert_of_the_cloud_says_what_can_be_typed_there(kind):
    typed = kind.what_to_type("canton-prod")
    assert typed.split()[0] in {"aws", ".venv/bin/prefect", ".venv/bin/python"}
    rows = [one for one in RUNBOOK.text.splitlines() if one.startswith("| [")]
    (row,) = (one for one in rows if f"[{kind.name}](#{kind.name})" in one)
    assert row.endswith(f"| `{typed}` |")


def test_every_finding_of_the_doctor_has_an_entry():
    assert len(findings()) > 20
    assert findings() - {row[0] for row in rows()} == set()


def test_every_entry_names_a_test_that_is_there():
    named = [row[-1] for row in rows()] + [one["Test"] for one in entries().values()]
    assert len(named) > len(KINDS) + 20
    assert [one for one in named if not is_test(one)] == []


def is_test(text):
    found = TEST.fullmatch(text.strip("`"))
    file = ROOT / text.strip("`").partition("::")[0]
    return bool(found) and file.is_file() and f"def {found[1] or 'test_'}" in file.read_text()


@pytest.mark.parametrize("name", KINDS)
def test_an_alerts_test_types_what_its_entry_says(name):
    file, _, test = entries()[name]["Test"].strip("`").partition("::")
    tree = ast.parse((ROOT / file).read_text())
    (body,) = (one for one in tree.body if getattr(one, "name", "") == test)
    assert f"to_type('{name}', " in ast.unparse(body)


@pytest.mark.parametrize(
    "text", ["`tests/unit/docs/test_runbook.py::test_none`", "`tests/none.py`", "by hand"]
)
def test_a_test_that_is_none_is_found(text):
    assert not is_test(text)
