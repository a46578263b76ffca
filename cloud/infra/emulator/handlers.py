"""The functions that make each type of resource on the emulator."""

from typing import Any

from cloud.infra.emulator.aws import Aws, Handler, Inputs, Made, one_call


def _bucket(aws: Aws, inputs: Inputs) -> Made:
    name = inputs["bucket"]
    aws.call("s3", "create_bucket", inputs)
    tagging = {"tagging": {"tagSet": inputs["tags"]}}
    aws.call("s3", "put_bucket_tagging", {"bucket": name, **tagging})
    return name, {"arn": f"arn:aws:s3:::{name}"}


def _log_group(aws: Aws, inputs: Inputs) -> Made:
    named = {**inputs, "logGroupName": inputs["name"]}
    aws.call("logs", "create_log_group", named)
    aws.call("logs", "put_retention_policy", named)
    found = aws.client("logs").describe_log_groups(logGroupNamePrefix=inputs["name"])
    (group,) = found["logGroups"]
    return inputs["name"], {"arn": group["arn"].removesuffix(":*")}


def _parameter_group(aws: Aws, inputs: Inputs) -> Made:
    named = {"DBParameterGroupName": inputs["name"], "DBParameterGroupFamily": inputs["family"]}
    aws.call("rds", "create_db_parameter_group", {**named, "Description": "Managed by Pulumi"})
    parameters = [
        {"ParameterName": one["name"], "ParameterValue": one["value"], "ApplyMethod": "immediate"}
        for one in inputs["parameters"]
    ]
    aws.call("rds", "modify_db_parameter_group", {**named, "Parameters": parameters})
    return inputs["name"], {}


def _vpc(aws: Aws, inputs: Inputs) -> Made:
    tagged = {**inputs, **_tags(inputs, "vpc")}
    made = aws.call("ec2", "create_vpc", tagged)["Vpc"]["VpcId"]
    for name in ("enableDnsSupport", "enableDnsHostnames"):
        flag = {"vpcId": made, name: {"value": inputs[name]}}
        aws.call("ec2", "modify_vpc_attribute", flag)
    return made, {}


def _default_group(aws: Aws, inputs: Inputs) -> Made:
    """Pulumi takes the group over that the VPC came with, and takes its rules away."""
    ec2 = aws.client("ec2")
    filters = [
        {"Name": "vpc-id", "Values": [inputs["vpcId"]]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    (group,) = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    for name, revoke in (
        ("IpPermissions", ec2.revoke_security_group_ingress),
        ("IpPermissionsEgress", ec2.revoke_security_group_egress),
    ):
        if group[name]:
            revoke(GroupId=group["GroupId"], IpPermissions=group[name])
    return group["GroupId"], {}


def _internet_gateway(aws: Aws, inputs: Inputs) -> Made:
    made = aws.call("ec2", "create_internet_gateway", _tags(inputs, "internet-gateway"))
    id_ = made["InternetGateway"]["InternetGatewayId"]
    aws.call("ec2", "attach_internet_gateway", {**inputs, "internetGatewayId": id_})
    return id_, {}


def _tags(inputs: Inputs, kind: str) -> dict[str, Any]:
    return {"tagSpecifications": [{"resourceType": kind, "tags": inputs["tags"]}]}


def _firewall_rule(way: str) -> Handler:
    def make(aws: Aws, inputs: Inputs) -> Made:
        group, cidr = inputs.get("referencedSecurityGroupId"), inputs.get("cidrIpv4")
        peer = {"userIdGroupPairs": {"groupId": group}} if group else {"ipRanges": {"cidrIp": cidr}}
        rule = {"groupId": inputs["securityGroupId"], "ipPermissions": {**inputs, **peer}}
        made = aws.call("ec2", f"authorize_security_group_{way}", rule)
        return made["SecurityGroupRules"][0]["SecurityGroupRuleId"], {}

    return make


def _key(aws: Aws, inputs: Inputs) -> Made:
    made = aws.call("kms", "create_key", inputs)["KeyMetadata"]
    aws.call("kms", "enable_key_rotation", {"keyId": made["KeyId"]})
    return made["KeyId"], {"arn": made["Arn"]}


def _namespace(aws: Aws, inputs: Inputs) -> Made:
    aws.call("servicediscovery", "create_private_dns_namespace", inputs)
    made = aws.client("servicediscovery").list_namespaces()["Namespaces"]
    (found,) = (one["Id"] for one in made if one["Name"] == inputs["name"])
    return found, {}


def _queue(aws: Aws, inputs: Inputs) -> Made:
    attributes = {
        "MessageRetentionPeriod": inputs["messageRetentionSeconds"],
        "VisibilityTimeout": inputs["visibilityTimeoutSeconds"],
        "ReceiveMessageWaitTimeSeconds": inputs["receiveWaitTimeSeconds"],
        "SqsManagedSseEnabled": inputs["sqsManagedSseEnabled"],
    }
    named = {**inputs, "queueName": inputs["name"], "attributes": attributes}
    url = aws.call("sqs", "create_queue", named)["QueueUrl"]
    found = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, {"arn": found["Attributes"]["QueueArn"], "url": url}


def _budget(aws: Aws, inputs: Inputs) -> Made:
    budget = {
        **inputs,
        "budgetName": inputs["name"],
        "budgetLimit": {"amount": inputs["limitAmount"], "unit": inputs["limitUnit"]},
        "costFilters": {one["name"]: one["values"] for one in inputs["costFilters"]},
    }
    notifications = [
        {
            "notification": one,
            "subscribers": [
                {"subscriptionType": "SNS", "address": arn} for arn in one["subscriberSnsTopicArns"]
            ],
        }
        for one in inputs["notifications"]
    ]
    whole = {"budget": budget, "notificationsWithSubscribers": notifications}
    aws.call("budgets", "create_budget", {"accountId": aws.account_id, **whole})
    return f"{aws.account_id}:{inputs['name']}", {}


_SSE = "BucketServerSideEncryptionConfiguration"  # its token is wider than a line
# An alarm's query is a metric, or an expression over others.
_QUERIES = (
    "metricQueries[].{id: id, expression: expression, returnData: returnData || `false`,"
    " metricStat: metric && {metric: metric, period: metric.period, stat: metric.stat}}"
)
_TASK_NETWORK = (
    "{awsvpcConfiguration: {subnets: networkConfiguration.subnets,"
    " securityGroups: networkConfiguration.securityGroups,"
    " assignPublicIp: networkConfiguration.assignPublicIp && 'ENABLED' || 'DISABLED'}}"
)
HANDLERS: dict[str, Handler] = {
    "aws:budgets/budget:Budget": _budget,
    "aws:cloudwatch/eventRule:EventRule": one_call(
        "events", "put_rule", "name", {"arn": "RuleArn"}
    ),
    "aws:cloudwatch/eventTarget:EventTarget": one_call(
        "events", "put_targets", "targetId", Targets="[{id: targetId, arn: arn}]"
    ),
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": one_call(
        "logs",
        "put_metric_filter",
        "name",
        filterName="name",
        filterPattern="pattern",
        metricTransformations=(
            "metricTransformation"
            ".[{metricName: name, metricNamespace: namespace, metricValue: value}]"
        ),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": one_call(
        "cloudwatch", "put_metric_alarm", "name", AlarmName="name", Metrics=_QUERIES
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _default_group,
    "aws:ec2/eip:Eip": one_call(
        "ec2", "allocate_address", "AllocationId", {"publicIp": "PublicIp"}
    ),
    "aws:ec2/internetGateway:InternetGateway": _internet_gateway,
    "aws:ec2/natGateway:NatGateway": one_call(
        "ec2", "create_nat_gateway", "NatGateway.NatGatewayId"
    ),
    "aws:ec2/route:Route": one_call(
        "ec2", "create_route", "join('-', [routeTableId, destinationCidrBlock])"
    ),
    "aws:ec2/routeTable:RouteTable": one_call(
        "ec2",
        "create_route_table",
        "RouteTable.RouteTableId",
        TagSpecifications="[{resourceType: 'route-table', tags: tags}]",
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": one_call(
        "ec2", "associate_route_table", "AssociationId"
    ),
    "aws:ec2/securityGroup:SecurityGroup": one_call(
        "ec2", "create_security_group", "GroupId", GroupName="name"
    ),
    "aws:ec2/subnet:Subnet": one_call(
        "ec2",
        "create_subnet",
        "Subnet.SubnetId",
        TagSpecifications="[{resourceType: 'subnet', tags: tags}]",
    ),
    "aws:ec2/vpc:Vpc": _vpc,
    "aws:ec2/vpcEndpoint:VpcEndpoint": one_call(
        "ec2", "create_vpc_endpoint", "VpcEndpoint.VpcEndpointId", PolicyDocument="policy"
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": one_call(
        "ecr",
        "put_lifecycle_policy",
        "repository",
        repositoryName="repository",
        lifecyclePolicyText="policy",
    ),
    "aws:ecr/repository:Repository": one_call(
        "ecr",
        "create_repository",
        "name",
        {"arn": "repository.repositoryArn", "repositoryUrl": "repository.repositoryUri"},
        repositoryName="name",
        encryptionConfiguration="encryptionConfigurations[0]",
    ),
    "aws:ecs/cluster:Cluster": one_call(
        "ecs",
        "create_cluster",
        "cluster.clusterArn",
        {"arn": "cluster.clusterArn"},
        clusterName="name",
    ),
    "aws:ecs/service:Service": one_call(
        "ecs",
        "create_service",
        "service.serviceArn",
        {"arn": "service.serviceArn"},
        serviceName="name",
        networkConfiguration=_TASK_NETWORK,
        deploymentConfiguration="{deploymentCircuitBreaker: deploymentCircuitBreaker}",
    ),
    "aws:ecs/taskDefinition:TaskDefinition": one_call(
        "ecs", "register_task_definition", "family", {"arn": "taskDefinition.taskDefinitionArn"}
    ),
    "aws:efs/accessPoint:AccessPoint": one_call(
        "efs", "create_access_point", "AccessPointId", {"arn": "AccessPointArn"}
    ),
    "aws:efs/fileSystem:FileSystem": one_call(
        "efs", "create_file_system", "FileSystemId", {"arn": "FileSystemArn"}
    ),
    "aws:efs/mountTarget:MountTarget": one_call("efs", "create_mount_target", "MountTargetId"),
    "aws:iam/policy:Policy": one_call(
        "iam",
        "create_policy",
        "Policy.Arn",
        {"arn": "Policy.Arn"},
        PolicyName="name",
        PolicyDocument="policy",
    ),
    "aws:iam/role:Role": one_call(
        "iam",
        "create_role",
        "name",
        {"arn": "Role.Arn"},
        RoleName="name",
        AssumeRolePolicyDocument="assumeRolePolicy",
    ),
    "aws:iam/rolePolicy:RolePolicy": one_call(
        "iam",
        "put_role_policy",
        "join(':', [role, name])",
        RoleName="role",
        PolicyName="name",
        PolicyDocument="policy",
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": one_call(
        "iam", "attach_role_policy", "join('/', [role, policyArn])", RoleName="role"
    ),
    "aws:kms/key:Key": _key,
    "aws:rds/parameterGroup:ParameterGroup": _parameter_group,
    "aws:rds/subnetGroup:SubnetGroup": one_call(
        "rds",
        "create_db_subnet_group",
        "name",
        DBSubnetGroupName="name",
        DBSubnetGroupDescription="'Managed by Pulumi'",
    ),
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": one_call(
        "s3",
        "put_bucket_lifecycle_configuration",
        "bucket",
        LifecycleConfiguration="{rules: rules}",
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": one_call(
        "s3", "put_bucket_ownership_controls", "bucket", OwnershipControls="{rules: [rule]}"
    ),
    "aws:s3/bucketPolicy:BucketPolicy": one_call("s3", "put_bucket_policy", "bucket"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": one_call(
        "s3", "put_public_access_block", "bucket", PublicAccessBlockConfiguration="@"
    ),
    f"aws:s3/{_SSE[:1].lower()}{_SSE[1:]}:{_SSE}": one_call(
        "s3", "put_bucket_encryption", "bucket", ServerSideEncryptionConfiguration="{rules: rules}"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": one_call("s3", "put_bucket_versioning", "bucket"),
    "aws:secretsmanager/secret:Secret": one_call(
        "secretsmanager", "create_secret", "ARN", {"arn": "ARN"}
    ),
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": _namespace,
    "aws:servicediscovery/service:Service": one_call(
        "servicediscovery",
        "create_service",
        "Service.Id",
        {"arn": "Service.Arn"},
        NamespaceId="dnsConfig.namespaceId",
    ),
    "aws:sns/topic:Topic": one_call(
        "sns",
        "create_topic",
        "TopicArn",
        {"arn": "TopicArn"},
        Attributes="{KmsMasterKeyId: kmsMasterKeyId}",
    ),
    "aws:sns/topicPolicy:TopicPolicy": one_call(
        "sns",
        "set_topic_attributes",
        "arn",
        TopicArn="arn",
        AttributeName="'Policy'",
        AttributeValue="policy",
    ),
    "aws:sns/topicSubscription:TopicSubscription": one_call(
        "sns", "subscribe", "SubscriptionArn", TopicArn="topic", ReturnSubscriptionArn="`true`"
    ),
    "aws:sqs/queue:Queue": _queue,
    "aws:sqs/queuePolicy:QueuePolicy": one_call(
        "sqs", "set_queue_attributes", "queueUrl", Attributes="{Policy: policy}"
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _firewall_rule("egress"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _firewall_rule("ingress"),
}
