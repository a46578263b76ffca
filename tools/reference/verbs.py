"""The page of verbs."""

import re
from pathlib import Path

from local.console.variables import IN_MAKE, as_typed
from local.verbs import GROUPS, TEXT, Verb, flags
from tools.reference.markdown import anchor, table

_TARGET = re.compile(r"^([a-z0-9-]+):.*?## (.*)$", re.MULTILINE)
_HEAD = """\
# Verbs

`./pipeline VERB` does what there is to do here; `./pipeline VERB --help` tells what stands below.
An option may be an environment variable, too: `--usd-rate 0.2` is `USD_RATE=0.2`. What a verb
doesn't know is refused.

`make` has the verbs of every day as well, with options by those names: `make trigger USD_RATE=0.2`.
`make PYTHON=…` names the Python that `.venv` is made with, where `python3` is another.

`eval "$(_PIPELINE_COMPLETE=bash_source ./pipeline)"` lets Bash complete verbs and options;
`zsh_source` and `fish_source` do it for the others.
"""
_PLACES = {"embedded": "the state of `make run`", "stack": "the stack", "cloud": "`--env`"}


def page() -> str:
    parts = [_HEAD]
    for group, verbs in GROUPS.items():
        rows = [
            [f"[`{as_typed(name)}`](#{anchor(name)})", verb.description]
            for name, verb in verbs.items()
        ]
        parts += [f"## {group}\n", table(["Verb", "What it does"], rows)]
        for name, verb in verbs.items():
            parts += [f"### {name}\n", f"{verb.description}.\n"]
            if rows := [_row(verb, option) for option in sorted(verb.names)]:
                parts.append(table(["Option", "Variable", "Meaning"], rows))
    rows = [
        [f"`make {name}`", description]
        for name, description in targets().items()
        if name not in IN_MAKE
    ]
    parts += ["## Tests and quality\n", table(["Target", "What it does"], rows)]
    return "\n".join(parts)


def targets(makefile: Path = Path("Makefile")) -> dict[str, str]:
    return dict(_TARGET.findall(makefile.read_text()))


def _row(verb: Verb, name: str) -> list[str]:
    option, place, (plain, opposite) = verb.option(name), verb.where(name), flags(name)
    typed = f"`{plain}`" if option.kind in {TEXT, "switch"} else f"`{plain}`, `{opposite}`"
    only = f"({_PLACES.get(place, place)} only) " if place else ""
    typed = f"`{name}`" if name == verb.argument else typed
    return [typed, f"`{name}`", only + option.description]
