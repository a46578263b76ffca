"""Stacks without anything made: settings from the repository, outputs from names."""

import pytest

from cloud.infra.settings import Settings
from cloud.outputs import Outputs, placeholder_outputs
from cloud.pools.ecs import ecs_pool
from deployments.pools import Pool
from tests.clouds import all_stacks

IMAGE = f"registry.example/pipeline@sha256:{'ab' * 32}"


@pytest.fixture(scope="module", params=list(all_stacks()))
def settings(request: pytest.FixtureRequest) -> Settings:
    return all_stacks()[request.param]


@pytest.fixture(scope="module")
def outputs(settings: Settings) -> Outputs:
    return placeholder_outputs(settings)


@pytest.fixture(scope="module")
def pool(settings: Settings, outputs: Outputs) -> Pool:
    return ecs_pool(settings, outputs, IMAGE)
