"""The statements of IAM documents, wherever a resource holds one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cloud.infra.graph import Resource

# Properties that hold a document; a trust names no resources.
DOCUMENTS = ("policy", "assumeRolePolicy")


@dataclass(frozen=True)
class Statement:
    """One statement; actions, resources and principals as lists."""

    sid: str
    effect: str
    actions: list[str]
    resources: list[str]
    principals: list[str]
    condition: dict[str, dict[str, Any]]


def statements_of(resource: Resource) -> Iterator[Statement]:
    for name in DOCUMENTS:
        text = resource.inputs.get(name)
        if not isinstance(text, str) or '"Statement"' not in text:
            continue  # ECR calls the rules of its images a policy too
        for one in json.loads(text)["Statement"]:
            yield Statement(
                sid=one.get("Sid", ""),
                effect=one["Effect"],
                actions=_as_list(one.get("Action", [])),
                resources=_as_list(one.get("Resource", [])),
                principals=_principals(one.get("Principal", [])),
                condition=one.get("Condition", {}),
            )


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _principals(value: Any) -> list[str]:
    """AWS takes ``"*"`` and ``{"AWS": …}`` with one or many."""
    if isinstance(value, dict):
        kinds: dict[str, Any] = value
        return [one for named in kinds.values() for one in _as_list(named)]
    return _as_list(value)
