"""The how-tos work as they are written, all of them together, `make check` included."""

import pytest

from tests.clone import ROOT
from tests.cloud.how_to import copied, named_tests

PAGES = sorted((ROOT / "docs/how-to").glob("add-a-*.md"))
# Run here beside the tests that the pages write; the others that they name take minutes.
QUICK = "tests/unit/"


@pytest.mark.timeout(900)
def test_what_is_to_be_added_can_be_added_as_it_stands_there(tmp_path):
    copy = copied(tmp_path)
    changed = {file for page in PAGES for file in copy.follow(page)}
    named = {
        page.stem: [one for one in named_tests(page) if one.startswith(QUICK) or one in changed]
        for page in PAGES
    }
    assert {"add-a-source", "add-a-table", "add-a-quality-rule"} <= {
        name for name, tests in named.items() if tests
    }
    assert copy.run("tools.reference") == "", "./pipeline docs, as pages say"
    assert copy.make("check") == ""
    tests = sorted({one for tests in named.values() for one in tests})
    assert copy.run("pytest", "-q", "-p", "no:cacheprovider", *tests) == ""
