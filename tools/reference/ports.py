"""The page of ports."""

import re
from collections.abc import Iterator
from pathlib import Path

from local.embedded.debug import PORT as HERE
from local.stack.settings import DEBUG_PORT, FIRST_PORT, PORTS, PORTS_A_CLONE, SLOTS
from local.verbs import OPTIONS, VERBS
from tools.reference.markdown import table

COMPOSE = (Path("docker-compose.yml"), *sorted(Path("docker").glob("*.yml")))
_SERVICE = re.compile(r"  ([a-z][a-z-]*):")  # at the depth of services
_PUBLISHED = re.compile(r"127\.0\.0\.1:\$\{([A-Z0-9_]+)[^}]*\}:(\d+)")

_HEAD = f"""\
# Ports

Everything listens on 127.0.0.1 alone. `make run` takes any free ports, and prints them; a name of
the table chooses one for that run.

A stack's ports follow the folder of the clone: {len(PORTS)} in a row of {PORTS_A_CLONE}, at one of
{SLOTS:,} places above {FIRST_PORT:,}; a service that is added takes the next one, and no other port
moves. So two clones run side by side. `make up PREFECT_PORT=4200` moves one, and it stays there.
`./pipeline open` prints the addresses; `.stack/env` holds the numbers. A port that somebody else
has is refused with their name.

Debuggers look at the same ports in each clone, those of `.vscode/launch.json`: `./pipeline debug`
waits at {HERE}, and for the rules its warehouse listens at {int(HERE) + 1}. On the stack they are
{DEBUG_PORT} and {int(DEBUG_PORT) + 1}, `DEBUG_PORT` and `RULES_PORT` of `.stack/env`.
`--debug-port` moves a pair, given to `./pipeline debug` here and to `./pipeline up` for the stack:
two clones that debug at once need it.
"""


def page() -> str:
    titles = ["Name", "What listens", "Without Docker", "Stack", "Within its network"]
    rows: list[list[str]] = []
    inside = dict(_published())
    here, at_stack = _ports("embedded"), _ports("stack")
    for name in sorted({*here, *at_stack}):
        description = OPTIONS[name].description.removeprefix("the port of ")
        marks = ["yes" if name in taken else "" for taken in (here, at_stack)]
        rows.append([f"`{name}`", description, *marks, inside.get(name, "")])
    return f"{_HEAD}\n{table(titles, rows)}"


def _ports(place: str) -> set[str]:
    works = [verb.at[place] for verb in VERBS.values() if place in verb.at]
    return {name for work in works for name in work.takes if name.endswith("_PORT")}


def _published() -> Iterator[tuple[str, str]]:
    service = ""
    for line in "\n".join(file.read_text() for file in COMPOSE).splitlines():
        if found := _SERVICE.match(line):
            service = found[1]
        for name, port in _PUBLISHED.findall(line):
            yield name, f"`{service}:{port}`"
