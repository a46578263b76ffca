"""The queue of ECS task events that Prefect's worker reads.

Prefect's ECS worker doesn't look after a task once it runs: it hears of its end here, and without
the queue a killed task would stay Running until it misses its heartbeats.
"""

import pulumi
import pulumi_aws as aws

from cloud.infra.iam import allow, allow_service, document
from cloud.infra.stack import Stack

KEPT_SECONDS = 4 * 24 * 3600  # a worker that was away for a long weekend still hears of it
HIDDEN_SECONDS = 300


def build_ecs_events(stack: Stack, cluster: aws.ecs.Cluster) -> aws.sqs.Queue:
    queue = aws.sqs.Queue(
        "ecs-events",
        **stack.named("ecs-events"),
        message_retention_seconds=KEPT_SECONDS,
        visibility_timeout_seconds=HIDDEN_SECONDS,
        receive_wait_time_seconds=20,
        sqs_managed_sse_enabled=True,
    )
    rule = aws.cloudwatch.EventRule(
        "ecs-events",
        name=stack.of("ecs-events"),
        description="Every change of a task's state in the pipeline's cluster",
        event_pattern=pulumi.Output.json_dumps(
            {
                "source": ["aws.ecs"],
                "detail-type": ["ECS Task State Change"],
                "detail": {"clusterArn": [cluster.arn]},
            }
        ),
        tags=stack.tags("ecs-events"),
    )
    aws.cloudwatch.EventTarget(
        "ecs-events", rule=rule.name, arn=queue.arn, target_id=stack.of("ecs-events")
    )
    statement = allow("EventsOfThisRule", ["sqs:SendMessage"], [queue.arn])
    aws.sqs.QueuePolicy(
        "ecs-events",
        queue_url=queue.url,
        policy=document(
            allow_service(statement, "events.amazonaws.com", stack.account_id, rule.arn)
        ),
    )
    return queue
