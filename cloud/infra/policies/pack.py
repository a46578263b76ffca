"""The policies as CrossGuard's own objects."""

from collections.abc import Callable
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
    return [
        *(
            ResourceValidationPolicy(**_described(rule), validate=_of_resource(rule))
            for rule in RESOURCE_RULES
        ),
        *(
            StackValidationPolicy(**_described(rule), validate=_of_stack(rule))
            for rule in GRAPH_RULES
        ),
    ]


def _described(rule: ResourceRule | GraphRule) -> dict[str, Any]:
    return {
        "name": rule_name(rule),
        "description": (rule.__doc__ or "").partition("\n")[0],
        "enforcement_level": EnforcementLevel.MANDATORY,
    }


def _of_resource(rule: ResourceRule) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        for message in rule(Resource(args.resource_type, args.name, dict(args.props))):
            report(message, None)

    return validate


def _of_stack(rule: GraphRule) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        urns = {(one.resource_type, one.name): one.urn for one in args.resources}
        made = [Resource(one.resource_type, one.name, dict(one.props)) for one in args.resources]
        for resource, message in rule(Graph(tuple(sorted(made)), {})):
            report(message, urns.get((resource.type, resource.name)))

    return validate
