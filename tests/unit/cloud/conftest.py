"""Stacks without anything made: settings from the repository, outputs from names."""

from typing import Any

import pytest

from cloud.outputs import Outputs, placeholder_outputs
from cloud.parity import all_stacks
from cloud.pool import ecs_pool
from control.pools import Pool
from infra.settings import Settings, validated

IMAGE = f"registry.example/pipeline@sha256:{'ab' * 32}"


def changed(settings: Settings, **sections: dict[str, Any]) -> Settings:
    """Settings with some values of some sections changed."""
    values = settings.model_dump(mode="json")
    for section, changes in sections.items():
        values[section] |= changes
    return validated(values)


@pytest.fixture(scope="module", params=list(all_stacks()))
def settings(request: pytest.FixtureRequest) -> Settings:
    return all_stacks()[request.param]


@pytest.fixture(scope="module")
def outputs(settings: Settings) -> Outputs:
    return placeholder_outputs(settings)


@pytest.fixture(scope="module")
def pool(settings: Settings, outputs: Outputs) -> Pool:
    return ecs_pool(settings, outputs, IMAGE)
