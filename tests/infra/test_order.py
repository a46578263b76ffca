"""The order in which Pulumi makes and destroys what nothing of a resource's inputs tells."""

from collections.abc import Mapping

import pytest
from pulumi.runtime.mocks import MockMonitor

from cloud.infra.graph import record
from cloud.infra.settings import Settings


@pytest.fixture(scope="module")
def waits_for(prod: Settings) -> Mapping[str, set[str]]:
    """By resource all that Pulumi makes before it: the monitor is told, mocks aren't."""
    told: dict[str, set[str]] = {}
    register = MockMonitor.RegisterResource

    def listening(monitor, request):
        key = _key(f"{request.type}::{request.name}")
        told[key] = {_key(urn) for urn in request.dependencies}
        return register(monitor, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MockMonitor, "RegisterResource", listening)
        record(prod)
    return told


def _key(urn: str) -> str:
    *_, kind, name = urn.rsplit("::", 2)
    return f"{kind.rpartition(':')[2]}.{name}"


def test_the_nat_gateway_waits_for_the_way_out_of_its_subnet(waits_for):
    """EC2 fails one whose subnet has none yet: Gateway.NotAttached."""
    assert "Route.public-internet" in waits_for["NatGateway.egress"]
    assert "InternetGateway.internet" in waits_for["Route.public-internet"]


def test_the_server_waits_for_the_doors_to_its_folder(waits_for, prod):
    """A task that starts before them can't mount it."""
    doors = {f"MountTarget.server-{number}" for number, _ in enumerate(prod.network.zones, 1)}
    assert doors <= waits_for["Service.server"]


def test_the_bucket_has_its_policy_after_the_block_on_public_access(waits_for):
    """S3 refuses both at once."""
    assert "BucketPublicAccessBlock.landing" in waits_for["BucketPolicy.landing"]
