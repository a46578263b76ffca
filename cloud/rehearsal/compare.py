"""Checks of containers against their task definitions, and of these against production's."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cloud.infra.fargate import explain_size
from cloud.rehearsal.swaps import Swap
from cloud.rehearsal.table import Row, Verdict, equal, holds
from deployments.overrides import MOST_CHARACTERS
from deployments.pools import Pool, filled

MIB = 2**20
CPU_UNITS = 1024
# What Fargate's stand-in adds (mocks/fargate/containers.py)
KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}

Definition = Mapping[str, Any]


def production_definition(pool: Pool) -> dict[str, Any]:
    """The task definition that Prefect's worker would register for a pool, without its choices."""
    definition = _without_empty(filled(pool)["task_definition"])
    (container,) = definition["containerDefinitions"]
    return {**definition, "containerDefinitions": [_without_empty(container)]}


def _without_empty(values: Definition) -> dict[str, Any]:
    return {name: one for name, one in values.items() if one not in (None, "", [], {})}


def compare_definitions(
    production: Definition, registered: Definition, swaps: Sequence[Swap]
) -> Iterable[Row]:
    """Compare the registered task definition with production's; each swap has a row of its own."""
    (ours,), (theirs,) = production["containerDefinitions"], registered["containerDefinitions"]
    fields = {**{name: one for name, one in production.items() if name not in _APART}, **ours}
    there = {**registered, **theirs}
    differing = [
        name for name, one in fields.items() if name not in _APART and not _same(one, there[name])
    ]
    names = sorted({*fields} - _APART)
    yield holds(
        "task definition",
        f"{len(names)} fields of cloud/pools/ecs.py",
        f"registered by Prefect's worker: {', '.join(differing) or 'as they are'}",
        is_so=not differing,
    )
    yield from compare_variables(variables(ours), variables(theirs), swaps)
    expected, found = (
        f"{one['cpu']} CPU units, {one['memory']} MiB" for one in (production, registered)
    )
    yield equal("size", expected, found)
    refusal = explain_size(int(registered["cpu"]), int(registered["memory"]))
    yield holds("Fargate's sizes", "AWS's table of them", refusal or found, is_so=not refusal)


_APART = {"containerDefinitions", "environment", "cpu", "memory"}


def _same(expected: Any, found: Any) -> bool:
    """Compare values: ECS returns a task's numbers as text, and secrets in any order."""
    if isinstance(expected, list) and expected and isinstance(expected[0], dict):
        return sorted(map(str, expected)) == sorted(map(str, found))
    return expected == found


def variables(container: Definition) -> dict[str, str]:
    return {one["name"]: one["value"] for one in container["environment"]}


def compare_variables(
    production: Mapping[str, str], here: Mapping[str, str], swaps: Sequence[Swap]
) -> Iterable[Row]:
    """Variables but for the swaps, in one row, and each swap in its own."""
    by_name = {one.name: one for one in swaps}
    kept = {name: value for name, value in production.items() if name not in by_name}
    found = {name: value for name, value in here.items() if name not in by_name}
    wrong = sorted(name for name in {*kept, *found} if kept.get(name) != found.get(name))
    yield holds(
        "variables",
        f"{len(kept)} with production's values",
        f"{len(found)}; different: {', '.join(wrong) or 'none'}",
        is_so=not wrong,
    )
    yield from swapped_rows("", production, here, swaps)


def swapped_rows(
    what: str, production: Mapping[str, str], here: Mapping[str, str], swaps: Iterable[Swap]
) -> Iterable[Row]:
    for one in swaps:
        value = here.get(one.name, "unset")
        verdict = Verdict.SWAPPED if value == one.here else Verdict.DIFFERS
        yield Row(f"{what}{one.name}", production.get(one.name, "unset"), value, verdict, one.why)


def compare_overrides(task: Definition) -> Row:
    length = len(json.dumps(task["overrides"]))
    return holds(
        "a run's overrides",
        f"at most {MOST_CHARACTERS} characters",
        f"{length} characters",
        is_so=length <= MOST_CHARACTERS,
    )


def compare_container(
    what: str, definition: Definition, inspected: Definition, added: Mapping[str, str]
) -> Iterable[Row]:
    """A container that runs against its task definition.

    Args:
        added: Variables of a run or a rehearsal, beside the definition's or in their place.
    """
    (container,) = definition["containerDefinitions"]
    linux, host = container["linuxParameters"], inspected["HostConfig"]
    yield equal(f"{what}: user", container["user"], inspected["Config"]["User"])
    yield equal(
        f"{what}: read-only root", container["readonlyRootFilesystem"], host["ReadonlyRootfs"]
    )
    tmpfs = {one["containerPath"]: f"size={one['size']}m" for one in linux["tmpfs"]}
    yield equal(f"{what}: may be written to", tmpfs, host.get("Tmpfs") or {})
    yield equal(f"{what}: rights dropped", linux["capabilities"]["drop"], host["CapDrop"])
    yield equal(f"{what}: rights added", [], host["CapAdd"] or [])
    yield equal(f"{what}: init", linux["initProcessEnabled"], bool(host["Init"]))
    yield equal(f"{what}: memory", f"{definition['memory']} MiB", f"{host['Memory'] // MIB} MiB")
    cpus = int(definition["cpu"]) / CPU_UNITS
    yield equal(f"{what}: cores", f"{cpus:g}", f"{host['NanoCpus'] / 10**9:g}")
    mounts = [one["Destination"] for one in inspected["Mounts"]]
    yield equal(f"{what}: mounts", [], mounts)
    found = environment(inspected)
    secrets = {one["name"] for one in container["secrets"]}
    expected = {**variables(container), **added}
    odd = sorted(
        {name for name in {*expected, *found} - secrets if expected.get(name) != found.get(name)}
        | {name for name in secrets if not found.get(name)}
    )
    yield holds(
        f"{what}: variables",
        f"{len(expected)} and {len(secrets)} secrets",
        f"{len(found)}; different: {', '.join(odd) or 'none'}",
        is_so=not odd,
    )


def environment(inspected: Definition) -> dict[str, str]:
    """The variables of a container; what its image brings along was taken out."""
    return dict(one.partition("=")[::2] for one in inspected["Config"]["Env"])
