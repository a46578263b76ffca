"""What a canary found, and how it came to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from canary.culprits import culprits
from canary.environment import Trial
from canary.pins import Change, changes, mixed
from console.errors import CommandFailed


class Installed(Protocol):
    """Where packages are tried; an `Environment`, or a test's own."""

    def install(self, versions: Mapping[str, str]) -> bool:
        """Whether exactly these could be installed, and go together."""
        ...

    def test(self, *chosen: str) -> Trial:
        """Run tests with them."""
        ...


@dataclass(frozen=True)
class Verdict:
    """Whether the newest packages are good, and why not.

    Attributes:
        tried: What is newer than the lock.
        failed: The tests that failed twice.
        unsteady: Those that failed once and then passed: no package is blamed for them.
        blamed: The fewest changes that make the tests fail; empty where the lock fails too.
    """

    ok: bool
    tried: Sequence[Change]
    failed: Sequence[str] = ()
    unsteady: Sequence[str] = ()
    blamed: Sequence[Change] = ()

    def text(self) -> str:
        """In Markdown, for a terminal and for a job's summary."""
        parts = [f"## Canary: {self._headline()}"]
        parts += _listed("The fewest changes that fail", self.blamed)
        parts += _listed("Failed twice", self.failed)
        parts += _listed("Failed once, then passed: no package is blamed", self.unsteady)
        parts += _listed("Newer than requirements/dev.txt", self.tried)
        return "\n".join(parts) + "\n"

    def _headline(self) -> str:
        if self.ok:
            return (
                "the newest packages are good" if self.tried else "nothing is newer than the lock"
            )
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

    Raises:
        CommandFailed: The newest can't be installed together.
    """
    locked, newest = versions
    tried = changes(locked, newest)
    if not tried:
        return Verdict(ok=True, tried=tried)
    say(f"testing with {len(tried)} newer packages")
    if not environment.install(newest):
        raise CommandFailed("the newest packages can't be installed together: make lock tells more")
    first = environment.test(*chosen)
    if first.ok:
        return Verdict(ok=True, tried=tried)
    say("some tests failed; once more those alone")
    again = environment.test(*(first.failed or chosen))
    unsteady = sorted({*first.failed} - {*again.failed})
    if again.ok:
        return Verdict(ok=True, tried=tried, unsteady=unsteady)
    tests = again.failed or tuple(chosen)

    def fails(kept: Sequence[Change]) -> bool:
        say(f"trying {len(kept)} of {len(tried)}: {', '.join(one.name for one in kept)}")
        return environment.install(mixed(locked, kept)) and not environment.test(*tests).ok

    blamed = [] if fails([]) else culprits(tried, fails)
    return Verdict(ok=False, tried=tried, failed=tests, unsteady=unsteady, blamed=blamed)
