"""The program on an emulated AWS and the local Snowflake; the pipeline's code on what it made."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cloud.infra.emulator.apply import (
    HANDLERS,
    NOT_APPLIED,
    STATEMENTS,
    Applied,
    NoHandler,
    apply,
    why_left_out,
)
from cloud.infra.environment import flow_environment
from cloud.infra.graph import Graph
from cloud.infra.settings import Settings
from local.embedded.children import Children
from services.migrate import migrate
from services.settings import read_snowflake
from services.wiring import STAGE, open_warehouse
from tests.contract.snowflake.server import SUBJECT_INFO, LocalSnowflake, start

ADMINISTRATOR = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@dataclass
class Trial:
    """The infrastructure that was created, and where it runs."""

    applied: Applied
    settings: Settings
    endpoint_url: str
    snowflake: LocalSnowflake

    def client(self, service: str, **keys: str) -> Any:
        """The account's own client, or one with the keys of a session."""
        account = self.settings.stack.account_id
        own = {"aws_access_key_id": account, "aws_secret_access_key": "emulated"}
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=self.settings.stack.region,
            config=Config(retries={"total_max_attempts": 1}),
            **(keys or own),
        )

    def session_of(self, role: str, service: str = "s3") -> Any:
        """A client of whoever took a role on. ECS may; for the trial, the account may too."""
        account = self.settings.stack.account_id
        arn = f"arn:aws:iam::{account}:role/{role}"
        trust = {**ADMINISTRATOR, "Action": "sts:AssumeRole", "Principal": {"AWS": account}}
        del trust["Resource"]
        self.client("iam").update_assume_role_policy(
            RoleName=role,
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
        made = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="trial")["Credentials"]
        return self.client(
            service,
            aws_access_key_id=made["AccessKeyId"],
            aws_secret_access_key=made["SecretAccessKey"],
            aws_session_token=made["SessionToken"],
        )

    @property
    def bucket(self) -> str:
        return self.applied.outputs["landing_bucket"]


@pytest.fixture(scope="module")
def trial(
    children: Children,
    tmp_path_factory: pytest.TempPathFactory,
    emulator: str,
    prod: Settings,
    key_pair: rsa.RSAPrivateKey,
) -> Iterator[Trial]:
    folder = tmp_path_factory.mktemp("snowflake")
    public = folder / "key.pub"
    public.write_bytes(key_pair.public_key().public_bytes(Encoding.PEM, SUBJECT_INFO))
    aws = {
        "AWS_ENDPOINT_URL_S3": emulator,
        "AWS_ACCESS_KEY_ID": prod.stack.account_id,
        "AWS_SECRET_ACCESS_KEY": "emulated",
        "AWS_REGION": prod.stack.region,
    }
    user = flow_environment(prod).values["SNOWFLAKE_USER"]
    empty = folder / "empty.sql"
    empty.touch()
    server = start(
        children,
        folder / "data",
        "--init",
        str(empty),  # what infrastructure makes is made by the program
        LOCAL_SNOWFLAKE_USER=user,
        LOCAL_SNOWFLAKE_PUBLIC_KEY_FILE=str(public),
        **aws,
    )
    with server.connect(user=user, database=None, schema=None) as connection:
        applied = apply(prod, emulator, connection.cursor().execute)
        yield Trial(applied, prod, emulator, server)


def test_everything_is_made_or_left_out_with_a_reason(trial: Trial, graph: Graph) -> None:
    print(*trial.applied.left_out.items(), sep="\n")  # noqa: T201 -- what T=-s shows
    made, left_out = {*trial.applied.made}, {*trial.applied.left_out}
    assert made | left_out == {one.key for one in graph.resources}
    assert not made & left_out
    assert {key.partition(".")[0] for key in left_out} == {
        kind.rpartition(":")[2] for kind in NOT_APPLIED
    }


def test_no_reason_is_of_what_is_made() -> None:
    assert not {*NOT_APPLIED} & {*HANDLERS, *STATEMENTS}


def test_a_type_that_nobody_thought_of_ends_the_trial() -> None:
    with pytest.raises(NoHandler, match="aws:lambda/function:Function has no handler"):
        why_left_out("aws:lambda/function:Function")


def test_outputs_are_what_the_emulator_answered(trial: Trial) -> None:
    outputs, ec2 = trial.applied.outputs, trial.client("ec2")
    assert "${" not in json.dumps(outputs)
    addresses = [one["PublicIp"] for one in ec2.describe_addresses()["Addresses"]]
    assert [outputs["egress_ip"]] == addresses
    subnets = ec2.describe_subnets(SubnetIds=outputs["private_subnet_ids"])["Subnets"]
    assert {one["VpcId"] for one in subnets} == {outputs["vpc_id"]}
    (cluster,) = trial.client("ecs").describe_clusters(clusters=[outputs["cluster_arn"]])[
        "clusters"
    ]
    assert cluster["clusterName"] == "canton-prod"
    for arn in outputs["secret_arns"].values():
        assert trial.client("secretsmanager").describe_secret(SecretId=arn)["ARN"] == arn


def test_a_service_knows_its_task_and_the_task_its_secrets(trial: Trial) -> None:
    ecs = trial.client("ecs")
    (service,) = ecs.describe_services(cluster="canton-prod", services=["canton-prod-worker"])[
        "services"
    ]
    task = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    (container,) = task["containerDefinitions"]
    assert container["secrets"] == [
        {
            "name": "PREFECT_API_AUTH_STRING",
            "valueFrom": trial.applied.outputs["secret_arns"]["prefect-auth"],
        }
    ]
    assert container["image"].startswith(trial.applied.outputs["image_repository"])
    assert task["taskRoleArn"].endswith(":role/canton-prod-worker")


def test_an_end_of_a_task_reaches_the_queue(trial: Trial) -> None:
    """Nobody but ECS may say `aws.ecs`, on AWS and here: for the trial the rule hears another."""
    events, sqs = trial.client("events"), trial.client("sqs")
    name = "canton-prod-ecs-events"
    rule = events.describe_rule(Name=name)
    events.put_rule(Name=name, EventPattern=rule["EventPattern"].replace("aws.ecs", "trial.ecs"))
    ours, another = (
        {
            "Source": "trial.ecs",
            "DetailType": "ECS Task State Change",
            "Detail": json.dumps({"clusterArn": cluster, "lastStatus": "STOPPED"}),
        }
        for cluster in (trial.applied.outputs["cluster_arn"], "another")
    )
    assert events.put_events(Entries=[another, ours])["FailedEntryCount"] == 0
    url = sqs.get_queue_url(QueueName=trial.applied.outputs["ecs_events_queue"])["QueueUrl"]
    received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5, MaxNumberOfMessages=10)
    bodies = [json.loads(one["Body"]) for one in received["Messages"]]
    assert [body["detail"] for body in bodies] == [json.loads(ours["Detail"])]


def refusal(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return str(refused.value)


@pytest.fixture
def without_statements(trial: Trial) -> Iterator[Any]:
    """Takes statements of the bucket's policy away for a test."""
    s3 = trial.client("s3")
    whole = s3.get_bucket_policy(Bucket=trial.bucket)["Policy"]

    def take(*sids: str) -> None:
        policy = json.loads(whole)
        policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] not in sids]
        s3.put_bucket_policy(Bucket=trial.bucket, Policy=json.dumps(policy))

    yield take
    s3.put_bucket_policy(Bucket=trial.bucket, Policy=whole)


def test_the_bucket_refuses_who_comes_without_tls(trial: Trial) -> None:
    s3 = trial.session_of("canton-prod-flow")
    said = refusal(s3.get_object, Bucket=trial.bucket, Key="canton/a")
    assert "explicit deny in a resource-based policy" in said


def test_a_flow_run_puts_new_pages_and_nothing_else(trial: Trial, without_statements: Any) -> None:
    # The emulator speaks no TLS, and passes no if-none-match on to the policy: see test_iam.py.
    without_statements("OnlyTls", "OnlyNewKeys")
    s3 = trial.session_of("canton-prod-flow")
    page = {"Bucket": trial.bucket, "Key": "canton/a", "Body": b"{}", "IfNoneMatch": "*"}
    s3.put_object(**page)
    for other in ("quarantine/a", "results/a"):
        s3.put_object(**{**page, "Key": other})
    assert s3.get_object(Bucket=trial.bucket, Key="canton/a")["Body"].read() == b"{}"
    s3.head_bucket(Bucket=trial.bucket)

    assert "PreconditionFailed" in refusal(s3.put_object, **page)
    assert "404" in refusal(s3.head_object, Bucket=trial.bucket, Key="canton/none")
    assert "no identity-based policy" in refusal(s3.put_object, **{**page, "Key": "elsewhere/a"})
    assert "explicit deny" in refusal(s3.delete_object, Bucket=trial.bucket, Key="canton/a")


def test_a_put_that_could_replace_a_page_is_refused(trial: Trial, without_statements: Any) -> None:
    without_statements("OnlyTls")
    s3 = trial.session_of("canton-prod-flow")
    said = refusal(s3.put_object, Bucket=trial.bucket, Key="canton/b", Body=b"{}")
    assert "explicit deny in a resource-based policy" in said


def test_a_flow_run_reads_no_secret_by_itself(trial: Trial) -> None:
    secrets = trial.session_of("canton-prod-flow", "secretsmanager")
    arn = trial.applied.outputs["secret_arns"]["snowflake-private-key"]
    assert "no identity-based policy" in refusal(secrets.get_secret_value, SecretId=arn)


def test_nobody_but_ecs_takes_the_role_of_a_flow_run(trial: Trial) -> None:
    arn = f"arn:aws:iam::{trial.settings.stack.account_id}:role/canton-prod-control"
    said = refusal(trial.client("sts").assume_role, RoleArn=arn, RoleSessionName="trial")
    assert "not authorized to perform: sts:AssumeRole" in said


def test_migrations_find_what_the_program_made(trial: Trial, key_pair: rsa.RSAPrivateKey) -> None:
    """The flow's own environment, its key as a variable, on the database that the program made."""
    pem = key_pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    local = {"HOST": "127.0.0.1", "PORT": str(trial.snowflake.port), "PROTOCOL": "http"}
    environment = {
        **flow_environment(trial.settings).values,
        **{f"SNOWFLAKE_{name}": value for name, value in local.items()},
        "SNOWFLAKE_PRIVATE_KEY": pem,
    }
    warehouse = open_warehouse(read_snowflake(environment))
    warehouse.check(STAGE)
    assert "0001_ops" in migrate(warehouse)
    assert migrate(warehouse) == []
