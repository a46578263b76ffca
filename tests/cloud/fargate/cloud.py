"""An ECS task as ministack describes it, and an AWS that takes down what it is told."""

import copy
import json
import threading
from datetime import UTC, datetime

from botocore.exceptions import ClientError

CLUSTER = "arn:aws:ecs:us-east-1:444455556666:cluster/canton"
ARN = "arn:aws:ecs:us-east-1:444455556666:task/canton/0a1b2c"
DIGEST = f"sha256:{'ab' * 32}"
SECRET = "arn:aws:secretsmanager:us-east-1:444455556666:secret:canton/auth-1a2b3c"
QUEUE = "arn:aws:sqs:us-east-1:444455556666:ecs-events"
CONTAINER = {
    "name": "flow",
    "image": f"444455556666.dkr.ecr.us-east-1.amazonaws.com/canton@{DIGEST}",
    "command": ["from", "the", "definition"],
    "cpu": 0,
    "essential": True,
    "environment": [{"name": "KEPT", "value": "1"}, {"name": "OVERRIDDEN", "value": "1"}],
    "secrets": [{"name": "AUTH", "valueFrom": SECRET}],
    "user": "10001:10001",
    "readonlyRootFilesystem": True,
    "linuxParameters": {
        "initProcessEnabled": True,
        "capabilities": {"drop": ["ALL"]},
        "tmpfs": [{"containerPath": "/tmp", "size": 256}],  # noqa: S108 -- in the container
    },
    "stopTimeout": 60,
    "portMappings": [],
    "logConfiguration": {
        "logDriver": "awslogs",
        "options": {"awslogs-group": "/canton/flows", "awslogs-stream-prefix": "flow"},
    },
}
DEFINITION = {
    "taskDefinitionArn": "arn:aws:ecs:us-east-1:444455556666:task-definition/canton-flow:1",
    "containerDefinitions": [CONTAINER],
    "cpu": "2048",
    "memory": "4096",
    "volumes": [],
}
TASK = {
    "taskArn": ARN,
    "clusterArn": CLUSTER,
    "taskDefinitionArn": DEFINITION["taskDefinitionArn"],
    "createdAt": datetime(2026, 11, 21, 12, tzinfo=UTC),
    "launchType": "FARGATE",
    "containers": [
        {"name": "flow", "containerArn": "arn:x", "image": CONTAINER["image"], "taskArn": ARN}
    ],
    "overrides": {
        "containerOverrides": [
            {
                "name": "flow",
                "command": ["prefect", "flow-run", "execute"],
                "environment": [{"name": "OVERRIDDEN", "value": "2"}],
            }
        ]
    },
}


def changed(definition=DEFINITION, **fields):
    """The definition with other fields of its container."""
    made = copy.deepcopy(definition)
    made["containerDefinitions"][0] |= fields
    return made


class Aws:
    """ECS, Secrets Manager, Logs, EventBridge and SQS in one; what was told is kept."""

    def __init__(self, definition=DEFINITION, secrets=None):
        self.definition = definition
        self.secrets = {SECRET: "hush"} if secrets is None else secrets
        self.events = []
        self.lines = []
        self.streams = []
        self.stopped = {"stopCode": "UserInitiated", "stoppedReason": ""}
        self.lock = threading.Lock()

    def describe_task_definition(self, **_):
        return {"taskDefinition": self.definition}

    def stop_task(self, reason, **_):
        self.stopped["stoppedReason"] = self.stopped["stoppedReason"] or reason
        return {"task": self.stopped}

    def get_secret_value(self, SecretId):  # noqa: N803 -- boto3's
        if SecretId not in self.secrets:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetSecretValue")
        return {"SecretString": self.secrets[SecretId]}

    def create_log_stream(self, **where):
        self.streams.append(where)

    def put_log_events(self, logEvents, **_):  # noqa: N803 -- boto3's
        with self.lock:
            self.lines += [one["message"] for one in logEvents]

    def list_rules(self):
        return {
            "Rules": [
                {"Name": "of-ecs", "State": "ENABLED", "EventPattern": "aws.ecs"},
                {"Name": "of-s3", "State": "ENABLED", "EventPattern": "aws.s3"},
                {"Name": "off", "State": "DISABLED", "EventPattern": "aws.ecs"},
                {"Name": "hourly", "State": "ENABLED", "ScheduleExpression": "rate(1 hour)"},
            ]
        }

    def test_event_pattern(self, EventPattern, Event):  # noqa: N803 -- boto3's
        return {"Result": json.loads(Event)["source"] == EventPattern}

    def list_targets_by_rule(self, Rule):  # noqa: N803 -- boto3's
        return {"Targets": [{"Id": Rule, "Arn": QUEUE if Rule == "of-ecs" else f"{QUEUE}-wrong"}]}

    def get_queue_url(self, QueueName):  # noqa: N803 -- boto3's
        return {"QueueUrl": f"http://aws/{QueueName}"}

    def send_message(self, QueueUrl, MessageBody):  # noqa: N803 -- boto3's
        self.events.append((QueueUrl, json.loads(MessageBody)))

    @property
    def told(self):
        """The states that the queue heard of."""
        return [event["detail"]["lastStatus"] for _, event in self.events]

    @property
    def end(self):
        """The detail of the last event."""
        return self.events[-1][1]["detail"]
