"""The order in which workers take tests: a long group that starts last is waited for alone."""

from pathlib import Path

from tests import groups

pytest_plugins = ["pytester"]
LONG = groups.FIRST[-1]


def test_the_longest_groups_come_first_and_the_others_keep_their_order(pytester):
    pytester.makepyfile(test_b="def test_b(): ...", test_a="def test_a(): ...")
    pytester.makepyfile(**{LONG.removesuffix(".py"): "def test_long(): ..."})
    run = pytester.inline_run("-p", "tests.groups", "test_b.py", "test_a.py", LONG)
    (collected,) = run.getcalls("pytest_collection_modifyitems")
    assert [item.name for item in collected.items] == ["test_long", "test_b", "test_a"]


def test_a_shared_fixture_makes_a_group_of_tests_in_several_files(pytester):
    shared = groups.SHARED[0]
    pytester.makeconftest(f"import pytest\n@pytest.fixture\ndef {shared}(): ...")
    pytester.makepyfile(
        test_a=f"def test_a({shared}): ...\ndef test_b(): ...", test_c=f"def test_c({shared}): ..."
    )
    items, _ = pytester.inline_genitems("-p", "tests.groups")
    found = {item.name: item.get_closest_marker("xdist_group").args for item in items}
    assert found == {"test_a": (shared,), "test_c": (shared,), "test_b": ("test_a.py",)}


def test_groups_that_come_first_exist():
    files = {path.name for path in Path(groups.__file__).parent.rglob("test_*.py")}
    assert set(groups.FIRST) <= files | {*groups.SHARED, groups.BROKEN}
    assert set(groups.BREAKING) <= files
