"""What a check found on this machine: that it is well, or what is wrong and what to type."""

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
        """What is wrong, and what to type."""
        return ": ".join(filter(None, (self.say, self.type_this)))


def well(what: str, say: str) -> Finding:
    """Nothing is wrong there."""
    return Finding(what, "ok", say)


def refused(what: str, error: CommandFailed) -> Finding:
    """What stopped a check, as a finding: `CommandFailed` says what to type after a colon."""
    message = str(error)
    say, _, type_this = message.partition(": ")
    return (
        Finding(what, "fail", message)
        if say.endswith(" failed")  # what follows is somebody's reason
        else Finding(what, "fail", say, type_this)
    )


def failures(found: Iterable[Finding]) -> Iterator[Finding]:
    """Those that stop `make up`."""
    return (one for one in found if one.state == "fail")
