"""Groups of tests that run in one worker, one after the other, and the order of the groups.

A file's tests stay together, and all tests of a fixture that takes long to start. A worker takes
the next group when it is done with one: the longest have to come first, or the run ends with one
worker busy and the others idle. The tests of the stack are two groups, for two workers with a stack
each: most of their time is spent waiting.
"""

import pytest

SHARED = ("prefect_server", "stack")  # Prefect's server of the flows' tests, the stack of tests/e2e
# Files whose tests kill services and runs of the stack, start another beside it, or let old runs
# be deleted.
BROKEN = "broken stack"
BREAKING = (
    "test_clones.py",
    "test_growth.py",
    "test_recovery.py",
    "test_rehearsal.py",
    "test_restarts.py",
    "test_s3.py",
)
# Those that start whole stacks or runs, or many examples; `make test T=--durations=30` tells more.
FIRST = (
    "stack",
    BROKEN,
    "test_how_tos.py",
    "prefect_server",
    "test_make_run.py",
    "test_make_dev.py",
    "test_any_json.py",
    "test_schemathesis.py",
    "test_process.py",
    "test_generated_ledger.py",
)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group every test, and put the longest groups first."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item)))
    items.sort(key=lambda item: rank(group_of(item)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tests that aren't grouped would all pass, and each worker start everything for itself."""
    if getattr(session.config.option, "loadgroup", False):
        alone = [item.nodeid for item in session.items if "@" not in item.nodeid]
        if alone:
            raise pytest.UsageError(f"pytest-xdist groups no tests: {alone[0]}")


def group_of(item: pytest.Item) -> str:
    """The slow fixture that a test shares with others, or its file's name."""
    if item.path.parent.name == "e2e" and item.path.name in BREAKING:
        return BROKEN
    asked = getattr(item, "fixturenames", ())
    return next((name for name in SHARED if name in asked), item.path.name)


def rank(group: str) -> int:
    """Return a group's place in the queue; groups that aren't listed keep their order."""
    return FIRST.index(group) if group in FIRST else len(FIRST)
