"""The emulated AWS: what cloud/infra/ made there, and what came of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloud.infra.emulator.apply import apply
from cloud.infra.emulator.aws import Aws
from cloud.infra.settings import Settings
from cloud.outputs import Outputs, checked
from local.console.errors import CommandFailed

FLOW_RUN_TAG = "prefect.io/flow-run-id"  # Prefect's worker tags each task with it


@dataclass(frozen=True)
class Emulated:
    """An account with the infrastructure in it."""

    aws: Aws
    outputs: Outputs
    made: int
    """The number of resources that the program made."""

    def keep_secrets(self, values: Mapping[str, str]) -> dict[str, str]:
        """Put the values in, as people do in production; the values by ARN.

        Raises:
            CommandFailed: A secret has no value here, as the key of Prefect Cloud.
        """
        client = self.aws.client("secretsmanager")
        arns = self.outputs.secret_arns
        if unknown := sorted(arns.keys() - values.keys()):
            raise CommandFailed(f"a rehearsal has no value for the secret {', '.join(unknown)}")
        for key, arn in arns.items():
            client.put_secret_value(SecretId=arn, SecretString=values[key])
        return {arn: values[key] for key, arn in arns.items()}

    def lose_secret(self, key: str) -> None:
        """Delete a secret as people do by mistake: it can be brought back for a week."""
        self.aws.client("secretsmanager").delete_secret(SecretId=self.outputs.secret_arns[key])

    def rotate_secret(self, key: str, value: str) -> None:
        """Bring a secret back, with another value."""
        client, arn = self.aws.client("secretsmanager"), self.outputs.secret_arns[key]
        client.restore_secret(SecretId=arn)
        client.put_secret_value(SecretId=arn, SecretString=value)

    def definition(self, name: str) -> dict[str, Any]:
        """A task definition by its ARN, or the newest of a family."""
        return self.aws.client("ecs").describe_task_definition(taskDefinition=name)[
            "taskDefinition"
        ]

    def tasks_of(self, flow_run_id: str) -> list[dict[str, Any]]:
        """The tasks of a flow run, also those that have ended, the oldest first."""
        ecs, cluster = self.aws.client("ecs"), self.outputs.cluster_arn
        arns = {  # a task that ends in between is in both lists
            arn
            for status in ("RUNNING", "STOPPED")
            for arn in ecs.list_tasks(cluster=cluster, desiredStatus=status)["taskArns"]
        }
        if not arns:
            return []
        found = ecs.describe_tasks(cluster=cluster, tasks=sorted(arns), include=["TAGS"])["tasks"]
        tag = {"key": FLOW_RUN_TAG, "value": flow_run_id}
        return sorted(
            (one for one in found if tag in one["tags"]), key=lambda one: one["createdAt"]
        )

    def stop(self, task: Mapping[str, Any]) -> None:
        name = {"cluster": task["clusterArn"], "task": task["taskArn"]}
        self.aws.client("ecs").stop_task(**name, reason="ECS retires it")

    def log_of(self, task: Mapping[str, Any]) -> list[str]:
        """Return the lines that a task's container logged to CloudWatch; none without a stream."""
        (container,) = self.definition(task["taskDefinitionArn"])["containerDefinitions"]
        prefix = container["logConfiguration"]["options"]["awslogs-stream-prefix"]
        task_id = task["taskArn"].rpartition("/")[2]
        logs, group = self.aws.client("logs"), self.outputs.flow_log_group
        name = f"{prefix}/{container['name']}/{task_id}"
        streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=name)
        if not streams["logStreams"]:
            return []
        pages = logs.get_log_events(logGroupName=group, logStreamName=name, startFromHead=True)
        return [one["message"] for one in pages["events"]]


def apply_infrastructure(settings: Settings, url: str) -> Emulated:
    """Make what cloud/infra/ makes, on an emulated AWS that is empty.

    Raises:
        CommandFailed: An output isn't as `cloud.outputs` knows it.
    """
    applied = apply(settings, url)
    if unknown := [name for name in applied.outputs if name not in Outputs.model_fields]:
        raise CommandFailed(
            f"cloud/infra/ has outputs that cloud/ doesn't know: {', '.join(unknown)}"
        )
    aws = Aws(url, settings.stack.region, settings.stack.account_id)
    return Emulated(aws, checked(applied.outputs, "the emulated stack"), len(applied.made))
