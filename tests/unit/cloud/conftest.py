"""Stacks without anything made: settings from the repository, outputs from names."""

from typing import Any

import pytest

from cloud.outputs import Outputs, placeholder_outputs
from cloud.pool import ecs_pool
from control.pools import Pool
from infra.settings import Settings, read_settings, validated

CLOUD = {
    "kind": "cloud",
    "api_url": "https://api.prefect.cloud/api/accounts/a/workspaces/w",
    "page_url": "https://app.prefect.cloud/account/a/workspace/w",
}
IMAGE = f"registry.example/pipeline@sha256:{'ab' * 32}"


def changed(settings: Settings, **sections: dict[str, Any]) -> Settings:
    """Settings with some values of some sections changed."""
    values = settings.model_dump(mode="json")
    for section, changes in sections.items():
        values[section] |= changes
    return validated(values)


@pytest.fixture(scope="module", params=["dev", "prod", "prod on Prefect Cloud"])
def settings(request: pytest.FixtureRequest) -> Settings:
    name, _, on_cloud = request.param.partition(" on ")
    read = read_settings(name)
    return changed(read, prefect={"api": CLOUD}) if on_cloud else read


@pytest.fixture(scope="module")
def outputs(settings: Settings) -> Outputs:
    return placeholder_outputs(settings)


@pytest.fixture(scope="module")
def pool(settings: Settings, outputs: Outputs) -> Pool:
    return ecs_pool(settings, outputs, IMAGE)
