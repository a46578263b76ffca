"""The variables that `make` was given: a misspelt one would otherwise do nothing, silently."""

import difflib
from collections.abc import Collection, Mapping

from local.console.errors import CommandFailed

# What the commands on data may be given, wherever the services run.
ON_DATA = {
    "sql": {"Q", "FORMAT"},
    "release": {"KEY"},
    "verify": set[str](),
    "faults": {"PROFILE", "TTL"},
    "clock": {"ADVANCE", "FREEZE", "SPEED"},
}
PLACES = ("stack", "embedded")
EVERYWHERE = {"PYTHON", "AT"}


def given(environment: Mapping[str, str]) -> list[str]:
    """The names on the command line; the Makefile tells them."""
    return environment.get("MAKE_VARIABLES", "").split()


def refuse_unknown(command: str, known: Collection[str], environment: Mapping[str, str]) -> None:
    """Raise `CommandFailed` for a name that the command doesn't know."""
    names = {*known, *EVERYWHERE}
    for name in given(environment):
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(sorted(names))}"
            raise CommandFailed(f"make {command} knows no {name}: {hint}")
    if (place := environment.get("AT")) and place not in PLACES:
        raise CommandFailed(f"AT={place} is neither of {', '.join(PLACES)}")


def is_on(name: str, environment: Mapping[str, str], *, default: bool = False) -> bool:
    """Whether a variable is 1; 0 says that it isn't.

    Raises:
        CommandFailed: It is something else.
    """
    value = environment.get(name)
    if value not in {None, "", "0", "1"}:
        raise CommandFailed(f"{name}={value} is neither 1 nor 0")
    return value == "1" if value else default
