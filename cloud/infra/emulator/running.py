"""Handlers for resources that run tasks, grant rights or notify: ECS, IAM, events, alarms."""

import json
from typing import Any

from cloud.infra.emulator.aws import Aws, Handler, Inputs, Made, lower_tags, pascal, same, tags


def _role(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("iam").create_role(
        RoleName=inputs["name"],
        AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
        Tags=tags(inputs),
    )
    return inputs["name"], {"arn": made["Role"]["Arn"]}


def _policy(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("iam").create_policy(
        PolicyName=inputs["name"],
        PolicyDocument=inputs["policy"],
        Description=inputs["description"],
        Tags=tags(inputs),
    )["Policy"]
    return made["Arn"], {"arn": made["Arn"]}


def _attachment(aws: Aws, inputs: Inputs) -> Made:
    aws.client("iam").attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
    return f"{inputs['role']}/{inputs['policyArn']}", {}


def _role_policy(aws: Aws, inputs: Inputs) -> Made:
    aws.client("iam").put_role_policy(
        RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"]
    )
    return f"{inputs['role']}:{inputs['name']}", {}


def _key(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("kms").create_key(Policy=inputs["policy"], Description=inputs["description"])
    key = made["KeyMetadata"]
    aws.client("kms").enable_key_rotation(KeyId=key["KeyId"])
    return key["KeyId"], {"arn": key["Arn"]}


def _cluster(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("ecs").create_cluster(
        clusterName=inputs["name"], settings=inputs["settings"], tags=lower_tags(inputs)
    )["cluster"]
    return made["clusterArn"], {"arn": made["clusterArn"]}


def _task_definition(aws: Aws, inputs: Inputs) -> Made:
    names = (
        "family",
        "requiresCompatibilities",
        "networkMode",
        "cpu",
        "memory",
        "runtimePlatform",
        "executionRoleArn",
        "taskRoleArn",
    )
    made = aws.client("ecs").register_task_definition(
        **same(inputs, *names),
        containerDefinitions=json.loads(inputs["containerDefinitions"]),
        volumes=inputs.get("volumes", []),
        tags=lower_tags(inputs),
    )["taskDefinition"]
    return inputs["family"], {"arn": made["taskDefinitionArn"]}


def _service(aws: Aws, inputs: Inputs) -> Made:
    network: dict[str, Any] = dict(inputs["networkConfiguration"])
    network["assignPublicIp"] = "ENABLED" if network["assignPublicIp"] else "DISABLED"
    registries = [inputs["serviceRegistries"]] if inputs.get("serviceRegistries") else []
    made = aws.client("ecs").create_service(
        serviceName=inputs["name"],
        desiredCount=int(inputs["desiredCount"]),
        networkConfiguration={"awsvpcConfiguration": network},
        deploymentConfiguration={"deploymentCircuitBreaker": inputs["deploymentCircuitBreaker"]},
        serviceRegistries=registries,
        propagateTags=inputs["propagateTags"],
        enableECSManagedTags=inputs["enableEcsManagedTags"],
        tags=lower_tags(inputs),
        **same(inputs, "cluster", "taskDefinition", "launchType", "platformVersion"),
    )["service"]
    return made["serviceArn"], {"arn": made["serviceArn"]}


def _namespace(aws: Aws, inputs: Inputs) -> Made:
    discovery = aws.client("servicediscovery")
    discovery.create_private_dns_namespace(
        Name=inputs["name"], Vpc=inputs["vpc"], Tags=tags(inputs)
    )
    made = discovery.list_namespaces()["Namespaces"]
    (found,) = (one["Id"] for one in made if one["Name"] == inputs["name"])
    return found, {}


def _discovered(aws: Aws, inputs: Inputs) -> Made:
    config = inputs["dnsConfig"]
    records = [{"Type": one["type"], "TTL": int(one["ttl"])} for one in config["dnsRecords"]]
    made = aws.client("servicediscovery").create_service(
        Name=inputs["name"],
        NamespaceId=config["namespaceId"],
        DnsConfig={**pascal(config, "routingPolicy"), "DnsRecords": records},
        Tags=tags(inputs),
    )["Service"]
    return made["Id"], {"arn": made["Arn"]}


def _queue(aws: Aws, inputs: Inputs) -> Made:
    sqs = aws.client("sqs")
    attributes = {
        "MessageRetentionPeriod": inputs["messageRetentionSeconds"],
        "VisibilityTimeout": inputs["visibilityTimeoutSeconds"],
        "ReceiveMessageWaitTimeSeconds": inputs["receiveWaitTimeSeconds"],
        "SqsManagedSseEnabled": str(inputs["sqsManagedSseEnabled"]).lower(),
    }
    texts = {
        name: value if isinstance(value, str) else str(int(value))
        for name, value in attributes.items()
    }
    url = sqs.create_queue(QueueName=inputs["name"], Attributes=texts, tags=inputs["tags"])[
        "QueueUrl"
    ]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    return url, {"arn": arn["QueueArn"], "url": url}


def _queue_policy(aws: Aws, inputs: Inputs) -> Made:
    aws.client("sqs").set_queue_attributes(
        QueueUrl=inputs["queueUrl"], Attributes={"Policy": inputs["policy"]}
    )
    return inputs["queueUrl"], {}


def _rule(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("events").put_rule(
        **pascal(inputs, "name", "eventPattern", "description"), Tags=tags(inputs)
    )
    return inputs["name"], {"arn": made["RuleArn"]}


def _target(aws: Aws, inputs: Inputs) -> Made:
    target = {"Id": inputs["targetId"], "Arn": inputs["arn"]}
    aws.client("events").put_targets(Rule=inputs["rule"], Targets=[target])
    return inputs["targetId"], {}


def _topic(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("sns").create_topic(
        Name=inputs["name"],
        Attributes={"KmsMasterKeyId": inputs["kmsMasterKeyId"]},
        Tags=tags(inputs),
    )
    return made["TopicArn"], {"arn": made["TopicArn"]}


def _topic_policy(aws: Aws, inputs: Inputs) -> Made:
    aws.client("sns").set_topic_attributes(
        TopicArn=inputs["arn"], AttributeName="Policy", AttributeValue=inputs["policy"]
    )
    return inputs["arn"], {}


def _subscription(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("sns").subscribe(
        TopicArn=inputs["topic"],
        **pascal(inputs, "protocol", "endpoint"),
        ReturnSubscriptionArn=True,
    )
    return made["SubscriptionArn"], {}


def _metric_filter(aws: Aws, inputs: Inputs) -> Made:
    to = inputs["metricTransformation"]
    transformation = {
        "metricName": to["name"],
        "metricNamespace": to["namespace"],
        "metricValue": to["value"],
    }
    aws.client("logs").put_metric_filter(
        filterName=inputs["name"],
        logGroupName=inputs["logGroupName"],
        filterPattern=inputs["pattern"],
        metricTransformations=[transformation],
    )
    return inputs["name"], {}


def _alarm(aws: Aws, inputs: Inputs) -> Made:
    names = (
        "alarmDescription",
        "namespace",
        "metricName",
        "statistic",
        "period",
        "datapointsToAlarm",
        "evaluationPeriods",
        "threshold",
        "comparisonOperator",
        "treatMissingData",
        "alarmActions",
    )
    dimensions = inputs.get("dimensions") or {}
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName=inputs["name"],
        **pascal(inputs, *names),
        Metrics=[_query(one) for one in inputs.get("metricQueries") or ()],
        OKActions=inputs["okActions"],
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        Tags=tags(inputs),
    )
    return inputs["name"], {}


def _query(one: Inputs) -> dict[str, Any]:
    """One of the queries of an alarm: a metric, or an expression over others."""
    if "expression" in one:
        return pascal(one, "id", "expression", "returnData")
    metric = one["metric"]
    return {
        "Id": one["id"],
        "MetricStat": {
            "Metric": pascal(metric, "namespace", "metricName"),
            **pascal(metric, "period", "stat"),
        },
        "ReturnData": False,
    }


def _budget(aws: Aws, inputs: Inputs) -> Made:
    filters = {one["name"]: one["values"] for one in inputs["costFilters"]}
    budget = {
        "BudgetName": inputs["name"],
        "BudgetLimit": {"Amount": inputs["limitAmount"], "Unit": inputs["limitUnit"]},
        "CostFilters": filters,
        **pascal(inputs, "timeUnit", "budgetType"),
    }
    notifications = [
        {
            "Notification": pascal(
                one, "notificationType", "comparisonOperator", "threshold", "thresholdType"
            ),
            "Subscribers": [
                {"SubscriptionType": "SNS", "Address": arn} for arn in one["subscriberSnsTopicArns"]
            ],
        }
        for one in inputs["notifications"]
    ]
    aws.client("budgets").create_budget(
        AccountId=aws.account_id, Budget=budget, NotificationsWithSubscribers=notifications
    )
    return f"{aws.account_id}:{inputs['name']}", {}


HANDLERS: dict[str, Handler] = {
    "aws:budgets/budget:Budget": _budget,
    "aws:cloudwatch/eventRule:EventRule": _rule,
    "aws:cloudwatch/eventTarget:EventTarget": _target,
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": _metric_filter,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:ecs/cluster:Cluster": _cluster,
    "aws:ecs/service:Service": _service,
    "aws:ecs/taskDefinition:TaskDefinition": _task_definition,
    "aws:iam/policy:Policy": _policy,
    "aws:iam/role:Role": _role,
    "aws:iam/rolePolicy:RolePolicy": _role_policy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _attachment,
    "aws:kms/key:Key": _key,
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": _namespace,
    "aws:servicediscovery/service:Service": _discovered,
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicPolicy:TopicPolicy": _topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
    "aws:sqs/queue:Queue": _queue,
    "aws:sqs/queuePolicy:QueuePolicy": _queue_policy,
}
