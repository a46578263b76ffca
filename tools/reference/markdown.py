"""Markdown's tables: written, and read."""

import re
from collections.abc import Iterator, Sequence

_CELL = re.compile(r"(?<!\\)\|")


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; a cell's bars and line breaks are made harmless."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines) + "\n"


def rows_under(text: str, title: str) -> Iterator[tuple[str, list[str]]]:
    """Heading and cells of each row of the tables whose first column is called `title`."""
    section, is_inside = "", False
    for line in text.splitlines():
        if line.startswith("#"):
            section = line.lstrip("# ")
        cells = [cell.strip().replace("\\|", "|") for cell in _CELL.split(line)[1:-1]]
        is_inside = bool(cells) and (is_inside or cells[0] == title)
        if is_inside and cells[0] != title and not cells[0].startswith("---"):
            yield section, cells


def anchor(heading: str) -> str:
    """Return the anchor that GitHub makes for a heading."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
