"""Checks of containers against their task definitions, and of these against production's."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cloud.infra.fargate import explain_size
from cloud.rehearsal.swaps import Swap
from cloud.rehearsal.table import Row, Verdict, equal, holds
from deployments.overrides import MOST_CHARACTERS
from deployments.pools import Pool

MIB = 2**20
CPU_UNITS = 1024
# What Fargate's stand-in adds (mocks/fargate/containers.py)
KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}

Definition = Mapping[str, Any]
_PLACEHOLDER = re.compile(r"\{\{ *(\w+) *\}\}")


def production_definition(pool: Pool) -> dict[str, Any]:
    """The task definition that Prefect's worker would register for a pool, without its choices."""
    properties = pool.template["variables"]["properties"]
    return _filled(pool.template["job_configuration"]["task_definition"], properties)


def _filled(value: Any, properties: Definition) -> Any:
    if isinstance(value, dict):
        filled = {name: _filled(one, properties) for name, one in value.items()}
        return {name: one for name, one in filled.items() if one not in (None, "", [], {})}
    if isinstance(value, list):
        return [_filled(one, properties) for one in value]
    found = _PLACEHOLDER.fullmatch(value) if isinstance(value, str) else None
    return properties[found[1]].get("default") if found else value


def compare_definitions(
    production: Definition, registered: Definition, swaps: Sequence[Swap]
) -> Iterable[Row]:
    """Compare the registered task definition with production's; each swap has a row of its own."""
    (expected,), (found,) = production["containerDefinitions"], registered["containerDefinitions"]
    fields = {**{name: one for name, one in production.items() if name not in _APART}, **expected}
    there = {**registered, **found}
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
    yield from compare_variables(variables(expected), variables(found), swaps)
    yield from _sizes(production, registered)


_APART = {"containerDefinitions", "environment", "cpu", "memory"}


def _same(expected: Any, found: Any) -> bool:
    """Compare values: ECS returns a task's numbers as text, and secrets in any order."""
    if isinstance(expected, list) and expected and isinstance(expected[0], dict):
        return sorted(map(str, expected)) == sorted(map(str, found))
    return expected == found


def variables(container: Definition) -> dict[str, str]:
    """The variables of a container's definition; secrets apart."""
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
    """A row for each swap."""
    for one in swaps:
        value = here.get(one.name, "unset")
        verdict = Verdict.SWAPPED if value == one.here else Verdict.DIFFERS
        yield Row(f"{what}{one.name}", production.get(one.name, "unset"), value, verdict, one.why)


def _sizes(production: Definition, registered: Definition) -> Iterable[Row]:
    expected, found = (
        f"{one['cpu']} CPU units, {one['memory']} MiB" for one in (production, registered)
    )
    yield equal("size", expected, found)
    refusal = explain_size(int(registered["cpu"]), int(registered["memory"]))
    yield holds("Fargate's sizes", "AWS's table of them", refusal or found, is_so=not refusal)


def compare_overrides(task: Definition) -> Row:
    """Check that a run's overrides are no longer than ECS allows."""
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
        what: It is called in the table.
        definition: The task definition, as ECS has it.
        inspected: The output of `docker inspect` for the container.
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
    yield _environment(what, container, inspected, added)


def environment(inspected: Definition) -> dict[str, str]:
    """The variables of a container; what its image brings along was taken out."""
    return dict(one.partition("=")[::2] for one in inspected["Config"]["Env"])


def _environment(
    what: str, container: Definition, inspected: Definition, added: Mapping[str, str]
) -> Row:
    """Compare the variables' values, and check that each secret has one."""
    found = environment(inspected)
    secrets = {one["name"] for one in container["secrets"]}
    expected = {**variables(container), **added}
    odd = sorted(
        {name for name in {*expected, *found} - secrets if expected.get(name) != found.get(name)}
        | {name for name in secrets if not found.get(name)}
    )
    return holds(
        f"{what}: variables",
        f"{len(expected)} and {len(secrets)} secrets",
        f"{len(found)}; different: {', '.join(odd) or 'none'}",
        is_so=not odd,
    )
