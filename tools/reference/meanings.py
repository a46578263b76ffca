"""What the names mean that verbs take: `local/console/verbs.yaml`, and the settings themselves."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from services.settings import setting_names
from tools.reference.makefile import Verb, is_everywhere

FILE = Path("local/console/verbs.yaml")
ANY = "any"
Meanings = Mapping[str, Mapping[str, str]]


def read_meanings(file: Path = FILE) -> Meanings:
    """By verb, or `any`, what each name means."""
    return yaml.safe_load(file.read_text())


def meaning(meanings: Meanings, verb: str, name: str) -> str:
    """What a name means to a verb; empty where nothing tells."""
    own = meanings.get(verb, {}).get(name) or meanings[ANY].get(name)
    return own or setting_names().get(name, "")


def problems(verbs: Sequence[Verb], meanings: Meanings) -> list[str]:
    """What is missing, and what nobody takes."""
    return [*_missing(verbs, meanings), *_superfluous(verbs, meanings)]


def _missing(verbs: Sequence[Verb], meanings: Meanings) -> Iterator[str]:
    for verb in verbs:
        for name in sorted(verb.names):
            if not meaning(meanings, verb.name, name):
                yield (
                    f"make {verb.name} takes {name}, and {FILE} doesn't say what it means:"
                    f" add it under {verb.name}, or under {ANY}"
                )


def _superfluous(verbs: Sequence[Verb], meanings: Meanings) -> Iterator[str]:
    taken = {verb.name: verb.names for verb in verbs}
    anywhere = {name for names in taken.values() for name in names}
    for verb, names in meanings.items():
        if verb not in {ANY, *taken}:
            yield f"{FILE} tells of make {verb}, which the Makefile hasn't: remove it"
            continue
        known = anywhere if verb == ANY else taken[verb]
        for name in names:
            if name not in known and not (verb == ANY and is_everywhere(name)):
                where = "no verb takes" if verb == ANY else f"make {verb} doesn't take"
                yield f"{FILE} tells what {name} means, which {where}: remove it"
