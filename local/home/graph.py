"""The graph of the lineage as Prefect's events tell it: what was written last, and from what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from local.home import words
from services.catalog import LAYERS
from services.lineage import LANDING, SCAN, name_of, node_of

PLAN = (SCAN, LANDING, *LAYERS)
Asset = Mapping[str, Any]  # see `local.home.sources.read_prefect`


@dataclass(frozen=True)
class Written:
    """The rows that a network's last batch wrote or landed; `at` is an ISO time in UTC."""

    name: str
    rows: str
    at: str
    ago: str


def sources_of(assets: Sequence[Asset]) -> dict[str, tuple[str, ...]]:
    """Return each node's sources, by name: the plan's nodes first, in its order.

    What comes after the last place that the events say was written has those of the plan: during a
    first run, gold is to be made from silver.
    """
    edges = {(node_of(source), node_of(one["uri"])) for one in assets for source in one["sources"]}
    written = {node_of(one["uri"]) for one in assets}
    last = max((PLAN.index(name) for name in written & set(PLAN)), default=0)
    edges |= set(pairwise(PLAN[last:]))
    met = {name for edge in edges for name in edge} | written
    names = (*PLAN, *sorted(met - set(PLAN)))
    return {
        name: tuple(one for one in names if one != name and (one, name) in edges) for name in names
    }


def written_in(
    assets: Sequence[Asset], node: str, network: str, now: datetime
) -> tuple[Written, ...]:
    """Return what was last written in a node, by name; not where another network came last."""
    own = [one for one in assets if node_of(one["uri"]) == node]
    return tuple(
        Written(
            name_of(one["uri"]),
            words.counted(one["rows"], "row") if one["rows"] is not None else words.NOTHING,
            one["at"],
            words.ago(words.instant(one["at"]), now),
        )
        for one in sorted(own, key=lambda one: one["uri"])
        if one["network"] in (network, None)
    )
