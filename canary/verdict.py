"""What a canary found, and how it came to it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from canary.culprits import culprits
from canary.environment import Trial
from canary.pins import Change, changes, mixed
from console.errors import CommandFailed


class Installed(Protocol):
    """Where packages are tried; an `Environment`, or a test's own."""

    def install(self, versions: Mapping[str, str]) -> None:
        """Have exactly these packages; `CommandFailed` where they don't go together."""
        ...

    def test(self, *chosen: str) -> Trial:
        """Run tests with them."""
        ...


@dataclass(frozen=True)
class Verdict:
    """Whether the newest packages are good, and why not.

    Attributes:
        tried: What is newer than the lock.
        conflict: Why the newest can't be installed together, as the installer tells it.
        failed: The tests that failed twice, and pass with the locked packages.
        unsteady: Those that failed once and then passed: no package is blamed for them.
        standing: Those that fail with the locked packages too: likewise.
        blamed: The fewest changes that make the tests fail; empty where the lock fails alike.
    """

    ok: bool
    tried: Sequence[Change]
    conflict: str = ""
    failed: Sequence[str] = ()
    unsteady: Sequence[str] = ()
    standing: Sequence[str] = ()
    blamed: Sequence[Change] = ()

    def text(self) -> str:
        """In Markdown, for a terminal and for a job's summary."""
        parts = [f"## Canary: {self._headline()}"]
        parts += ["", "```", self.conflict, "```"] if self.conflict else []
        parts += _listed("The fewest changes that fail", self.blamed)
        parts += _listed("Failed twice", self.failed)
        parts += _listed("Failed once, then passed: no package is blamed", self.unsteady)
        parts += _listed("Fail with the locked packages too: no package is blamed", self.standing)
        parts += _listed("Newer than requirements/dev.txt", self.tried)
        return "\n".join(parts) + "\n"

    def _headline(self) -> str:
        if self.ok:
            return (
                "the newest packages are good" if self.tried else "nothing is newer than the lock"
            )
        if self.conflict:
            return "the newest packages can't be installed together"
        if self.blamed:
            return f"broken by {', '.join(str(one) for one in self.blamed)}"
        return "the tests fail with the locked packages too"


def _listed(title: str, items: Sequence[object]) -> list[str]:
    return ["", f"{title}:", "", *(f"- {one}" for one in items)] if items else []


def judge(
    environment: Installed,
    versions: tuple[Mapping[str, str], Mapping[str, str]],
    chosen: Sequence[str],
    say: Callable[[str], None],
) -> Verdict:
    """Test with the newest versions; where that fails twice, find which of them does it.

    Args:
        environment: Where they are tried.
        versions: Those of the lock, and the newest.
        chosen: The tests; empty: those of `make test`.
        say: Told of each step.
    """
    tried = changes(*versions)
    if not tried:
        return Verdict(ok=True, tried=tried)
    say(f"testing with {len(tried)} newer packages")
    try:
        environment.install(versions[1])
    except CommandFailed as error:
        return Verdict(ok=False, tried=tried, conflict=str(error))
    first = environment.test(*chosen)
    if first.ok:
        return Verdict(ok=True, tried=tried)
    say("some tests failed; once more those alone")
    again = environment.test(*(first.failed or chosen))
    unsteady = sorted({*first.failed} - {*again.failed})
    if again.ok:
        return Verdict(ok=True, tried=tried, unsteady=unsteady)
    search = _Search(environment, versions[0], again.failed or tuple(chosen), say)
    standing, blamed = search.outcome(tried)
    failed = [one for one in again.failed if one not in standing]
    return Verdict(
        ok=False, tried=tried, failed=failed, unsteady=unsteady, standing=standing, blamed=blamed
    )


@dataclass(frozen=True)
class _Search:
    """The search for what makes `tests` fail, which it begins with the locked packages."""

    environment: Installed
    locked: Mapping[str, str]
    tests: Sequence[str]
    say: Callable[[str], None]

    def outcome(self, tried: Sequence[Change]) -> tuple[list[str], list[Change]]:
        """The tests that fail with the lock too, and the fewest changes that break the others."""
        self.say("those alone with the locked packages")
        self.environment.install(self.locked)
        before = self.environment.test(*self.tests)
        standing = sorted(before.failed)
        others = [one for one in self.tests if one not in standing]
        if (self.tests and not others) or _fails(before, standing):
            return standing, []

        def fails(kept: Sequence[Change]) -> bool:
            told = ", ".join(one.name for one in kept)
            self.say(f"trying {len(kept)} of {len(tried)}: {told}")
            return self._fails_with(mixed(self.locked, kept), others, standing)

        return standing, culprits(tried, fails)

    def _fails_with(
        self, versions: Mapping[str, str], tests: Sequence[str], standing: Collection[str]
    ) -> bool:
        try:
            self.environment.install(versions)
        except CommandFailed:
            return False  # what can't be tried blames nobody
        return _fails(self.environment.test(*tests), standing)


def _fails(trial: Trial, standing: Collection[str]) -> bool:
    """Whether more fails than what always does; without a name, the run could not even begin."""
    return not trial.ok and not (trial.failed and {*standing}.issuperset(trial.failed))
