"""The verbs of the Makefile, and the names that each takes."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cloud.__main__ as cloud
import embedded.__main__ as embedded
import stack.__main__ as stack
from console.variables import EVERYWHERE

MAKEFILE = Path("Makefile")
_GROUP = re.compile(r"##@ (.*)")
_VERB = re.compile(r"([a-z0-9-]+):.*?## (.*)")
_NAMED = re.compile(r"\b([A-Z][A-Z_0-9]*)=|\$\(([A-Z][A-Z_0-9]*)\)|\$\(if \$\(([A-Z]+)\)")
# What isn't a name to be given, though it looks like one.
_MAKES_OWN = {"MAKEFILE_LIST", "CURDIR"}


@dataclass(frozen=True)
class Place:
    """Where verbs act: what they are called there, and what each takes."""

    name: str
    commands: Collection[str]
    variables: Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Verb:
    """A documented target.

    Attributes:
        name: As it is typed.
        group: The heading of `make help` that it stands under.
        says: Its line of `make help`.
        takes: By name of a place what may be given there; `make` is a recipe without a place.
    """

    name: str
    group: str
    says: str
    takes: Mapping[str, Collection[str]]

    @property
    def names(self) -> set[str]:
        """What it takes, wherever."""
        return {name for names in self.takes.values() for name in names}

    def where(self, name: str) -> str:
        """The only place where a name is taken, if the verb acts in others too."""
        places = [place for place, names in self.takes.items() if name in names]
        return "" if len(places) == len(self.takes) else " and ".join(places)


PLACES = (
    Place("embedded", embedded.COMMANDS, embedded.VARIABLES),
    Place("stack", stack.COMMANDS, stack.VARIABLES),
    Place("cloud", cloud.COMMANDS, cloud.VARIABLES),
)


def verbs(makefile: Path = MAKEFILE) -> list[Verb]:
    """All documented targets, in the order of `make help`."""
    return list(_verbs(makefile.read_text().splitlines()))


def is_everywhere(name: str) -> bool:
    """Whether a name is taken by every verb that has a place."""
    return name in EVERYWHERE


def _verbs(lines: list[str]) -> Iterator[Verb]:
    group = ""
    for number, line in enumerate(lines):
        if found := _GROUP.fullmatch(line):
            group = found[1]
        elif found := _VERB.fullmatch(line):
            takes = _in_places(found[1]) or {"make": _named(found[2], lines[number + 1 :])}
            yield Verb(found[1], group, found[2], takes)


def _in_places(verb: str) -> dict[str, Collection[str]]:
    return {place.name: place.variables.get(verb, ()) for place in PLACES if verb in place.commands}


def _named(says: str, after: list[str]) -> set[str]:
    """The names in a verb's line of help and in its recipe."""
    recipe: list[str] = []
    for line in after:
        if not line.startswith("\t"):
            break
        recipe.append(line)
    found = _NAMED.findall("\n".join([says, *recipe]))
    return {name for names in found for name in names if name} - _MAKES_OWN
