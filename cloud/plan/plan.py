"""The plan of a deploy: what it would do and what is broken, computed offline from plain data.

It compares what the program would make now with the record of the last deploy. The same working
copy and record give the same plan.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cloud.plan.beside_local import Comparison
from cloud.plan.changes import Change, changes
from cloud.plan.records import Record
from cloud.plan.source import Source
from cloud.plan.state import State, digest_of
from deployments.overrides import MOST_CHARACTERS

Things = Mapping[str, Any]


@dataclass(frozen=True)
class Target:
    """The target of a plan: what a deploy from this working copy would make.

    Args:
        service_digest: Of the image that the infrastructure's services run; None: none runs.
        problems: Settings, secrets and outputs that are missing or can't work.
        notes: Steps that are left to do.
    """

    environment: str
    source: Source
    state: State
    graph: Things
    service_digest: str | None
    comparison: Comparison
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Last:
    """The last deploy: its record, and the infrastructure's resources at that time."""

    record: Record
    graph: Things


@dataclass(frozen=True)
class Section:
    """A part of a plan.

    Args:
        is_brief: Whether a person is told only the names of what is added or removed.
    """

    title: str
    notes: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    problems: tuple[str, ...] = ()
    is_brief: bool = False


@dataclass(frozen=True)
class Plan:
    """The plan for deploying to one environment."""

    environment: str
    against: str
    sections: tuple[Section, ...] = field(default=())

    @property
    def broken(self) -> list[str]:
        return [problem for section in self.sections for problem in section.problems]


def make_plan(target: Target, last: Last | None) -> Plan:
    before = last.record.state if last else None
    return Plan(
        target.environment,
        _against(last),
        (
            _image(target, last),
            _things("deployments", before, target.state),
            _things("pools", before, target.state, title="task definition and pools"),
            _infrastructure(target, last),
            _things("automations", before, target.state, is_brief=True),
            _values(before, target.state),
            _migrations(before, target.state),
            _outputs(before, target.state),
            Section("settings and secrets", target.notes, problems=target.problems),
            _beside_local(target.comparison),
            _overrides(target.comparison),
        ),
    )


def _against(last: Last | None) -> str:
    if last is None:
        return "nothing was deployed yet"
    record = last.record
    what = f"rollback to {record.rollback_of}" if record.rollback_of else "deploy"
    return f"since the {what} {record.name} by {record.person} (commit {record.commit[:12]})"


def _image(target: Target, last: Last | None) -> Section:
    state, source = target.state, target.source
    now = last.record.state.image if last else "none"
    notes = [f"now: {now}"]
    if last and last.record.state.image_inputs == state.image_inputs:
        notes.append(f"to be: the same; what it is made of is as in {state.image_commit[:12]}")
    else:
        notes.append(
            f"to be: built from {source.commit[:12]}; its digest is known once it is built"
        )
    if source.uncommitted:
        listed = ", ".join(source.uncommitted[:5]) + (" …" if len(source.uncommitted) > 5 else "")
        notes.append(f"not committed, so ./pipeline deploy would refuse: {listed}")
    digest, deployed = target.service_digest, digest_of(last.record.state.image) if last else None
    if digest and deployed and digest != deployed:
        notes.append(
            f"services run {digest}, flows {deployed}:"
            " tasks.image_digest and pulumi up bring them together"
        )
    return Section("image", tuple(notes))


def _things(
    name: str, before: State | None, after: State, *, title: str = "", is_brief: bool = False
) -> Section:
    there = getattr(before, name) if before else {}
    found = changes(there, getattr(after, name))
    return Section(title or name, changes=tuple(found), is_brief=is_brief)


def _outputs(before: State | None, after: State) -> Section:
    found = changes({"outputs": before.outputs} if before else {}, {"outputs": after.outputs})
    return Section("outputs used", changes=tuple(found), is_brief=True)


def _infrastructure(target: Target, last: Last | None) -> Section:
    found = changes(last.graph if last else {}, target.graph)
    notes = ("pulumi up makes these; ./pipeline deploy doesn't",) if found else ()
    return Section("infrastructure", notes, tuple(found), is_brief=True)


def _values(before: State | None, after: State) -> Section:
    """Variables and limits: one that is there stays as a person turned it."""
    there = {**before.variables, **before.limits} if before else {}
    planned = {**after.variables, **after.limits}
    found = changes(
        {name: {"value": value} for name, value in there.items()},
        {name: {"value": value} for name, value in planned.items()},
    )
    changed = any(one.kind == "changed" for one in found)
    notes = ("what is on the server stays as it is there",) if changed else ()
    return Section("variables and limits", notes, tuple(found))


def _migrations(before: State | None, after: State) -> Section:
    there, planned = (
        {name: {"checksum": one} for name, one in (state.migrations if state else {}).items()}
        for state in (before, after)
    )
    found = changes(there, planned)
    is_new = any(one.kind == "added" for one in found)
    notes = ("python -m services migrate makes these, before ./pipeline deploy",) if is_new else ()
    edited = [f"migration {one.name} was edited" for one in found if one.kind == "changed"]
    return Section("migrations", notes, tuple(found), tuple(edited), is_brief=True)


def _beside_local(comparison: Comparison) -> Section:
    found = comparison.differences
    notes = [f"{len(found)} differences, each for a reason"]
    notes += [f"{one.where}: {one.docker} -> {one.ecs} ({one.why})" for one in found]
    return Section("beside local", tuple(notes))


def _overrides(comparison: Comparison) -> Section:
    sizes = comparison.overrides
    most = max(sizes.values(), default=0)
    notes = (f"{most:,} of {MOST_CHARACTERS:,} characters at most",) if sizes else ()
    problems = [
        f"{name}: overrides of {size:,} characters; ECS takes {MOST_CHARACTERS:,}"
        for name, size in sizes.items()
        if size > MOST_CHARACTERS
    ]
    return Section("a run's overrides", notes, problems=tuple(problems))
