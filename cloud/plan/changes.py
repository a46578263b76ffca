"""The differences between two pieces of plain data, field by field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["added", "changed", "removed"]
_NAMES = ("name", "slug", "Sid", "key")  # the fields that identify the members of a list


@dataclass(frozen=True)
class Field:
    """A value that differs; None where there is none.

    Args:
        path: Where it stands: ``containerDefinitions.flow.cpu``.
    """

    path: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """Something that a deploy would make, change or take away.

    Args:
        fields: What of it differs; of something that is added or removed all that it has.
    """

    kind: Kind
    name: str
    fields: tuple[Field, ...]


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """List the differences between two sets of things: added, then changed, then removed."""
    found = {
        name: tuple(differing(before.get(name, {}), after.get(name, {})))
        for name in sorted({*before, *after})
    }
    return [
        *(Change("added", name, found[name]) for name in found if name not in before),
        *(
            Change("changed", name, fields)
            for name, fields in found.items()
            if name in before and name in after and fields
        ),
        *(Change("removed", name, found[name]) for name in found if name not in after),
    ]


def differing(before: Any, after: Any, path: str = "") -> Iterator[Field]:
    """Each value that differs, in the order of their paths.

    A list whose members have names of their own is compared by these, so that one more of them
    doesn't make all that follow differ; any other list is one value.
    """
    one, other = _by_name(before), _by_name(after)
    if _is_group(one, other) or _is_group(other, one):
        for name in sorted({**(one or {}), **(other or {})}):
            here = f"{path}.{name}" if path else name
            yield from differing((one or {}).get(name), (other or {}).get(name), here)
    elif before != after:
        yield Field(path, before, after)


def _is_group(one: Any, other: Any) -> bool:
    return isinstance(one, dict) and bool(one) and (isinstance(other, dict) or other in (None, []))


def _by_name(value: Any) -> Any:
    """A list of things with names as a dictionary; anything else as it is."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return value
    for key in _NAMES:
        names = [one.get(key) for one in value if isinstance(one, dict)]
        if len(names) == len(value) == len(set(names)) and all(isinstance(n, str) for n in names):
            return {one[key]: {k: v for k, v in one.items() if k != key} for one in value}
    return list(value)
