"""The variables on a verb's command line; unknown names are refused, not silently ignored."""

import difflib
from collections.abc import Collection, Mapping, MutableMapping
from pathlib import Path

from local.console.errors import CommandFailed

# The verbs that `make` has a target for.
IN_MAKE = frozenset(
    ("run", "dev", "up", "down", "trigger", "status", "doctor", "sql", "verify", "reset")
)
_TYPED = "MAKE_VARIABLES"
# What `make` may be given with any verb: the Python that makes `.venv`.
_OF_MAKE = {"PYTHON"}


def as_typed(verb: str) -> str:
    return f"make {verb}" if verb in IN_MAKE else f"./pipeline {verb}"


def typed_names(environment: Mapping[str, str]) -> list[str]:
    return sorted({*environment.get(_TYPED, "").split()} - _OF_MAKE)


def keep_typed(environment: MutableMapping[str, str], names: Collection[str]) -> None:
    """Remember the names typed after `./pipeline`; the Makefile passes those typed after `make`."""
    environment[_TYPED] = " ".join(sorted({*typed_names(environment), *names}))


def is_after_make(environment: Mapping[str, str]) -> bool:
    """Tell whether `make` calls, which takes NAME=value, not a person `./pipeline` with --name."""
    return "MAKELEVEL" in environment


def flag(name: str) -> str:
    """The option of a variable's name: --usd-rate of USD_RATE."""
    return f"--{name.lower().replace('_', '-')}"


def refuse_unknown(verb: str, options: Collection[str], environment: Mapping[str, str]) -> None:
    """Raise `CommandFailed` for a name that isn't an option of the verb."""
    if is_after_make(environment):
        command, shown = as_typed(verb), str
    else:
        command, shown = f"./pipeline {verb}", flag
    for name in typed_names(environment):
        if name not in options:
            close = difflib.get_close_matches(name, options, n=1)
            others = ", ".join(map(shown, sorted(options)))
            hint = f"did you mean {shown(close[0])}?" if close else f"it has {others}"
            raise CommandFailed(f"{command} has no option {shown(name)}; {hint}")


def is_on(name: str, environment: Mapping[str, str], *, default: bool = False) -> bool:
    """Tell whether a variable is 1, not 0; an unset one has the default."""
    value = environment.get(name)
    if value not in {None, "", "0", "1"}:
        raise CommandFailed(f"{name}={value}: expected 1 or 0")
    return value == "1" if value else default


def state_root(environment: Mapping[str, str]) -> Path:
    """Return the folder of all state of `make run`: STATE, or `.local` by default."""
    return Path(environment.get("STATE") or ".local")


def either_case(name: str, environment: Mapping[str, str]) -> str:
    """A variable that programs read in capitals or in small letters, such as HTTP_PROXY."""
    return environment.get(name) or environment.get(name.lower()) or ""
