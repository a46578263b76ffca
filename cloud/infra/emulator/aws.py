"""boto3 against the emulator, and how inputs of Pulumi's become arguments of boto3's."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3

Inputs = Mapping[str, Any]
Made = tuple[str, dict[str, Any]]  # the id, and what only AWS knows
Handler = Callable[["Aws", Inputs], Made]


@dataclass(frozen=True)
class Aws:
    """The emulator: one account in one region. It takes the account for the name of a key."""

    endpoint_url: str
    region: str
    account_id: str

    def client(self, service: str) -> Any:
        """A client of one service."""
        return _client(self, service)


@cache
def _client(aws: Aws, service: str) -> Any:
    return boto3.client(
        service,  # pyright: ignore[reportArgumentType, reportCallIssue] -- any of them
        endpoint_url=aws.endpoint_url,
        region_name=aws.region,
        aws_access_key_id=aws.account_id,
        aws_secret_access_key="emulated",  # noqa: S106 -- the emulator takes any
    )


def pascal(inputs: Inputs, *names: str) -> dict[str, Any]:
    """Some of the inputs, those that are set, as ``PascalCase`` arguments; nested ones too."""
    return {_upper(name): _deep(inputs[name], _upper) for name in names if _is_set(inputs, name)}


def same(inputs: Inputs, *names: str) -> dict[str, Any]:
    """Some of the inputs, those that are set, under their own names."""
    return {name: inputs[name] for name in names if _is_set(inputs, name)}


def tags(inputs: Inputs) -> list[dict[str, str]]:
    """Tags as most services take them."""
    return [{"Key": key, "Value": value} for key, value in inputs.get("tags", {}).items()]


def lower_tags(inputs: Inputs) -> list[dict[str, str]]:
    """Tags as ECS takes them."""
    return [{"key": key, "value": value} for key, value in inputs.get("tags", {}).items()]


def tag_specifications(inputs: Inputs, kind: str) -> list[dict[str, Any]]:
    """Tags as EC2 takes them."""
    return [{"ResourceType": kind, "Tags": tags(inputs)}]


def _is_set(inputs: Inputs, name: str) -> bool:
    return inputs.get(name) is not None


def _upper(name: str) -> str:
    return name[:1].upper() + name[1:]


def _deep(value: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        fields: dict[str, Any] = value
        return {rename(name): _deep(one, rename) for name, one in fields.items()}
    if isinstance(value, list):
        return [_deep(one, rename) for one in _items(value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _items(value: list[Any]) -> Iterable[Any]:
    return value
