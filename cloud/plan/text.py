"""A plan as people and as programs read it."""

import json
import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from itertools import takewhile
from typing import Any

from cloud.plan.changes import Change
from cloud.plan.plan import Plan, Section

_MARKS = {"added": "+", "changed": "~", "removed": "-"}
_LONGEST, _BEFORE, _WIDTH = 160, 20, 120
_LONG_ONES = ("description", "parameter_openapi_schema", "pull_steps")


def as_json(plan: Plan) -> str:
    sections = [
        {name: value for name, value in asdict(one).items() if name != "is_brief"}
        for one in plan.sections
    ]
    whole = {
        "environment": plan.environment,
        "against": plan.against,
        "sections": sections,
        "broken": plan.broken,
    }
    return json.dumps(whole, indent=1)


def as_text(plan: Plan, *, is_whole: bool = False) -> str:
    """Render a plan as text for a person.

    Args:
        is_whole: Whether expected differences to local are listed one by one.
    """
    lines = [f"plan for {plan.environment}: {plan.against}"]
    for section in plan.sections:
        lines += ["", *_section(section, is_whole=is_whole)]
    broken = [f"broken: {len(plan.broken)}", *(f"  ! {problem}" for problem in plan.broken)]
    return "\n".join([*lines, "", *(broken if plan.broken else ["nothing is broken"])])


def _section(section: Section, *, is_whole: bool) -> Iterator[str]:
    count = _count(section)
    yield f"{section.title}: {count}" if count else section.title
    notes = section.notes
    if section.title == "beside local" and not is_whole and len(notes) > 1:
        notes = (f"{notes[0]} (--why tells them)",)
    yield from (f"  {note}" for note in notes)
    for kind, mark in _MARKS.items():
        found = [one for one in section.changes if one.kind == kind]
        if section.is_brief and kind != "changed":
            names = ", ".join(one.name for one in found)
            yield from textwrap.wrap(
                names, _WIDTH, initial_indent=f"  {mark} ", subsequent_indent=" " * 4,
                break_on_hyphens=False, break_long_words=False,
            )  # fmt: skip
        else:
            yield from (line for one in found for line in change_lines(one))
    yield from (f"  ! {problem}" for problem in section.problems)


def _count(section: Section) -> str:
    if section.changes:
        kinds = [one.kind for one in section.changes]
        return ", ".join(f"{kinds.count(one)} {one}" for one in _MARKS if one in kinds)
    return "" if section.notes or section.problems else "no change"


def change_lines(change: Change) -> Iterator[str]:
    yield f"  {_MARKS[change.kind]} {change.name}"
    for one in change.fields:
        before, after = _line(one.before), _line(one.after)
        if change.kind == "changed":
            yield f"      {one.path}: {_from_to(before, after)}"
        elif (one.before or one.after) and not one.path.startswith(_LONG_ONES):
            yield f"      {one.path}: {_cut(after if change.kind == 'added' else before)}"


def _from_to(before: str, after: str) -> str:
    """Both, each where it is long from a little before they part."""
    if max(len(before), len(after)) > _LONGEST:
        pairs = zip(before, after, strict=False)
        same = max(0, sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)) - _BEFORE)
        mark = "…" if same else ""
        before, after = mark + before[same:], mark + after[same:]
    return f"{_cut(before)} -> {_cut(after)}"


def _line(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text.replace("\n", " ") or '""'


def _cut(text: str) -> str:
    """Cut a text after `_LONGEST` characters; FORMAT=json has all of it."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
