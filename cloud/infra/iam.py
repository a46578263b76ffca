"""IAM policy documents."""

from collections.abc import Sequence
from typing import Any

import pulumi

Condition = dict[str, dict[str, Any]]


def allow(
    sid: str, actions: Sequence[str], resources: Sequence[Any], condition: Condition | None = None
) -> dict[str, Any]:
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(resources),
    }
    return statement | ({"Condition": condition} if condition else {})


def allow_service(
    statement: dict[str, Any], service: str, account_id: str, source_arn: Any | None = None
) -> dict[str, Any]:
    """The statement for an AWS service that acts for this account alone, or for one thing in it."""
    condition: Condition = {"StringEquals": {"aws:SourceAccount": account_id}}
    if source_arn is not None:
        condition["ArnLike"] = {"aws:SourceArn": source_arn}
    return {**statement, "Principal": {"Service": service}, "Condition": condition}


def deny_all(
    sid: str, actions: Sequence[str], resources: Sequence[Any], condition: Condition | None = None
) -> dict[str, Any]:
    """A statement of a resource's own policy that denies everybody, administrators too."""
    statement = allow(sid, actions, resources, condition)
    return {**statement, "Effect": "Deny", "Principal": "*"}


def document(*statements: dict[str, Any]) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def assumed_by_service(
    service: str, account_id: str, source_arn: str | None = None
) -> pulumi.Output[str]:
    """The trust of a role that an AWS service takes on for this account."""
    statement = {"Sid": "Assume", "Effect": "Allow", "Action": ["sts:AssumeRole"]}
    return document(allow_service(statement, service, account_id, source_arn))
