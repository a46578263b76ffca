"""What the how-tos say works, as it is written there."""

import pytest

from tests.integration.docs.how_to import ROOT, HowTo

# What each page's quick tests are; the others it names need the outside world.
QUICK = ("tests/unit/", "tests/contract/scan/")


@pytest.mark.parametrize(
    "name", ["add-a-source", "add-a-table", "add-a-quality-rule", "add-a-fault"]
)
def test_a_how_to_can_be_followed(name, tmp_path):
    how_to = HowTo(ROOT / f"docs/how-to/{name}.md", tmp_path)
    changed = [file for file in how_to.follow() if file.endswith(".py")]
    chosen = [one for one in how_to.tests() if one[0].startswith(QUICK)]
    assert changed
    assert chosen, "it names no test that is quick enough to be tried here"
    assert how_to.run("ruff", "format", "--check", *changed) == ""
    assert how_to.run("ruff", "check", *changed) == ""
    for arguments in chosen:
        assert how_to.run("pytest", "-q", "-p", "no:cacheprovider", *arguments) == ""
