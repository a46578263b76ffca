"""Keeps the tables of the documents what the arithmetic says: blocks between two comments.

<!-- python -m infra.growth: NAME -->
…
<!-- end -->
"""

import re
from collections.abc import Mapping
from pathlib import Path

DOCUMENTS = (Path("docs/cloud.md"), Path("docs/cloud-growth.md"))
_BLOCK = re.compile(
    r"(?P<begin><!-- python -m infra\.growth: (?P<name>[a-z-]+) -->\n).*?(?P<end><!-- end -->)",
    re.DOTALL,
)


class NoSuchTable(Exception):
    """A document names a table that there isn't."""


def names(text: str) -> list[str]:
    """The tables that a document has, in their order."""
    return [match["name"] for match in _BLOCK.finditer(text)]


def filled(text: str, tables: Mapping[str, str]) -> str:
    """The document with its tables as they are now; all else stays.

    Raises:
        NoSuchTable: It names one that isn't among them.
    """

    def fill(match: re.Match[str]) -> str:
        name = match["name"]
        if name not in tables:
            raise NoSuchTable(f"no table {name}; there are {', '.join(tables)}")
        return f"{match['begin']}\n{tables[name]}\n\n{match['end']}"

    return _BLOCK.sub(fill, text)
