"""Production beside local: what differs, and how large the overrides of a run are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cloud.infra.settings import Settings
from cloud.parity.compare import Difference, compare
from cloud.pools.overrides import measure_overrides
from deployments.apply import Place


@dataclass(frozen=True)
class Comparison:
    """The comparison of an environment with the local one.

    Args:
        differences: All of them; one without a reason is unexpected.
        overrides: By deployment, characters of what a run of it says of its own.
    """

    differences: Sequence[Difference] = ()
    overrides: Mapping[str, int] = field(default_factory=dict[str, int])


def compared(settings: Settings, place: Place) -> Comparison:
    """An environment beside the local one."""
    ours = [
        one
        for one in place.deployments["deployments"]
        if one["work_pool"]["name"] == place.pool.name
    ]
    return Comparison(
        differences=compare(settings),
        overrides={one["name"]: measure_overrides(settings, place.pool, one) for one in ours},
    )
