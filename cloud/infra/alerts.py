"""The alert channel: an encrypted SNS topic that sends to e-mail and a Slack channel."""

from collections.abc import Iterator
from typing import Any

import pulumi
import pulumi_aws as aws

from cloud.infra.iam import allow, allow_service, assumed_by_service, document
from cloud.infra.settings import SlackSettings
from cloud.infra.stack import Stack

# CloudWatch may not use the key that AWS keeps for topics, so the topic has one of its own.
_READ_METRICS = "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"
PUBLISHERS = ("cloudwatch.amazonaws.com", "budgets.amazonaws.com")


def build_alerts(stack: Stack) -> aws.sns.Topic:
    administrators = {
        **allow("Account", ["kms:*"], ["*"]),
        "Principal": {"AWS": f"arn:aws:iam::{stack.account_id}:root"},
    }
    key = aws.kms.Key(
        "alerts",
        description="Messages of the pipeline's alarms",
        enable_key_rotation=True,
        deletion_window_in_days=7,
        # In a key's own policy the resource `*` is that key.
        policy=document(
            administrators, *_publishers(stack, ["kms:Decrypt", "kms:GenerateDataKey"], "*")
        ),
        tags=stack.tags("alerts"),
    )
    topic = aws.sns.Topic(
        "alerts",
        **stack.named("alerts"),
        kms_master_key_id=key.arn,
    )
    policy = document(*_publishers(stack, ["sns:Publish"], topic.arn))
    aws.sns.TopicPolicy("alerts", arn=topic.arn, policy=policy)
    for number, address in enumerate(stack.settings.alarms.emails, 1):
        aws.sns.TopicSubscription(
            f"alerts-email-{number}", topic=topic.arn, protocol="email", endpoint=address
        )
    if slack := stack.settings.alarms.slack:
        _build_slack(stack, topic, slack)
    return topic


def _build_slack(stack: Stack, topic: aws.sns.Topic, slack: SlackSettings) -> None:
    """Amazon Q Developer in Slack, once AWS Chatbot. People in the channel can ask it for metrics.

    The role allows it, and the guardrail bounds what any role of the channel may do; rights are
    what both have.
    """
    role = aws.iam.Role(
        "alerts-slack",
        **stack.named("alerts-slack"),
        assume_role_policy=assumed_by_service("chatbot.amazonaws.com", stack.account_id),
    )
    aws.iam.RolePolicyAttachment("alerts-slack", role=role.name, policy_arn=_READ_METRICS)
    aws.chatbot.SlackChannelConfiguration(
        "alerts",
        configuration_name=stack.of("alerts"),
        iam_role_arn=role.arn,
        slack_team_id=slack.workspace_id,
        slack_channel_id=slack.channel_id,
        sns_topic_arns=[topic.arn],
        guardrail_policy_arns=[_READ_METRICS],
        logging_level="ERROR",
        tags=stack.tags("alerts"),
        opts=pulumi.ResourceOptions(depends_on=[topic]),
    )


def _publishers(stack: Stack, actions: list[str], resource: Any) -> Iterator[dict[str, Any]]:
    for service in PUBLISHERS:
        name = service.partition(".")[0].title()
        yield allow_service(allow(name, actions, [resource]), service, stack.account_id)
