"""The verbs of the Makefile, and the names that each takes."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import takewhile
from pathlib import Path

from local.console.variables import EVERYWHERE

MAKEFILE = Path("Makefile")
_GROUP = re.compile(r"##@ (.*)")
_VERB = re.compile(r"([a-z0-9-]+):.*?## (.*)")
_NAMED = re.compile(r"\b([A-Z][A-Z_0-9]*)=|\$\(([A-Z][A-Z_0-9]*)\)")
_USED = re.compile(r"\$\((?:call )?([a-z_]+)")
_DEFINED = re.compile(r"^([a-z_]+) = (.*)$", re.MULTILINE)
_PLACE = re.compile(r"^\w+ = exec env .* -m ([\w.]+)$", re.MULTILINE)
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


def verbs(makefile: Path = MAKEFILE) -> list[Verb]:
    """All documented targets, in the order of `make help`."""
    text = makefile.read_text()
    places = [read_place(name) for name in _PLACE.findall(text)]
    return list(_verbs(text.splitlines(), places, dict(_DEFINED.findall(text))))


def read_place(name: str) -> Place:
    """A module that the Makefile hands verbs on to: what it says they are and take."""
    module = import_module(f"{name}.__main__")
    return Place(name.rpartition(".")[2], module.COMMANDS, module.VARIABLES)


def is_everywhere(name: str) -> bool:
    """Whether a name is taken by every verb that has a place."""
    return name in EVERYWHERE


def _verbs(lines: list[str], places: list[Place], defined: Mapping[str, str]) -> Iterator[Verb]:
    group = ""
    for number, line in enumerate(lines):
        if found := _GROUP.fullmatch(line):
            group = found[1]
        elif found := _VERB.fullmatch(line):
            takes = _in_places(found[1], places) or {
                "make": _named(found[2], lines[number + 1 :], defined)
            }
            yield Verb(found[1], group, found[2], takes)


def _in_places(verb: str, places: list[Place]) -> dict[str, Collection[str]]:
    return {place.name: place.variables.get(verb, ()) for place in places if verb in place.commands}


def _named(says: str, after: list[str], defined: Mapping[str, str]) -> set[str]:
    """The names in a verb's line of help and in its recipe, and in what that is defined by."""
    recipe = "\n".join(takewhile(lambda line: line.startswith("\t"), after))
    found = _NAMED.findall(f"{says}\n{recipe}")
    given = {name for names in found for name in names if name}
    return (given | _meant(recipe, defined)) - _MAKES_OWN


def _meant(recipe: str, defined: Mapping[str, str]) -> set[str]:
    """The names that a recipe's definitions, and theirs, stand for."""
    meant: set[str] = set()
    for used in set(_USED.findall(recipe)) & set(defined):
        text = defined[used]
        meant |= {name for _, name in _NAMED.findall(text) if name} | _meant(text, defined)
    return meant
