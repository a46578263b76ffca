"""All policies, and how a graph is held against them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, order=True)
class Violation:
    """A rule that a resource violates, with a message."""

    rule: str
    resource: str
    message: str

    def __str__(self) -> str:
        return f"{self.resource}: {self.message} ({self.rule})"


def violations(graph: Graph) -> list[Violation]:
    """Everything in a graph that breaks a rule, in a fixed order."""
    single = (
        (rule, one, text)
        for rule in RESOURCE_RULES
        for one in graph.resources
        for text in rule(one)
    )
    whole = ((rule, one, text) for rule in GRAPH_RULES for one, text in rule(graph))
    return sorted(
        Violation(rule_name(rule), one.key, text) for rule, one, text in (*single, *whole)
    )


def rule_name(rule: ResourceRule | GraphRule) -> str:
    """A rule's name as CrossGuard takes it: ``no-wildcards``."""
    return rule.__name__.replace("_", "-")
