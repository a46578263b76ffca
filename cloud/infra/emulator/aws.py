"""boto3 against the emulator, and how a resource's inputs become the arguments of a call."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import jmespath

Inputs = Mapping[str, Any]
Made = tuple[str, dict[str, Any]]  # the id, and what only AWS knows
Handler = Callable[["Aws", Inputs], Made]


@dataclass(frozen=True)
class Aws:
    """The emulator: one account in one region. It takes the account for the name of a key."""

    endpoint_url: str
    region: str
    account_id: str

    @cache  # noqa: B019 -- a trial has one
    def client(self, service: str) -> Any:
        return boto3.client(
            service,  # pyright: ignore[reportArgumentType, reportCallIssue] -- any of them
            endpoint_url=self.endpoint_url,
            region_name=self.region,
            aws_access_key_id=self.account_id,
            aws_secret_access_key="emulated",  # noqa: S106 -- the emulator takes any
        )

    def call(self, service: str, operation: str, inputs: Inputs) -> dict[str, Any]:
        """Call an operation, such as ``create_vpc``, with those of the inputs that it takes."""
        client = self.client(service)
        model = client.meta.service_model.operation_model(
            client.meta.method_to_api_mapping[operation]
        )
        return getattr(client, operation)(**shaped(inputs, model.input_shape))


def shaped(value: Any, shape: Any) -> Any:
    """An input of Pulumi's in the shape that boto3 takes it in, by botocore's model of AWS's API.

    Names differ in upper and lower case alone. Pulumi's numbers are floats; it takes tags and
    dimensions as a mapping, a list of one as that one, and containers as JSON.
    """
    match shape.type_name:
        case "structure":
            known = {name.lower(): name for name in shape.members}
            value = {
                name: shaped(one, shape.members[name])
                for key, one in value.items()
                if one is not None and (name := known.get(key.lower()))
            }
        case "list":
            value = json.loads(value) if isinstance(value, str) else value
            names = list(getattr(shape.member, "members", ()))
            if isinstance(value, dict) and len(names) == 2 and names[1].lower().endswith("value"):
                value = [dict(zip(names, pair, strict=True)) for pair in value.items()]
            listed = value if isinstance(value, list) else [value]
            value = [shaped(one, shape.member) for one in listed]
        case "map":
            value = {name: shaped(one, shape.value) for name, one in value.items()}
        case "integer" | "long":
            value = int(value)
        case "string" if not isinstance(value, str):
            value = json.dumps(int(value) if isinstance(value, float) else value)
        case _:
            pass
    return value


def one_call(
    service: str,
    operation: str,
    id_: str,
    answer: Mapping[str, str] | None = None,
    **arguments: str,
) -> Handler:
    """A handler that makes a resource by one call, which takes the inputs of the same names.

    Args:
        operation: Such as ``create_vpc``.
        id_: Where the resource's id is among the inputs and the answer, in JMESPath.
        answer: Likewise, properties that only AWS knows.
        arguments: Where an argument is, that isn't called as an input: in JMESPath, of the inputs.
    """

    def make(aws: Aws, inputs: Inputs) -> Made:
        own = {name: jmespath.search(path, inputs) for name, path in arguments.items()}
        found = {**inputs, **aws.call(service, operation, {**inputs, **own})}
        attributes = {name: jmespath.search(path, found) for name, path in (answer or {}).items()}
        return jmespath.search(id_, found), attributes

    return make
