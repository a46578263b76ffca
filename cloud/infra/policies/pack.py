"""The policies as CrossGuard's own objects."""

from collections.abc import Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from cloud.infra.graph import Graph, Resource
from cloud.infra.policies.rules import (
    GRAPH_RULES,
    RESOURCE_RULES,
    GraphRule,
    ResourceRule,
    rule_name,
)


def all_policies() -> list[Policy]:
    """Every rule, mandatory: a violation ends ``pulumi up``."""
    single = [_of_resource(rule) for rule in RESOURCE_RULES]
    return [*single, *(_of_stack(rule) for rule in GRAPH_RULES)]


def _of_resource(rule: ResourceRule) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        for message in rule(_resource(args.resource_type, args.name, args.props)):
            report(message, None)

    return ResourceValidationPolicy(
        name=rule_name(rule),
        description=_description(rule),
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
    )


def _of_stack(rule: GraphRule) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        urns = {(one.resource_type, one.name): one.urn for one in args.resources}
        made = [_resource(one.resource_type, one.name, one.props) for one in args.resources]
        for resource, message in rule(Graph(tuple(sorted(made)), {})):
            report(message, urns.get((resource.type, resource.name)))

    return StackValidationPolicy(
        name=rule_name(rule),
        description=_description(rule),
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
    )


def _resource(kind: str, name: str, properties: Mapping[str, Any]) -> Resource:
    return Resource(kind, name, dict(properties))


def _description(rule: ResourceRule | GraphRule) -> str:
    return (rule.__doc__ or "").partition("\n")[0]
