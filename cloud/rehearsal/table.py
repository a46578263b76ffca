"""The table of a rehearsal's findings: one row per part, equal to production or not, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from services.tables import print_json, print_table


class Verdict(StrEnum):
    """The result of comparing a part of the rehearsal with production."""

    EQUAL = "equal"
    DIFFERS = "DIFFERS"  # and must not
    SWAPPED = "swapped"  # another address, on purpose
    STANDS_IN = "stands in"  # something else does the same
    NOT_HERE = "not here"  # can't be tried on a laptop


@dataclass(frozen=True)
class Row:
    """One part.

    Attributes:
        why: Of what isn't equal.
    """

    part: str
    production: str
    here: str
    verdict: Verdict
    why: str = ""


def equal(part: str, production: object, here: object) -> Row:
    """A part that must be as in production."""
    verdict = Verdict.EQUAL if production == here else Verdict.DIFFERS
    return Row(part, _text(production), _text(here), verdict)


def holds(part: str, production: str, here: str, *, is_so: bool) -> Row:
    """The same, where more than two values decide."""
    return Row(part, production, here, Verdict.EQUAL if is_so else Verdict.DIFFERS)


def is_passed(rows: Iterable[Row]) -> bool:
    """Tell whether at least one part is equal to production and none differs that must not."""
    verdicts = [row.verdict for row in rows]
    return Verdict.EQUAL in verdicts and Verdict.DIFFERS not in verdicts


def print_rows(rows: Sequence[Row], form: str) -> None:
    if form == "json":
        print_json([asdict(row) for row in rows])
        return
    for verdict, title in _TITLES.items():
        if found := [_shown(row) for row in rows if row.verdict is verdict]:
            print_table(found, title)


def _shown(row: Row) -> dict[str, str]:
    if row.verdict is Verdict.EQUAL:  # one value for both; production's, where it is another
        other = "" if row.production == row.here else f" ({row.production})"
        return {"part": row.part, "in production and here": f"{row.here}{other}"}
    here = {} if row.verdict is Verdict.NOT_HERE else {"here": row.here}
    why = {} if row.verdict is Verdict.DIFFERS else {"why": row.why}
    return {"part": row.part, "in production": row.production, **here, **why}


_TITLES = {
    Verdict.EQUAL: "equal to production",
    Verdict.SWAPPED: "swapped: addresses, on purpose",
    Verdict.STANDS_IN: "something else stands in",
    Verdict.NOT_HERE: "can't be tried here: docs/cloud.md says what to check on AWS",
    Verdict.DIFFERS: "DIFFERS, and must not",
}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, set | frozenset | list | tuple):
        items = sorted(map(str, value)) if isinstance(value, set | frozenset) else map(str, value)
        return ", ".join(items) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items()) or "nothing"
    return str(value)
