"""Alarms: runs that are late, runs that failed, data that is stale, tasks unheard of, money.

They read what flow runs log, so they also ring when Prefect itself is down and can't tell. That
what they wait for is what the flows say is held by a test.
"""

from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from infra.stack import Stack

EVENTS_WAIT_SECONDS = 600
BUDGET_PERCENTS = (80, 100)


@dataclass(frozen=True)
class LogSign:
    """Something that a flow run says, counted as a metric.

    Args:
        name: Of the metric.
        said: What its log line contains; one of these.
    """

    name: str
    said: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """CloudWatch's filter pattern: any of the phrases."""
        return " ".join(f'?"{phrase}"' for phrase in self.said)


BEGAN = LogSign("FlowRunsBegan", ("Beginning flow run",))
FAILED = LogSign("FlowRunsFailed", ("Finished in state Failed", "Finished in state TimedOut"))
FRESH = {
    "bronze": LogSign("BronzeDone", ("bronze: batch", "bronze: nothing new")),
    "gold": LogSign("GoldDone", ("gold: batch", "gold: no new")),
}


@dataclass(frozen=True)
class Alarm:
    """When a metric is wrong: fewer (`LessThan…`) or more than `threshold` in `minutes`."""

    name: str
    description: str
    minutes: int
    threshold: float
    comparison: Literal["LessThanThreshold", "GreaterThanOrEqualToThreshold"]
    is_silence_bad: bool


def build_alarms(
    stack: Stack, topic: aws.sns.Topic, log: aws.cloudwatch.LogGroup, queue: aws.sqs.Queue
) -> None:
    """Make the metrics, the alarms on them, and the budget."""
    settings = stack.settings.alarms
    late = _silence("late", "No flow run began", settings.late_after_minutes)
    _watch(stack, topic, log, BEGAN, late)
    failed = Alarm(
        "failed", "A flow run failed", 5, 1, "GreaterThanOrEqualToThreshold", is_silence_bad=False
    )
    _watch(stack, topic, log, FAILED, failed)
    for layer, sign in FRESH.items():
        stale = _silence(
            f"stale-{layer}", f"No run brought {layer} up to date", settings.stale_after_minutes
        )
        _watch(stack, topic, log, sign, stale)
    _watch_queue(stack, topic, queue)
    _build_budget(stack, topic)


def _silence(name: str, description: str, minutes: int) -> Alarm:
    return Alarm(
        name,
        f"{description} for {minutes} minutes",
        minutes,
        1,
        "LessThanThreshold",
        is_silence_bad=True,
    )


def _watch(
    stack: Stack,
    topic: aws.sns.Topic,
    log: aws.cloudwatch.LogGroup,
    sign: LogSign,
    alarm: Alarm,
) -> None:
    """Count a sign in the flows' log, and ring when the count is wrong."""
    namespace = stack.settings.stack.name
    aws.cloudwatch.LogMetricFilter(
        alarm.name,
        name=stack.names.of(alarm.name),
        log_group_name=log.name,
        pattern=sign.pattern,
        metric_transformation={"name": sign.name, "namespace": namespace, "value": "1"},
    )
    aws.cloudwatch.MetricAlarm(
        alarm.name,
        name=stack.names.of(alarm.name),
        alarm_description=alarm.description,
        namespace=namespace,
        metric_name=sign.name,
        statistic="Sum",
        period=alarm.minutes * 60,
        evaluation_periods=1,
        threshold=alarm.threshold,
        comparison_operator=alarm.comparison,
        treat_missing_data="breaching" if alarm.is_silence_bad else "notBreaching",
        alarm_actions=[topic.arn],
        ok_actions=[topic.arn],
        tags=stack.tags(alarm.name),
    )


def _watch_queue(stack: Stack, topic: aws.sns.Topic, queue: aws.sqs.Queue) -> None:
    """Events that nobody fetches: the worker is gone, and with it whoever starts runs."""
    aws.cloudwatch.MetricAlarm(
        "unheard-events",
        name=stack.names.of("unheard-events"),
        alarm_description="Prefect's worker fetches no events of tasks: is it running?",
        namespace="AWS/SQS",
        metric_name="ApproximateAgeOfOldestMessage",
        dimensions={"QueueName": queue.name},
        statistic="Maximum",
        period=300,
        evaluation_periods=2,
        threshold=EVENTS_WAIT_SECONDS,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=[topic.arn],
        ok_actions=[topic.arn],
        tags=stack.tags("unheard-events"),
    )


def _build_budget(stack: Stack, topic: aws.sns.Topic) -> None:
    """Of all that carries the stack's tag; Snowflake's is its resource monitor."""
    aws.budgets.Budget(
        "month",
        name=stack.names.of("month"),
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount=str(stack.settings.alarms.dollars_a_month),
        limit_unit="USD",
        cost_filters=[
            {"name": "TagKeyValue", "values": [f"user:stack${stack.settings.stack.name}"]}
        ],
        notifications=[_notification(topic.arn, percent) for percent in BUDGET_PERCENTS],
        tags=stack.tags("month"),
    )


def _notification(
    topic_arn: pulumi.Output[str], percent: int
) -> aws.budgets.BudgetNotificationArgsDict:
    return {
        "comparison_operator": "GREATER_THAN",
        "notification_type": "FORECASTED" if percent == max(BUDGET_PERCENTS) else "ACTUAL",
        "threshold": percent,
        "threshold_type": "PERCENTAGE",
        "subscriber_sns_topic_arns": [topic_arn],
    }
