"""The recorded graph as a CloudFormation template: policies, task definitions, services, alarms.

Nobody deploys it: it is the language that cfn-lint reads. What only AWS would know stands in it as
an ARN or id of the right form.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from cloud.infra.graph import Graph

ACCOUNT, REGION = "444455556666", "us-east-1"
Properties = dict[str, Any]
_REFERENCE = re.compile(r"\$\{(\w+)\.([\w-]+)\.([\w.]+)\}")
# By type and property of a reference what it looks like once AWS has made it.
_MADE = {
    "AccessPoint.arn": "arn:aws:elasticfilesystem:{here}:access-point/fsap-0123456789abcdef0",
    "AccessPoint.id": "fsap-0123456789abcdef0",
    "Bucket.arn": "arn:aws:s3:::{name}",
    "Bucket.id": "{name}",
    "Eip.publicIp": "198.51.100.7",
    "Cluster.arn": "arn:aws:ecs:{here}:cluster/{name}",
    "EventRule.arn": "arn:aws:events:{here}:rule/{name}",
    "FileSystem.arn": "arn:aws:elasticfilesystem:{here}:file-system/fs-0123456789abcdef0",
    "FileSystem.id": "fs-0123456789abcdef0",
    "Instance.address": "{name}.abcdefghijkl.us-east-1.rds.amazonaws.com",
    "Instance.masterUserSecrets.secretArn": "arn:aws:secretsmanager:{here}:secret:rds-AbCdEf",
    "LogGroup.arn": "arn:aws:logs:{here}:log-group:{name}",
    "Queue.arn": "arn:aws:sqs:{here}:{name}",
    "Queue.url": "https://sqs.us-east-1.amazonaws.com/444455556666/{name}",
    "Repository.arn": "arn:aws:ecr:{here}:repository/{name}",
    "Repository.repositoryUrl": "444455556666.dkr.ecr.us-east-1.amazonaws.com/{name}",
    "Role.arn": "arn:aws:iam::444455556666:role/{name}",
    "RouteTable.id": "rtb-0123456789abcdef0",
    "Secret.arn": "arn:aws:secretsmanager:{here}:secret:{name}-AbCdEf",
    "SecurityGroup.id": "sg-0123456789abcdef0",
    "Service.arn": "arn:aws:servicediscovery:{here}:service/srv-0123456789abcdef",
    "StorageIntegrationAws.describeOutputs.externalId": "ACME_SFCRole=1_abcdefgh",
    "StorageIntegrationAws.describeOutputs.iamUserArn": "arn:aws:iam::999900001111:user/snowflake",
    "Subnet.id": "subnet-0123456789abcdef0",
    "TaskDefinition.arn": "arn:aws:ecs:{here}:task-definition/{name}:1",
    "Topic.arn": "arn:aws:sns:{here}:{name}",
    "Vpc.id": "vpc-0123456789abcdef0",
}
# Words that CloudFormation writes otherwise than with a first capital.
_SPELLED = {
    "enableEcsManagedTags": "EnableECSManagedTags",
    "efsVolumeConfiguration": "EFSVolumeConfiguration",
    "fileSystemId": "FilesystemId",
    "iam": "IAM",
    "okActions": "OKActions",
}
_FREE = {"options"}  # a map whose keys are anybody's


def template(graph: Graph) -> dict[str, Any]:
    """The template of a graph."""
    resources = {
        logical_id(one.key): {
            "Type": _KINDS[one.type][0],
            "Properties": _KINDS[one.type][1](resolved(graph, one.inputs)),
        }
        for one in graph.resources
        if one.type in _KINDS
    }
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


def logical_id(key: str) -> str:
    """The name of a resource in the template, where letters and digits alone may stand."""
    return re.sub(r"[^A-Za-z0-9]", "", key.title())


def resolved(graph: Graph, value: Any) -> Any:
    """A value of a graph, with ARNs and ids in the place of references."""
    names = {one.key: one.inputs.get("name") or one.inputs.get("bucket") for one in graph.resources}

    def made(found: re.Match[str]) -> str:
        kind, name, attribute = found.groups()
        form = _MADE[f"{kind}.{attribute}"]
        return form.format(name=names[f"{kind}.{name}"] or name, here=f"{REGION}:{ACCOUNT}")

    return _whole(json.loads(_REFERENCE.sub(made, json.dumps(value))))


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _whole(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def spelled(value: Any) -> Any:
    """Names as CloudFormation writes them; nothing where nothing was said."""
    if isinstance(value, list):
        return [spelled(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        _SPELLED.get(name, f"{name[0].upper()}{name[1:]}"): one if name in _FREE else spelled(one)
        for name, one in value.items()
        if one != []
    }


def _tags(inputs: Properties) -> Properties:
    tags = inputs.pop("tags", {})
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _named(property_name: str, **renamed: str) -> Callable[[Properties], Properties]:
    """A document of IAM's, and the inputs that CloudFormation asks for beside it."""

    def render(inputs: Properties) -> Properties:
        document = {property_name: json.loads(inputs["policy"])}
        return document | {theirs: inputs[ours] for ours, theirs in renamed.items()}

    return render


def _role(inputs: Properties) -> Properties:
    trust = json.loads(inputs["assumeRolePolicy"])
    return {"AssumeRolePolicyDocument": trust, "RoleName": inputs["name"], **_tags(inputs)}


def _listed(property_name: str, attribute: str) -> Callable[[Properties], Properties]:
    """A resource's own policy; CloudFormation takes a list of those it is for."""

    def render(inputs: Properties) -> Properties:
        return {
            "PolicyDocument": json.loads(inputs["policy"]),
            property_name: [inputs[attribute]],
        }

    return render


def _task(inputs: Properties) -> Properties:
    return task({**inputs, "containerDefinitions": json.loads(inputs["containerDefinitions"])})


def task(definition: Properties) -> Properties:
    """A task definition as the API takes it."""
    tags = _tags(definition)
    return spelled(definition) | tags


def _service(inputs: Properties) -> Properties:
    tags, name = _tags(inputs), inputs.pop("name")
    breaker = inputs.pop("deploymentCircuitBreaker")
    network = inputs.pop("networkConfiguration")
    network["assignPublicIp"] = "ENABLED" if network["assignPublicIp"] else "DISABLED"
    registry = inputs.pop("serviceRegistries", None)
    return {
        **spelled({**inputs, "serviceRegistries": [registry] if registry else []}),
        "DeploymentConfiguration": {"DeploymentCircuitBreaker": spelled(breaker)},
        "NetworkConfiguration": {"AwsvpcConfiguration": spelled(network)},
        "ServiceName": name,
        **tags,
    }


def _alarm(inputs: Properties) -> Properties:
    tags, name = _tags(inputs), inputs.pop("name")
    queries = inputs.pop("metricQueries", [])
    if "dimensions" in inputs:
        inputs["dimensions"] = _dimensions(inputs["dimensions"])
    metrics = {"Metrics": [_query(one) for one in queries]} if queries else {}
    return {**spelled(inputs), **metrics, "AlarmName": name, **tags}


def _query(query: Properties) -> Properties:
    metric = query.get("metric")
    if metric is None:
        return spelled(query)
    what = {name: metric[name] for name in ("namespace", "metricName")}
    if "dimensions" in metric:
        what["dimensions"] = _dimensions(metric["dimensions"])
    return {
        "Id": query["id"],
        "MetricStat": spelled({"metric": what, "period": metric["period"], "stat": metric["stat"]}),
        "ReturnData": False,
    }


def _dimensions(dimensions: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in dimensions.items()]


_KINDS: dict[str, tuple[str, Callable[[Properties], Properties]]] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("AWS::CloudWatch::Alarm", _alarm),
    "aws:ec2/vpcEndpoint:VpcEndpoint": (
        "AWS::EC2::VPCEndpoint",
        _named("PolicyDocument", vpcId="VpcId", serviceName="ServiceName"),
    ),
    "aws:ecs/service:Service": ("AWS::ECS::Service", _service),
    "aws:ecs/taskDefinition:TaskDefinition": ("AWS::ECS::TaskDefinition", _task),
    "aws:iam/policy:Policy": (
        "AWS::IAM::ManagedPolicy",
        _named("PolicyDocument", name="ManagedPolicyName", description="Description"),
    ),
    "aws:iam/role:Role": ("AWS::IAM::Role", _role),
    "aws:iam/rolePolicy:RolePolicy": (
        "AWS::IAM::RolePolicy",
        _named("PolicyDocument", name="PolicyName", role="RoleName"),
    ),
    "aws:kms/key:Key": ("AWS::KMS::Key", _named("KeyPolicy", description="Description")),
    "aws:s3/bucketPolicy:BucketPolicy": (
        "AWS::S3::BucketPolicy",
        _named("PolicyDocument", bucket="Bucket"),
    ),
    "aws:sns/topicPolicy:TopicPolicy": ("AWS::SNS::TopicPolicy", _listed("Topics", "arn")),
    "aws:sqs/queuePolicy:QueuePolicy": ("AWS::SQS::QueuePolicy", _listed("Queues", "queueUrl")),
}
