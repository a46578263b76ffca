"""The canary blames a package only where its upgrade, and nothing else, makes tests fail."""

import subprocess

import pytest

from canary.culprits import culprits
from canary.environment import Trial, node_ids
from canary.pins import Change, changes, mixed, pins
from canary.tree import make_tree
from canary.verdict import judge
from console.errors import CommandFailed
from tests.clone import ROOT

LOCKED = {"httpx": "1", "duckdb": "1", "polars": "1", "rich": "1", "gone": "1"}
NEWEST = {"httpx": "2", "duckdb": "2", "polars": "2", "rich": "1", "new": "1"}


class Fake:
    """Fails `tests` while all of `breaks` are at their newest, `always` ever, and `flaky` once."""

    def __init__(self, *breaks, flaky=(), always=(), tests=("tests/a.py::one",), apart=()):
        self.breaks, self.tests, self.apart = {*breaks}, tests, {*apart}
        self.flaky, self.always, self.installed = list(flaky), always, {}
        self.asked = []

    def install(self, versions):
        if self.apart and all(versions.get(name) == NEWEST[name] for name in self.apart):
            raise CommandFailed("polars 2 requires duckdb<2")
        self.installed = dict(versions)

    def test(self, *chosen):
        self.asked.append(chosen)
        broken = all(self.installed.get(name) == NEWEST[name] for name in self.breaks)
        failing = (*(self.tests if broken else ()), *self.always)
        failed = (*(one for one in failing if not chosen or one in chosen), *self.flaky)
        self.flaky = []
        return Trial(not failed, failed)


def judged(fake):
    return judge(fake, (LOCKED, NEWEST), (), lambda _: None)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 40])
@pytest.mark.parametrize("guilty", [{0}, {1, 5}, {0, 20, 39}], ids=str)
def test_the_fewest_culprits_are_found(count, guilty):
    guilty = {one % count for one in guilty}
    assert set(culprits(range(count), lambda kept: guilty <= {*kept})) == guilty


def test_one_culprit_of_many_is_found_in_few_trials():
    trials = []
    culprits(range(128), lambda kept: trials.append(kept) or 77 in kept)
    assert len(trials) <= 14


def test_pins_and_what_differs():
    lock = "# comment\nrich==15.0.0 ; python_version > '3' \\\n    --hash=sha256:ab\nruff==1.2\n"
    assert pins(lock) == {"rich": "15.0.0", "ruff": "1.2"}
    found = changes(LOCKED, NEWEST)
    assert [one.name for one in found] == ["duckdb", "gone", "httpx", "new", "polars"]
    assert mixed(LOCKED, found) == NEWEST
    assert mixed(LOCKED, []) == LOCKED


def test_a_tests_group_is_no_part_of_its_name():
    said = '{"tests/a.py::b[x@y]@a.py": true, "tests/a.py::b[x@y]": true, "tests/c.py": true}'
    assert node_ids(said) == ("tests/a.py::b[x@y]", "tests/c.py")


def test_the_changes_that_break_together_are_blamed_and_only_failed_tests_run_again():
    fake = Fake("duckdb", "polars")
    verdict = judged(fake)
    assert verdict.blamed == [Change("duckdb", "1", "2"), Change("polars", "1", "2")]
    assert not verdict.ok
    assert "broken by duckdb 1 -> 2, polars 1 -> 2" in verdict.text()
    assert {*fake.asked[1:]} == {fake.tests}


def test_a_test_that_passes_at_its_second_run_is_told_and_nothing_is_blamed():
    verdict = judged(Fake("rich", tests=(), flaky=("tests/a.py::unsteady",)))
    assert verdict.ok
    assert verdict.unsteady == ["tests/a.py::unsteady"]
    assert "tests/a.py::unsteady" in verdict.text()


def test_tests_that_fail_with_the_lock_too_are_nobodys_fault():
    fake = Fake()
    verdict = judged(fake)
    assert not verdict.ok
    assert not verdict.blamed
    assert verdict.standing == [*fake.tests]
    assert "the tests fail with the locked packages too" in verdict.text()


def test_a_test_that_always_fails_hides_no_culprit():
    fake = Fake("duckdb", always=("tests/a.py::always",))
    verdict = judged(fake)
    assert verdict.blamed == [Change("duckdb", "1", "2")]
    assert verdict.failed == [*fake.tests]
    assert verdict.standing == ["tests/a.py::always"]
    assert {*fake.asked[3:]} == {fake.tests}, "the search runs nothing that can blame nobody"
    assert "Fail with the locked packages too" in verdict.text()


def test_what_can_not_be_installed_together_is_told_in_the_installers_words():
    fake = Fake("duckdb", apart=("duckdb", "polars"))
    verdict = judged(fake)
    assert not verdict.ok
    assert not fake.asked
    assert "Canary: the newest packages can't be installed together" in verdict.text()
    assert "polars 2 requires duckdb<2" in verdict.text()


def test_a_mix_that_can_not_be_installed_blames_nobody():
    fake = Fake("duckdb", apart=("rich", "new"))
    assert judge(fake, (LOCKED, {**NEWEST, "rich": "0"}), (), lambda _: None).blamed == [
        Change("duckdb", "1", "2")
    ]


def test_make_in_the_copy_takes_the_canarys_packages_for_the_clones(tmp_path):
    venv = tmp_path / "venv"
    venv.mkdir()
    make_tree(ROOT, tmp_path / "tree", venv)
    (venv / ".complete").touch()
    asked = ["make", "--question", ".venv/.complete"]
    done = subprocess.run(asked, cwd=tmp_path / "tree", check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "tree" / ".venv").resolve() == venv


def test_the_copy_has_the_files_as_they_are_and_the_clones_revision(tmp_path):
    root, tree = tmp_path / "root", tmp_path / "tree"
    root.mkdir()
    for name in ("kept", "edited", "deleted"):
        (root / name).write_text("committed")
    (root / ".gitignore").write_text("/.venv")
    git(root, "init")
    git(root, "add", ".")
    git(root, "-c", "user.name=x", "-c", "user.email=x@example", "commit", "--message=x")
    (root / "edited").write_text("edited")
    (root / "deleted").unlink()
    (root / "new").write_text("new")
    make_tree(root, tree, tmp_path / "venv")
    assert git(tree, "rev-parse", "HEAD") == git(root, "rev-parse", "HEAD")
    wanted = " D deleted\n M edited\n?? new\n"
    assert git(tree, "status", "--porcelain") == git(root, "status", "--porcelain") == wanted
    assert (tree / "edited").read_text() == "edited"


def git(folder, *words):
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout
