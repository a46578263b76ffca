"""What a lock pins, and what changes between two."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Change:
    """A package that another lock pins to another version; None: it hasn't it at all."""

    name: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        """As a person reads it."""
        return f"{self.name} {self.before or '(new)'} -> {self.after or '(gone)'}"


def pins(lock: str) -> dict[str, str]:
    """Versions by package."""
    return dict(_PIN.findall(lock))


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """What differs, by name."""
    found = (Change(name, before.get(name), after.get(name)) for name in {*before, *after})
    return sorted(one for one in found if one.before != one.after)


def mixed(before: Mapping[str, str], kept: Collection[Change]) -> dict[str, str]:
    """The earlier pins with some of the changes."""
    versions = {**before, **{one.name: one.after for one in kept}}
    return {name: version for name, version in versions.items() if version}
