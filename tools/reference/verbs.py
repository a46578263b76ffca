"""The page of make's verbs."""

from collections.abc import Iterator
from itertools import groupby

from local.console.variables import EVERYWHERE
from tools.reference.makefile import Verb, verbs
from tools.reference.markdown import anchor, table
from tools.reference.meanings import Meanings, meaning, read_meanings

_HEAD = """\
# Verbs

What `make` does here, and what each verb takes: `make VERB NAME=value`. A misspelt name is refused.
`make help` is the short form.
"""
_PLACES = {"embedded": "the state of `make run`", "stack": "the stack"}


def page() -> str:
    """The whole page, a heading a verb."""
    meanings, found = read_meanings(), verbs()
    parts = [_HEAD, _everywhere(meanings)]
    for group, members in groupby(found, key=lambda verb: verb.group):
        parts += _group(group, list(members), meanings)
    return "\n".join(parts)


def _everywhere(meanings: Meanings) -> str:
    rows = [[f"`{name}`", meanings["any"][name]] for name in sorted(EVERYWHERE)]
    return (
        "Every verb that acts on the stack, the state of `make run` or the cloud takes\n\n"
        + table(["Name", "Meaning"], rows)
    )


def _group(group: str, members: list[Verb], meanings: Meanings) -> Iterator[str]:
    yield f"## {group}\n"
    rows = [
        [f"[`make {verb.name}`](#{anchor(f'make {verb.name}')})", verb.says] for verb in members
    ]
    yield table(["Verb", "What it does"], rows)
    for verb in members:
        yield f"### make {verb.name}\n"
        yield f"{verb.says}.\n"
        if verb.names:
            yield _names(verb, meanings)


def _names(verb: Verb, meanings: Meanings) -> str:
    rows = [
        [f"`{name}`", _only(verb.where(name)) + meaning(meanings, verb.name, name)]
        for name in sorted(verb.names)
    ]
    return table(["Name", "Meaning"], rows)


def _only(place: str) -> str:
    return f"({_PLACES.get(place, place)} only) " if place else ""
