"""The tour of Prefect: written by people, but for the numbers of the lines that it names."""

import re
from pathlib import Path

PAGE = Path("docs/prefect-tour.md")
# A symbol, and the line that has it: `task` in [flows/steps.py:41](../flows/steps.py#L41).
PLACE = re.compile(r"`([^`]+)` in \[([\w./-]+):(\d+)\]\(\.\./\2#L\3\)")


def page(text: str | None = None) -> str:
    """The page, where each line that it names has the symbol: the nearest one that does."""
    return PLACE.sub(_renewed, PAGE.read_text() if text is None else text)


def problems(text: str | None = None) -> list[str]:
    return [
        f"{PAGE}: no line of {path} has {symbol}"
        for symbol, path, _ in PLACE.findall(PAGE.read_text() if text is None else text)
        if not lines_with(symbol, path)
    ]


def lines_with(symbol: str, path: str) -> list[int]:
    """The numbers of a file's lines that have a symbol; none where there is no such file."""
    lines = Path(path).read_text().splitlines() if Path(path).is_file() else []
    return [number for number, line in enumerate(lines, 1) if symbol in line]


def _renewed(place: re.Match[str]) -> str:
    symbol, path, number = place.groups()
    found = min(lines_with(symbol, path), key=lambda one: abs(one - int(number)), default=number)
    return f"`{symbol}` in [{path}:{found}](../{path}#L{found})"
