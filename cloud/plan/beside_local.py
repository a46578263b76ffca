"""Production beside local: what differs, and how large the overrides of a run are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cloud.infra.environment import unused_secret, worker_environment
from cloud.infra.settings import CloudSettings, Settings
from deployments.apply import PrefectConfig
from deployments.containers import CONTAINERS, SERVER, Difference, differences
from deployments.overrides import measure_overrides


@dataclass(frozen=True)
class Comparison:
    """The comparison of an environment with the local one.

    Args:
        overrides: By deployment, characters of what a run of it says of its own.
    """

    differences: Sequence[Difference] = ()
    overrides: Mapping[str, int] = field(default_factory=dict[str, int])


def compared(settings: Settings, config: PrefectConfig) -> Comparison:
    ours = [
        one
        for one in config.deployments["deployments"]
        if one["work_pool"]["name"] == config.pool.name
    ]
    worker = worker_environment(settings)
    has_server = not isinstance(settings.prefect.api, CloudSettings)
    containers = [one for one in CONTAINERS if one is not SERVER or has_server]
    return Comparison(
        differences=tuple(differences(containers, without=unused_secret(settings))),
        overrides={
            one["name"]: measure_overrides(settings.stack.region, config.pool, one, worker)
            for one in ours
        },
    )
