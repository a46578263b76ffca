"""The result of a check of this machine: it is well, or what is wrong and what to type."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from local.console.errors import CommandFailed

State = Literal["ok", "warn", "fail"]  # fail: `make up` would stop there


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: What was looked at, in a word or two.
        say: What was found.
        type_this: What to type, or do; nothing where all is well.
        fix: Does it, if nothing can be lost by that; answers what it did.
    """

    what: str
    state: State
    say: str
    type_this: str = ""
    fix: Callable[[], str] | None = None

    @property
    def message(self) -> str:
        """The problem, then what to type."""
        return ": ".join(filter(None, (self.say, self.type_this)))


def well(what: str, say: str) -> Finding:
    """Nothing is wrong there."""
    return Finding(what, "ok", say)


def refused(what: str, error: CommandFailed) -> Finding:
    """Return a check's error as a finding; its text after the first colon says what to type."""
    message = str(error)
    say, _, type_this = message.partition(": ")
    return (
        Finding(what, "fail", message)
        if say.endswith(" failed")  # what follows is somebody's reason
        else Finding(what, "fail", say, type_this)
    )


def failures(found: Iterable[Finding]) -> Iterator[Finding]:
    """Return the findings that stop `make up`."""
    return (one for one in found if one.state == "fail")
