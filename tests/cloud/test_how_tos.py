"""The how-tos work as they are written, all of them together, `make check` included."""

import pytest

from tests.clone import ROOT
from tests.cloud.how_to import copied, named_tests, steps

PAGES = sorted((ROOT / "docs/how-to").glob("add-a-*.md"))
# Run here beside the tests that the pages write; the others that they name take minutes.
QUICK = "tests/unit/"
ROUNDS = "flows/bronze_rounds.py:bronze_rounds_flow"
FORGOTTEN = {
    "add-a-source": [
        "no migration makes bronze.canton_rounds_raw",
        "no file has bronze/canton_rounds_raw",
        "no statement() asks for bronze/canton_rounds_raw",
        f"prefect.yaml deploys what isn't in flows/: {ROUNDS}",
        "found undefined alias 'rounds'",
        f"prefect.yaml: no deployment of {ROUNDS} for pool docker",
        f"prefect.yaml: no deployment of {ROUNDS} for pool aws-ecs-prod",
        f"tests/integration/: none runs {ROUNDS}",
    ],
    "add-a-table": [
        "no migration makes gold.network_activity_day",
        "services/: nothing fills gold.network_activity_day",
        "Undefined name `_DELETE_DAYS`",
        "Undefined name `network_days`",
        "services/catalog.py: GOLD_KEYS has no key of gold.network_activity_day",
        "tests/integration/: no test asks for gold.network_activity_day",
    ],
    "add-a-service": [
        "docker-compose.yml: no service publishes PAGES",
        "local/console/ports.py: add at SERVICES' end: PAGES",
    ],
}
"""Words of `make check` where a step of a page was forgotten, in the order of the steps."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return copied(tmp_path_factory.mktemp("clone"))


@pytest.mark.timeout(1200)
def test_what_is_to_be_added_can_be_added_as_it_stands_there(copy):
    changed = {file for page in PAGES for file in copy.follow(page)}
    named = {
        page.stem: [one for one in named_tests(page) if one.startswith(QUICK) or one in changed]
        for page in PAGES
    }
    assert {*FORGOTTEN, "add-a-quality-rule"} <= {name for name, tests in named.items() if tests}
    found = copy.make("check").partition("Error: ./pipeline docs writes again ")[2]
    assert {"docs/prefect-tour.md", "docs/reference/ports.md"} <= {
        *found.splitlines()[0].split(", ")
    }
    assert copy.run("tools.reference") == "", "./pipeline docs, as pages say"
    assert copy.make("check") == ""
    tests = sorted({one for tests in named.values() for one in tests})
    assert copy.run("pytest", "-q", "-p", "no:cacheprovider", *tests) == ""

    for name, expected in FORGOTTEN.items():
        page = ROOT / f"docs/how-to/{name}.md"
        for step, said in zip(steps(page), expected, strict=True):
            with copy.without(step):
                assert said in copy.make("check")
