"""The stack on a laptop beside a stack in the cloud: what differs, and whether somebody said why.

Reasons stand in ``differences.yaml``; one that is no reason for anything any more is stale.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from cloud.infra.settings import STACKS, Settings, read_settings, validated
from cloud.parity.cloud import ecs_facts
from cloud.parity.facts import NONE
from cloud.parity.local import ROLES, local_facts

ROOT = Path(__file__).parents[2]
REASONS = Path(__file__).with_name("differences.yaml")
# As a stack without a server of its own would have it; the addresses are no workspace's.
PREFECT_CLOUD = {
    "kind": "cloud",
    "api_url": "https://api.prefect.cloud/api/accounts/EXAMPLE/workspaces/EXAMPLE",
    "page_url": "https://app.prefect.cloud/account/EXAMPLE/workspace/EXAMPLE",
}


@dataclass(frozen=True)
class Difference:
    """Something that isn't the same in both places.

    Args:
        where: What differs: ``flow run: memory``.
        local: Its value on this machine; ``-`` where there is none.
        cloud: Its value in the cloud.
        reason: Why that is right; None: nobody said so, and it is unexpected.
    """

    where: str
    local: str
    cloud: str
    reason: str | None = None


@dataclass(frozen=True)
class Reason:
    """A reason why a value may differ between the local environment and the cloud.

    Args:
        where: What: a pattern, in which `*` stands for anything.
        local: The value here that it is a reason for; a pattern too.
        cloud: The value in the cloud.
        text: Why.
        is_setting: Whether a setting of the stack decides the value; it may be the same as here.
    """

    where: str
    local: str
    cloud: str
    text: str
    is_setting: bool = False

    def explains(self, difference: Difference) -> bool:
        """Tell whether this reason covers a difference."""
        pairs = (
            (difference.where, self.where),
            (difference.local, self.local),
            (difference.cloud, self.cloud),
        )
        return all(fnmatchcase(value, pattern) for value, pattern in pairs)


def compare(settings: Settings, root: Path = ROOT, reasons: Path = REASONS) -> list[Difference]:
    """All differences between the stack on a laptop and one in the cloud.

    Args:
        settings: Of the one in the cloud.
        root: The clone that the other one is started from.
        reasons: Which of them are expected.
    """
    expected = read_reasons(reasons)
    return [_explained(one, expected) for one in differences(settings, root)]


def differences(settings: Settings, root: Path) -> list[Difference]:
    """The same, without their reasons."""
    cloud = ecs_facts(settings, root)
    roles = {role for role in ROLES.values() if f"{role}: image" in cloud}
    local = local_facts(root, roles)
    return [
        Difference(where, local.get(where, NONE), cloud.get(where, NONE))
        for where in sorted({*local, *cloud})
        if local.get(where) != cloud.get(where)
    ]


def read_reasons(file: Path) -> list[Reason]:
    """The reasons of a file, in its order: the first that explains a difference is its reason."""
    entries: list[dict[str, Any]] = yaml.safe_load(file.read_text())
    return [
        Reason(
            where,
            str(one.get("local", "*")),
            str(one.get("cloud", "*")),
            f"It is a setting: {one['setting']}." if "setting" in one else one["reason"],
            is_setting="setting" in one,
        )
        for one in entries
        for where in ([one["where"]] if isinstance(one["where"], str) else one["where"])
    ]


def _explained(found: Difference, reasons: Iterable[Reason]) -> Difference:
    text = next((one.text for one in reasons if one.explains(found)), None)
    return Difference(found.where, found.local, found.cloud, text)


def stale(reasons: Sequence[Reason], found: Sequence[Difference]) -> list[Reason]:
    """Reasons for what doesn't differ any more, or what another one explains before them.

    Those of settings are none: the stacks of this repository needn't use each of them.
    """
    used = {next((one for one in reasons if one.explains(each)), None) for each in found}
    return [one for one in reasons if one not in used and not one.is_setting]


def all_stacks() -> dict[str, Settings]:
    """Every stack of the repository, and one whose Prefect is Prefect Cloud."""
    stacks = {name: read_settings(name) for name in STACKS}
    values = stacks["prod"].model_dump(mode="json")
    values["prefect"]["api"] = PREFECT_CLOUD
    return {**stacks, "prod on Prefect Cloud": validated(values)}
