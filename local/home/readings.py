"""Readings of the home page's sources: an answer each, or the reason why there is none."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

WAREHOUSE, LANDING, PREFECT, SCAN, SLACK = "warehouse", "landing", "prefect", "scan", "slack"
DASHBOARD = "dashboard"


@dataclass(frozen=True)
class Reading:
    """A source's newest answer.

    Attributes:
        answer: As `local.home.sources` describes it; None where it was not read yet, or failed.
        problem: Why it failed, in a line; empty otherwise.
    """

    answer: Mapping[str, Any] | None = None
    problem: str = ""

    @property
    def is_pending(self) -> bool:
        """Tell whether the source was not read yet."""
        return self.answer is None and not self.problem


@dataclass(frozen=True)
class Readings:
    """The newest reading of each source that a place has."""

    by_source: Mapping[str, Reading] = field(default_factory=dict[str, Reading])

    def __getitem__(self, source: str) -> Reading:
        return self.by_source.get(source, Reading())

    def __contains__(self, source: str) -> bool:
        return source in self.by_source

    @property
    def is_pending(self) -> bool:
        """Tell whether a source was not read yet."""
        return any(one.is_pending for one in self.by_source.values())


def to_line(source: str, reading: Reading) -> str:
    """A reading as a line of JSON, as the reader prints it."""
    fields = {"source": source, "answer": reading.answer, "problem": reading.problem}
    return json.dumps(fields, default=_plain)


def from_line(line: str | bytes) -> tuple[str, Reading]:
    """The source and the reading of such a line."""
    fields = json.loads(line)
    return fields["source"], Reading(fields["answer"], fields["problem"])


def _plain(value: Any) -> str:
    """Instants as the warehouse has them, in UTC and without a zone; exact decimals."""
    match value:
        case datetime():
            return f"{value.isoformat()}Z"
        case Decimal():
            return str(value)
        case _:
            raise TypeError(f"{value!r} has no place in a line of JSON")
