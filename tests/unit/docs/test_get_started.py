"""The recording that a newcomer is told to write does what the page says."""

import subprocess

from mocks.canton_scan.replay import Recording
from services.accept import accept_page, network_of
from services.model import GENESIS
from services.quality import check_lines
from services.quality_rules import LINE_RULES
from tests.unit.docs.documents import ROOT, Document


def test_one_of_its_two_lines_breaks_the_rule_that_is_named(tmp_path):
    page = Document(ROOT / "docs/get-started.md")
    (text,) = page.blocks("json")
    (tmp_path / "odd.json").write_text(text)
    recording = Recording(tmp_path / "odd.json")
    body = b'{"transactions":[' + b",".join(recording.page(None, 1000)) + b"]}"
    accepted = accept_page(
        body,
        network=network_of(recording.dso_party_id),
        synchronizer_id=None,
        after=GENESIS,
        page_size=1000,
        source_url="",
    )
    (finding,) = [one for one in check_lines(accepted.lines, LINE_RULES) if one.offenders]
    told = f"{finding.rule} ({finding.severity}): {finding.offenders} of {finding.total}"
    assert told == "no_fraction_is_a_json_number (error): 1 of 2"
    assert f"`{told}`" in page.text


def test_what_a_newcomer_writes_is_ignored_by_git():
    (file,) = Document(ROOT / "docs/get-started.md").new_files()
    asked = subprocess.run(["git", "check-ignore", "--quiet", file], cwd=ROOT, check=False)
    assert asked.returncode == 0
