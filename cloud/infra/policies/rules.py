"""All policies."""

from collections.abc import Callable, Iterator

from cloud.infra.graph import Graph, Resource
from cloud.infra.policies import access, protection, tasks, warehouse

ResourceRule = Callable[[Resource], Iterator[str]]
GraphRule = Callable[[Graph], Iterator[tuple[Resource, str]]]

# Each looks at one resource alone: with the engine, before the resource is made.
RESOURCE_RULES: tuple[ResourceRule, ...] = (
    access.no_public_addresses,
    access.no_open_doors,
    access.no_public_grants,
    access.no_wildcards,
    protection.is_encrypted,
    protection.is_tagged,
    protection.says_how_long,
    tasks.is_hardened,
    tasks.hides_secrets,
    tasks.has_a_size_of_fargate,
    warehouse.costs_end,
    warehouse.logs_in_with_a_key,
    warehouse.grants_are_named,
    warehouse.reads_one_place,
)
# Each looks at what belongs together.
GRAPH_RULES: tuple[GraphRule, ...] = (
    access.no_public_buckets,
    access.no_idle_reasons,
    protection.buckets_are_encrypted,
    protection.pages_are_kept,
    protection.has_a_lifecycle,
    protection.speaks_tls,
)


def rule_name(rule: ResourceRule | GraphRule) -> str:
    """A rule's name as CrossGuard takes it: ``no-wildcards``."""
    return rule.__name__.replace("_", "-")
