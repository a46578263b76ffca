"""Alarms: late and failed runs, stale data, services that are dead or start anew, money.

They read the logs of flow runs and services, so they also ring when Prefect itself is down. A test
checks that the texts they wait for are those that are logged.
"""

import math
from dataclasses import dataclass
from typing import Any

import pulumi_aws as aws

from cloud.infra.foundation import Logs
from cloud.infra.settings import ServerSettings
from cloud.infra.stack import Stack

EVENTS_WAIT_SECONDS = 600
PERIOD_SECONDS = 300
DEAD_MINUTES = 5  # without a task; a service whose task ended is back within two or three
DEAD_OF_MINUTES = 30  # so many, so that a task that dies every few minutes is noticed too
RESTARTS = 5  # of services that share a log; a deploy of both workers, and again, are four
RESTARTS_MINUTES = 30
DATABASE_FREE_BYTES = 5 * 1024**3
DATABASE_BUSY_PERCENT = 80
DATABASE_BUSY_PERIODS = 3  # migrations of Prefect's, and its cleaning, take some minutes
BUDGET_PERCENTS = (80, 100)
FEW, MANY = "LessThanThreshold", "GreaterThanOrEqualToThreshold"


@dataclass(frozen=True)
class LogSign:
    """A log line of a flow run or a service that is counted as a metric.

    Args:
        texts: The log line contains one of these.
    """

    name: str
    texts: tuple[str, ...]


BEGAN = LogSign("FlowRunsBegan", ("Beginning flow run",))
FAILED = LogSign("FlowRunsFailed", ("Finished in state Failed", "Finished in state TimedOut"))
FRESH = {
    "bronze": LogSign("BronzeDone", ("bronze: batch", "bronze: nothing new")),
    "gold": LogSign("GoldDone", ("gold: batch", "gold: no new")),
}
STARTED = {
    "server": LogSign("ServerStarted", ("Configure Prefect to communicate with the server",)),
    "workers": LogSign("WorkersStarted", ("started!",)),
}


@dataclass(frozen=True)
class Alarm:
    """An alarm on the count of a sign.

    Silence is counted in short periods, each without the sign worth 0 (`FILL`), and rings once all
    of them are. CloudWatch would otherwise pass over missing data as long as it finds an older
    point, and ring after three or four times the wait: it looks at more periods than configured.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html

    Args:
        comparison: `FEW` rings where a period's count is below the threshold, `MANY` elsewhere.
        minutes: How long it has to be so.
    """

    name: str
    description: str
    comparison: str
    minutes: int = PERIOD_SECONDS // 60
    threshold: int = 1
    period_seconds: int = PERIOD_SECONDS


def build_alarms(stack: Stack, topic: aws.sns.Topic, logs: Logs, queue: aws.sqs.Queue) -> None:
    settings = stack.settings.alarms
    late = _silence("late", "No flow run began", settings.late_after_minutes)
    _watch(stack, topic, logs.flows, BEGAN, late)
    failed = Alarm("failed", "A flow run failed", MANY)
    _watch(stack, topic, logs.flows, FAILED, failed)
    for layer, sign in FRESH.items():
        missing = f"No run brought {layer} up to date"
        stale = _silence(f"stale-{layer}", missing, settings.stale_after_minutes)
        _watch(stack, topic, logs.flows, sign, stale)
    # Services that ECS starts again and again, such as one whose health check never lasts: ECS
    # starts the next task before it stops one whose check fails, so there always is one.
    # https://aws.amazon.com/about-aws/whats-new/2023/10/amazon-ecs-applications-resiliency-unpredictable-load-spikes/
    for part, log in (("server", logs.server), ("workers", logs.workers)):
        often = (
            f"Prefect's {part} started {RESTARTS} times within {RESTARTS_MINUTES} minutes: see the"
            " events of the service in ECS"
        )
        seconds = RESTARTS_MINUTES * 60
        alarm = Alarm(f"restarts-{part}", often, MANY, RESTARTS_MINUTES, RESTARTS, seconds)
        if log is not None:
            _watch(stack, topic, log, STARTED[part], alarm)
    _watch_queue(stack, topic, queue)
    _watch_services(stack, topic)
    if isinstance(stack.settings.prefect.api, ServerSettings):
        _watch_database(stack, topic)
    _build_budget(stack, topic)


def _silence(name: str, description: str, minutes: int) -> Alarm:
    return Alarm(name, f"{description} for {minutes} minutes", FEW, minutes)


def _watch(
    stack: Stack,
    topic: aws.sns.Topic,
    log: aws.cloudwatch.LogGroup,
    sign: LogSign,
    alarm: Alarm,
) -> None:
    namespace = stack.settings.stack.name
    periods = math.ceil(alarm.minutes * 60 / alarm.period_seconds)
    aws.cloudwatch.LogMetricFilter(
        alarm.name,
        name=stack.of(alarm.name),
        log_group_name=log.name,
        pattern=" ".join(f'?"{text}"' for text in sign.texts),  # any of them
        metric_transformation={"name": sign.name, "namespace": namespace, "value": "1"},
    )
    aws.cloudwatch.MetricAlarm(
        alarm.name,
        **_alarm_arguments(stack, topic, alarm.name),
        alarm_description=alarm.description,
        metric_queries=[
            {
                "id": "said",
                "metric": {
                    "namespace": namespace,
                    "metric_name": sign.name,
                    "stat": "Sum",
                    "period": alarm.period_seconds,
                },
            },
            {"id": "count", "expression": "FILL(said, 0)", "return_data": True},
        ],
        evaluation_periods=periods,
        datapoints_to_alarm=periods,
        threshold=alarm.threshold,
        comparison_operator=alarm.comparison,
        # Where no point is left at all there is nothing to fill up.
        treat_missing_data="breaching" if alarm.comparison == FEW else "notBreaching",
    )


def _alarm_arguments(stack: Stack, topic: aws.sns.Topic, name: str) -> dict[str, Any]:
    return {
        **stack.named(name),
        "alarm_actions": [topic.arn],
        "ok_actions": [topic.arn],
    }


def _watch_queue(stack: Stack, topic: aws.sns.Topic, queue: aws.sqs.Queue) -> None:
    """Events that nobody fetches: the worker is gone, and with it whoever starts runs."""
    aws.cloudwatch.MetricAlarm(
        "unheard-events",
        **_alarm_arguments(stack, topic, "unheard-events"),
        alarm_description=(
            "Prefect's worker fetches no events of tasks, or can't process one: is it running?"
        ),
        namespace="AWS/SQS",
        metric_name="ApproximateAgeOfOldestMessage",
        dimensions={"QueueName": queue.name},
        statistic="Maximum",
        period=300,
        evaluation_periods=2,
        threshold=EVENTS_WAIT_SECONDS,
        comparison_operator=MANY,
        treat_missing_data="notBreaching",
    )


def _watch_services(stack: Stack, topic: aws.sns.Topic) -> None:
    """Services that have no running task, or again and again none.

    ECS sends each minute how much CPU a service's tasks use, a sample a task; without a task there
    is none. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html
    """
    own_server = isinstance(stack.settings.prefect.api, ServerSettings)
    for part in (*(("server",) if own_server else ()), "worker", "control"):
        aws.cloudwatch.MetricAlarm(
            f"dead-{part}",
            **_alarm_arguments(stack, topic, f"dead-{part}"),
            alarm_description=(
                f"Service {part} has no running task, or again and again none: see its events in"
                " ECS"
            ),
            metric_queries=[
                {
                    "id": "tasks",
                    "metric": {
                        "namespace": "AWS/ECS",
                        "metric_name": "CPUUtilization",
                        "dimensions": {
                            "ClusterName": stack.cluster,
                            "ServiceName": stack.of(part),
                        },
                        "stat": "SampleCount",
                        "period": 60,
                    },
                },
                {"id": "running", "expression": "FILL(tasks, 0)", "return_data": True},
            ],
            evaluation_periods=DEAD_OF_MINUTES,
            datapoints_to_alarm=DEAD_MINUTES,
            threshold=1,
            comparison_operator=FEW,
            treat_missing_data="breaching",
        )


def _watch_database(stack: Stack, topic: aws.sns.Topic) -> None:
    """A Postgres whose storage fills stops Prefect, and a busy one holds it up.

    Its storage grows by itself up to twice its size; its class doesn't.
    """
    for part, description, metric, statistic, periods, threshold, comparison in (
        (
            "storage",
            "Prefect's database has little storage left: raise database_gib",
            *("FreeStorageSpace", "Minimum", 2, DATABASE_FREE_BYTES, FEW),
        ),
        (
            "cpu",
            "Prefect's database is busy for long: raise database_class",
            *("CPUUtilization", "Average", DATABASE_BUSY_PERIODS, DATABASE_BUSY_PERCENT, MANY),
        ),
    ):
        aws.cloudwatch.MetricAlarm(
            f"database-{part}",
            **_alarm_arguments(stack, topic, f"database-{part}"),
            alarm_description=description,
            namespace="AWS/RDS",
            metric_name=metric,
            dimensions={"DBInstanceIdentifier": stack.of("database")},
            statistic=statistic,
            period=PERIOD_SECONDS,
            evaluation_periods=periods,
            threshold=threshold,
            comparison_operator=comparison,
            treat_missing_data="notBreaching",
        )


def _build_budget(stack: Stack, topic: aws.sns.Topic) -> None:
    """Build the budget of all resources with the stack's tag; Snowflake has a resource monitor."""
    aws.budgets.Budget(
        "month",
        **stack.named("month"),
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount=str(stack.settings.alarms.dollars_a_month),
        limit_unit="USD",
        cost_filters=[
            {"name": "TagKeyValue", "values": [f"user:stack${stack.settings.stack.name}"]}
        ],
        notifications=[
            {
                "comparison_operator": "GREATER_THAN",
                "notification_type": "FORECASTED" if percent == max(BUDGET_PERCENTS) else "ACTUAL",
                "threshold": percent,
                "threshold_type": "PERCENTAGE",
                "subscriber_sns_topic_arns": [topic.arn],
            }
            for percent in BUDGET_PERCENTS
        ],
    )
