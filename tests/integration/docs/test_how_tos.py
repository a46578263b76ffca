"""Checks that the steps of the how-tos work as they are written, and all of them together."""

from tests.integration.docs.how_to import ROOT, copied, named_tests

PAGES = sorted((ROOT / "docs/how-to").glob("add-a-*.md"))
# What is quick enough to be tried here; other tests that the pages name need the outside world.
QUICK = ("tests/unit/", "tests/contract/scan/")


def test_what_is_to_be_added_can_be_added_as_it_stands_there(tmp_path):
    copy = copied(tmp_path)
    changed = {file for page in PAGES for file in copy.follow(page) if file.endswith(".py")}
    chosen = {
        page.stem: [one for one in named_tests(page) if one.startswith(QUICK)] for page in PAGES
    }
    assert [name for name, tests in chosen.items() if not tests] == []
    assert copy.run("ruff", "format", "--check", *changed) == ""
    assert copy.run("ruff", "check", *changed) == ""
    quick = sorted({one for tests in chosen.values() for one in tests})
    assert copy.run("pytest", "-q", "-p", "no:cacheprovider", *quick) == ""
