"""IAM's decisions, by ministack's evaluator, over the policies of a recorded graph.

Beside the emulator itself this one knows any condition key: ministack's S3 passes no
``s3:if-none-match`` on.
"""

import re

from ministack.core.iam_evaluator import (
    EvalContext,
    combine_resource_policy,
    evaluate,
    parse_policy_document,
)

from cloud.infra.graph import Graph

ACCOUNT = "444455556666"
_REFERENCE = re.compile(r"\$\{(\w+)\.([\w-]+)\.\w+\}")


def decide(
    graph: Graph, role: str, action: str, resource: str, keys: dict[str, str] | None = None
) -> str:
    """`Allow`, `Deny` (somebody said so) or `ImplicitDeny` (nobody allowed it).

    Args:
        graph: Where the role's policy and the bucket's stand.
        role: Its name in the graph, or that of a policy that people attach; `administrator` may
            do anything in its account.
        action: As ``s3:PutObject``.
        resource: Its ARN; references of the graph may stand in it.
        keys: Condition keys of the request.
    """
    context = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/session",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=_concrete(resource),
        region="us-east-1",
        secure_transport=(keys or {}).get("aws:SecureTransport", "true") == "true",
        service_context={name.lower(): _concrete(value) for name, value in (keys or {}).items()},
    )
    identity = evaluate(context, [parse_policy_document(_policy_of(graph, role))])
    bucket = graph.one("aws:s3/bucketPolicy:BucketPolicy", "landing").inputs["policy"]
    of_bucket = _concrete(bucket) if action.startswith("s3:") else None
    return combine_resource_policy(identity, context, of_bucket, ACCOUNT).decision


def _policy_of(graph: Graph, role: str) -> str:
    if role == "administrator":
        return '{"Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}]}'
    policies = [
        one.inputs["policy"]
        for kind in ("aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy")
        for one in graph.of_type(kind)
        if one.name == role
    ]
    return _concrete(policies[0]) if policies else '{"Statement": []}'


def _concrete(text: str) -> str:
    """ARNs in the place of references, whose signs mean something else to IAM."""
    return _REFERENCE.sub(rf"arn:aws:made:us-east-1:{ACCOUNT}:\1-\2", text)
