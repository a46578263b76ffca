"""The recorded graph: every resource that the program makes, with its inputs, as plain JSON.

The program runs under Pulumi's mocks, so that neither engine nor account is needed. What only AWS
or Snowflake would know stands there as a reference, ``${<type>.<name>.<property>}``. The same
settings give the same graph, byte for byte, so that two of them can be compared.

    python -m cloud.infra.graph prod > graph.json
"""

import asyncio
import json
import sys
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from cloud.infra.settings import PROJECT, Settings, read_settings

# What the program reads of a resource that isn't among its inputs, beside `id` and `arn`.
COMPUTED: Mapping[str, tuple[str, ...]] = {
    "aws:ec2/eip:Eip": ("publicIp",),
    "aws:ecr/repository:Repository": ("repositoryUrl",),
    "aws:rds/instance:Instance": ("address", "masterUserSecrets.secretArn"),
    "aws:sqs/queue:Queue": ("url",),
    "snowflake:index/networkPolicy:NetworkPolicy": ("fullyQualifiedName",),
    "snowflake:index/schema:Schema": ("fullyQualifiedName",),
    "snowflake:index/stageExternalS3:StageExternalS3": ("fullyQualifiedName",),
    "snowflake:index/storageIntegrationAws:StorageIntegrationAws": (
        "describeOutputs.iamUserArn",
        "describeOutputs.externalId",
    ),
}


@dataclass(frozen=True, order=True)
class Resource:
    """A resource as the program declares it.

    Args:
        type: Pulumi's token, as ``aws:s3/bucket:Bucket``.
        name: Its logical name, one of its type.
        inputs: By Pulumi's own names, in camel case.
    """

    type: str
    name: str
    inputs: dict[str, Any] = field(compare=False)

    @property
    def key(self) -> str:
        """Type and name, without the type's module."""
        return f"{self.type.rpartition(':')[2]}.{self.name}"

    @property
    def called(self) -> frozenset[str]:
        """The values by which another resource may refer to this one: reference, id and name."""
        names = {reference(self, "id"), *(self.inputs.get(one) for one in ("id", "bucket", "name"))}
        return frozenset(one for one in names if one)


@dataclass(frozen=True)
class Graph:
    """All resources of a stack, in the order of their types and names, and its outputs."""

    resources: tuple[Resource, ...]
    outputs: dict[str, Any]

    def of_type(self, token: str) -> list[Resource]:
        return [one for one in self.resources if one.type == token]

    def one(self, token: str, name: str) -> Resource:
        """The resource of a type with a name.

        Raises:
            LookupError: There is none.
        """
        for resource in self.of_type(token):
            if resource.name == name:
                return resource
        raise LookupError(f"no {token} is called {name}")

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


class Recorder(Mocks):
    """Records the resources that the program declares, and answers with references."""

    def __init__(self) -> None:
        self.resources: list[Resource] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        resource = Resource(args.typ, args.name, args.inputs)
        self.resources.append(resource)
        return reference(resource, "id"), {**computed(resource), **args.inputs}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        """Refuse: what a provider answers today would make the graph another one tomorrow."""
        raise NotImplementedError(f"the program asks a provider: {args.token}")


def reference(resource: Resource, attribute: str) -> str:
    """Return the placeholder for a resource's property that only the cloud knows."""
    return f"${{{resource.key}.{attribute}}}"


def computed(resource: Resource) -> dict[str, Any]:
    """The properties of a resource that aren't inputs, as references."""
    found: dict[str, Any] = {"arn": reference(resource, "arn")}
    for path in COMPUTED.get(resource.type, ()):
        attribute, _, inner = path.partition(".")
        if inner:  # a list with one object
            nested = found.setdefault(attribute, [{}])[0]
            nested[inner] = reference(resource, path)
        else:
            found[attribute] = reference(resource, path)
    return found


Build = Callable[[Settings], Mapping[str, Any]]


def run_under(mocks: Mocks, build: Build, settings: Settings) -> dict[str, Any]:
    """Run the program against mocks; its outputs, resolved."""
    outputs: dict[str, Any] = {}

    @pulumi.runtime.test
    def run() -> pulumi.Output[None]:
        return pulumi.Output.all(**build(settings)).apply(outputs.update)

    with _own_loops():
        pulumi.runtime.set_mocks(mocks, PROJECT, settings.stack_name, preview=False)
        run()
    return dict(sorted(outputs.items()))


@contextmanager
def _own_loops() -> Generator[None]:
    """Event loops that end with us: Pulumi opens one a thread, and leaves them open.

    It makes resources in a thread; one thread, so that mocks are called one by one.
    """
    loops: list[asyncio.AbstractEventLoop] = []

    def open_loop() -> None:
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    open_loop()
    try:
        with ThreadPoolExecutor(1, initializer=open_loop) as executor:
            loops[0].set_default_executor(executor)
            yield
    finally:
        asyncio.set_event_loop(None)
        for loop in loops:
            loop.close()


def record(settings: Settings) -> Graph:
    from cloud.infra.program import build  # noqa: PLC0415 -- three seconds, which readers needn't pay

    recorder = Recorder()
    outputs = run_under(recorder, build, settings)
    return Graph(tuple(sorted(recorder.resources)), outputs)


if __name__ == "__main__":
    sys.stdout.write(record(read_settings(sys.argv[1])).to_json())
