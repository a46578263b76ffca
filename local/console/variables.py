"""The variables on a verb's command line; unknown names are refused, not silently ignored."""

import difflib
from collections.abc import Collection, Mapping, MutableMapping
from pathlib import Path

from local.console.errors import CommandFailed

# The verbs that `make` has a target for.
IN_MAKE = frozenset(
    ("run", "dev", "up", "down", "trigger", "status", "doctor", "sql", "verify", "reset")
)
_GIVEN = "MAKE_VARIABLES"
# What `make` may be given with any verb: the Python that makes `.venv`.
_OF_MAKE = {"PYTHON"}


def as_typed(verb: str) -> str:
    """A verb as people type it."""
    return f"make {verb}" if verb in IN_MAKE else f"./pipeline {verb}"


def given(environment: Mapping[str, str]) -> list[str]:
    """The names on the command line, in the order of the alphabet."""
    return sorted({*environment.get(_GIVEN, "").split()} - _OF_MAKE)


def keep_given(environment: MutableMapping[str, str], told: Collection[str]) -> None:
    """Remember names that were given to `./pipeline`; the Makefile tells those of its own."""
    environment[_GIVEN] = " ".join(sorted({*given(environment), *told}))


def refuse_unknown(verb: str, known: Collection[str], environment: Mapping[str, str]) -> None:
    """Raise `CommandFailed` for a name that the verb doesn't know."""
    for name in given(environment):
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(sorted(known))}"
            raise CommandFailed(f"{as_typed(verb)} has no option {name}; {hint}")


def is_on(name: str, environment: Mapping[str, str], *, default: bool = False) -> bool:
    """Tell whether a variable is 1, not 0; an unset one has the default.

    Raises:
        CommandFailed: It is something else.
    """
    value = environment.get(name)
    if value not in {None, "", "0", "1"}:
        raise CommandFailed(f"{name}={value}: expected 1 or 0")
    return value == "1" if value else default


def state_root(environment: Mapping[str, str]) -> Path:
    """Return the folder of all state of `make run`: STATE, or `.local` by default."""
    return Path(environment.get("STATE") or ".local")
