"""The page of ports."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from embedded.__main__ import VARIABLES as EMBEDDED
from reference.markdown import table
from reference.meanings import meaning, read_meanings
from stack.__main__ import VARIABLES as STACK
from stack.settings import FIRST_PORT, PORTS, SLOTS

COMPOSE = Path("docker-compose.yml")
_PUBLISHED = re.compile(r"127\.0\.0\.1:\$\{([A-Z0-9_]+)[^}]*\}:(\d+)")

_HEAD = f"""\
# Ports

Everything listens on 127.0.0.1 alone. `make run` takes any free ports, and prints them; a name of
the table chooses one for that run.

A stack's ports follow the folder of the clone: {len(PORTS)} in a row, at one of {SLOTS:,} places
above {FIRST_PORT:,}. So two clones run side by side. `make up PREFECT_PORT=4200` moves one, and it
stays there. `make open` prints the addresses; `.stack/env` holds the numbers. A port that somebody
else has is refused with their name.
"""


def page() -> str:
    """The whole page."""
    titles = ["Name", "What listens", "`make run`", "`make up`", "Within the stack's network"]
    return f"{_HEAD}\n{table(titles, list(_rows()))}"


def _rows() -> Iterator[list[str]]:
    inside, meanings = dict(_published()), read_meanings()
    at_run, at_up = _ports(EMBEDDED["run"]), _ports(STACK["up"])
    for name in sorted(at_run | at_up | inside.keys()):
        verb = "up" if name in at_up else "run"
        says = meaning(meanings, verb, name).removeprefix("the port of ")
        yield [
            f"`{name}`", says, _mark(name in at_run), _mark(name in at_up), inside.get(name, ""),
        ]  # fmt: skip


def _ports(names: Any) -> set[str]:
    return {name for name in names if name.endswith("_PORT")}


def _published() -> Iterator[tuple[str, str]]:
    """By name of its variable, where a published port leads to."""
    services: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    for service, content in services.items():
        for port in content.get("ports", ()):
            if found := _PUBLISHED.fullmatch(str(port)):
                yield found[1], f"`{service}:{found[2]}`"


def _mark(is_so: bool) -> str:  # noqa: FBT001 -- a cell
    return "yes" if is_so else ""
