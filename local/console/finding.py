"""The result of a check of this machine: it is well, or what is wrong and what to type."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from local.console.errors import CommandFailed

State = Literal["ok", "warn", "fail"]  # fail: `make up` would stop there
Fix = Callable[[], str]


@dataclass(frozen=True)
class Finding:
    """The result of checking one thing.

    Attributes:
        type_this: The command to type, or the thing to do; empty if all is well.
        fix: Does it, if it can't lose anything; returns a description of what it did.
    """

    what: str
    state: State
    result: str
    type_this: str = ""
    fix: Fix | None = None

    @property
    def message(self) -> str:
        return ": ".join(filter(None, (self.result, self.type_this)))


def well(what: str, result: str) -> Finding:
    return Finding(what, "ok", result)


def warn(what: str, result: str, type_this: str = "", fix: Fix | None = None) -> Finding:
    """Something to know of, which doesn't stop `make up`."""
    return Finding(what, "warn", result, type_this, fix)


def fail(what: str, result: str, type_this: str, fix: Fix | None = None) -> Finding:
    """Something that stops `make up`."""
    return Finding(what, "fail", result, type_this, fix)


def refused(what: str, error: CommandFailed) -> Finding:
    """Return a check's error as a finding; the text after its first colon is `type_this`."""
    message = str(error)
    result, _, type_this = message.partition(": ")
    return (
        Finding(what, "fail", message)
        if result.endswith(" failed")  # what follows is somebody's reason
        else Finding(what, "fail", result, type_this)
    )


def failures(found: Iterable[Finding]) -> Iterator[Finding]:
    return (one for one in found if one.state == "fail")
