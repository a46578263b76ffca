"""Policies held against a recorded graph."""

import json
from dataclasses import dataclass

from cloud.infra.graph import Graph, Resource
from cloud.infra.policies.rules import GRAPH_RULES, RESOURCE_RULES, rule_name


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


def read_graph(text: str) -> Graph:
    """Read what `Graph.to_json` wrote."""
    content = json.loads(text)
    return Graph(tuple(Resource(**one) for one in content["resources"]), content["outputs"])
