"""A failed run ends with what to type; what it says must run as it stands."""

import subprocess
import tomllib

import pytest

from tests import what_next
from tests.clone import ROOT
from tools.reference.verbs import targets

pytest_plugins = ["pytester"]


def said(pytester, *options):
    result = pytester.runpytest_inprocess("-p", "tests.what_next", *options)
    return result.stdout.str().rpartition("what next")[2]


def test_each_failure_is_told_with_the_command_that_runs_it_alone(pytester):
    pytester.makepyfile(test_x="def test_a(): assert 0\ndef test_b(): ...\ndef test_c(): 1 / 0")
    told = said(pytester)
    assert "  make test T=test_x.py::test_a\n  make test T=test_x.py::test_c\n" in told
    assert "test_b" not in told
    assert "\nlogs: find " in told


def test_many_failures_are_counted(pytester):
    pytester.makepyfile("".join(f"def test_{n}(): assert 0\n" for n in range(12)))
    told = said(pytester)
    assert told.count("make test T=") == what_next.MOST
    assert "… and 2 more" in told


def test_a_run_without_failures_ends_with_one_line(pytester):
    pytester.makepyfile("def test_a(): ...")
    assert said(pytester).splitlines()[0] == ": make check, then commit"


def test_what_was_skipped_is_told_with_its_reason(pytester):
    pytester.makepyfile("import pytest\ndef test_a(): pytest.skip('no Docker engine')")
    assert "NOT RUN, 1 of them: no Docker engine" in said(pytester)


def test_a_child_s_log_is_named_where_a_failure_names_it(pytester):
    pytester.makepyfile("def test_a(): raise OSError('s3 ended; see /there/s3.log')")
    assert "\nlogs: /there/s3.log\n" in said(pytester)


def as_shell_reads(words):
    done = subprocess.run(
        ["sh", "-c", f"printf '%s\\n' {words}"], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("nodeid", "verb", "name"),
    [
        ("tests/unit/test_a.py::test_b@test_a.py", "test", "tests/unit/test_a.py::test_b"),
        ("tests/e2e/test_a.py::test_b@stack", "test-e2e", "tests/e2e/test_a.py::test_b"),
        ("tests/cloud/test_a.py::test_b", "test-cloud", "tests/cloud/test_a.py::test_b"),
        ("tests/unit/a.py::b[x y]", "test", "tests/unit/a.py::b[x y]"),
        ("tests/unit/a.py::b['$1\"]", "test", "tests/unit/a.py::b['$1\"]"),
    ],
)
def test_the_command_names_tier_and_test_through_both_shells(nodeid, verb, name):
    found_verb, assigned = as_shell_reads(what_next.command(nodeid).removeprefix("make "))
    assert found_verb == verb
    assert as_shell_reads(assigned.removeprefix("T=").replace("$$", "$")) == [name]


def test_each_tier_outside_make_test_is_run_by_a_verb_of_its_own():
    tests = (ROOT / "tests").glob("*/**/test_*.py")
    tiers = {f"tests/{file.relative_to(ROOT / 'tests').parts[0]}/" for file in tests}
    pytest_s = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]
    of_make_test = {f"{folder}/" for folder in pytest_s["ini_options"]["testpaths"]}
    assert tiers - of_make_test == {*what_next.VERBS}
    assert {*what_next.VERBS.values()} <= targets(ROOT / "Makefile").keys()


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("OSError: [Errno 28] No space left on device", "make reset IMAGES=1"),
        ("error: PREFECT_PORT=4200 is taken by another program", "ss -ltnp"),
        ("docker.errors.DockerException: Error while fetching server API version", "docker info"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'chromium'", "install chromium"),
        ("FileNotFoundError: No such file or directory: 'npm'", "nodejs.org"),
        ("FileNotFoundError: No such file or directory: 'docker-registry'", "docker-registry"),
    ],
)
def test_what_the_machine_lacks_is_told(text, advice):
    (found,) = what_next.causes([text])
    assert advice in found


def test_another_failure_has_no_such_cause():
    assert what_next.causes(["assert 1 == 2"]) == []
