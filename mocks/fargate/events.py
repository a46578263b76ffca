"""Events of an ECS task, in the form in which EventBridge delivers them.

ministack's ECS sends no events, and only ECS may send `aws.ecs` to its EventBridge, as on AWS.
So what EventBridge would do is done here, with the rules and targets that are there.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Task = Mapping[str, Any]
ESSENTIAL_EXITED = "Essential container in task exited"
# The fields of a task that an event has, besides its state.
_TASK_FIELDS = (
    *("attachments", "availabilityZone", "clusterArn", "cpu", "enableExecuteCommand", "group"),
    *("launchType", "memory", "overrides", "platformVersion", "startedBy"),
    *("taskArn", "taskDefinitionArn"),
)


@dataclass(frozen=True)
class End:
    """The stop code, reason and exit code of a task that ended.

    Attributes:
        code: `stopCode`: EssentialContainerExited, UserInitiated or TaskFailedToStart.
        reason: `stoppedReason`, for people.
        exit_code: Of the container; None: there was none.
    """

    code: str
    reason: str
    exit_code: int | None = None


def state_change(task: Task, status: str, version: int, end: End | None = None) -> dict[str, Any]:
    """The event of a task's new state.

    Args:
        task: As ECS describes it.
        status: PROVISIONING, PENDING, RUNNING or STOPPED.
        version: The number of events of this task, with this one.
        end: How it ended, if it did.
    """
    region, account = task["taskArn"].split(":")[3:5]
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    detail = {name: task[name] for name in _TASK_FIELDS if name in task}
    detail |= {
        "containers": [_container(one, status, end) for one in task["containers"]],
        "createdAt": task["createdAt"].strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "desiredStatus": "STOPPED" if end else "RUNNING",
        "lastStatus": status,
        "updatedAt": now,
        "version": version,
    }
    if end:
        detail |= {"stopCode": end.code, "stoppedReason": end.reason, "stoppedAt": now}
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "ECS Task State Change",
        "source": "aws.ecs",
        "account": account,
        "time": now,
        "region": region,
        "resources": [task["taskArn"]],
        "detail": detail,
    }


def _container(container: Task, status: str, end: End | None) -> dict[str, Any]:
    fields = ("containerArn", "cpu", "image", "memory", "name", "runtimeId", "taskArn")
    exited = end is not None and end.exit_code is not None
    return {
        **{name: container[name] for name in fields if name in container},
        "lastStatus": status,
        **({"exitCode": end.exit_code} if end and exited else {}),
    }


class Bus:
    """The default event bus: rules that are on, and their queues."""

    def __init__(self, events: Any, sqs: Any) -> None:
        self._events = events
        self._sqs = sqs

    def publish(self, event: Mapping[str, Any]) -> None:
        """Send an event to every queue whose rule matches it."""
        text = json.dumps(event)
        for rule in self._events.list_rules()["Rules"]:
            if rule["State"] == "ENABLED" and self._matches(rule, text):
                for target in self._events.list_targets_by_rule(Rule=rule["Name"])["Targets"]:
                    self._send(target["Arn"], text)

    def _matches(self, rule: Task, text: str) -> bool:
        pattern = rule.get("EventPattern")  # none: it is a schedule
        if not pattern:
            return False
        return self._events.test_event_pattern(EventPattern=pattern, Event=text)["Result"]

    def _send(self, arn: str, text: str) -> None:
        service, name = arn.split(":")[2], arn.rpartition(":")[2]
        if service != "sqs":
            print(f"nothing is sent to {arn}: it is no queue", flush=True)
            return
        url = self._sqs.get_queue_url(QueueName=name)["QueueUrl"]
        self._sqs.send_message(QueueUrl=url, MessageBody=text)
