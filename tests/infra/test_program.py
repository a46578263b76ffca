"""Checks of what the program makes, part by part: what the policies can't check."""

import json
from ipaddress import IPv4Network

from cloud.infra.alarms import BEGAN, FAILED, FRESH, STARTED
from cloud.infra.graph import record
from cloud.infra.policies.statements import statements_of
from services.settings import SnowflakeSettings
from tests.clouds import changed
from tests.infra.words import said_by_flows, said_by_services


def test_tasks_leave_by_the_address_that_is_exported(graph):
    gateway = graph.one("aws:ec2/natGateway:NatGateway", "egress").inputs
    way_out = graph.one("aws:ec2/route:Route", "private-egress").inputs
    assert gateway["allocationId"] == "${Eip.egress.id}"
    assert gateway["subnetId"] == "${Subnet.public.id}"
    assert way_out["natGatewayId"] == "${NatGateway.egress.id}"
    routed = {
        one.inputs["subnetId"]
        for one in graph.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
        if one.inputs["routeTableId"] == "${RouteTable.private.id}"
    }
    for service in graph.of_type("aws:ecs/service:Service"):
        assert {*service.inputs["networkConfiguration"]["subnets"]} == routed


def test_subnets_lie_apart_within_the_network(graph, prod):
    subnets = [
        IPv4Network(one.inputs["cidrBlock"]) for one in graph.of_type("aws:ec2/subnet:Subnet")
    ]
    assert all(one.subnet_of(prod.network.cidr) for one in subnets)
    assert not [one for one in subnets for two in subnets if one != two and one.overlaps(two)]


def test_s3_is_reached_without_the_gateway(graph):
    endpoint = graph.one("aws:ec2/vpcEndpoint:VpcEndpoint", "s3").inputs
    assert endpoint["vpcEndpointType"] == "Gateway"
    assert endpoint["routeTableIds"] == ["${RouteTable.private.id}"]


def test_nobody_gets_into_a_task(graph):
    into = {
        one.inputs["securityGroupId"]: one.inputs
        for one in graph.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    }
    assert "${SecurityGroup.tasks.id}" not in into
    assert into["${SecurityGroup.database.id}"]["referencedSecurityGroupId"] == (
        "${SecurityGroup.server.id}"
    )


def test_containers_run_as_in_the_stack(graph, prod):
    """docker-compose.yml: read-only, no powers, /tmp to write to; the image's own user."""
    for task in graph.of_type("aws:ecs/taskDefinition:TaskDefinition"):
        (container,) = json.loads(task.inputs["containerDefinitions"])
        linux = container["linuxParameters"]
        assert container["user"] == "10001:10001"
        assert linux["capabilities"] == {"drop": ["ALL"]}
        assert linux["tmpfs"] == [{"containerPath": "/tmp", "size": prod.tasks.scratch_mib}]  # noqa: S108
        written = ["/tmp/", *(f"{one['containerPath']}/" for one in container["mountPoints"])]  # noqa: S108
        values = {one["name"]: one["value"] for one in container["environment"]}
        assert values["PREFECT_HOME"].startswith(tuple(written))


def test_who_holds_which_slot_outlives_the_server(graph):
    """Leases in memory would let a server restart end running runs (docs/decisions/0010)."""
    task = graph.one("aws:ecs/taskDefinition:TaskDefinition", "server").inputs
    (container,) = json.loads(task["containerDefinitions"])
    ((volume,), (mount,)) = task["volumes"], container["mountPoints"]
    values = {one["name"]: one["value"] for one in container["environment"]}
    assert values["PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE"].endswith(".filesystem")
    assert values["PREFECT_HOME"].startswith(f"{mount['containerPath']}/")
    assert mount["sourceVolume"] == volume["name"]
    files = volume["efsVolumeConfiguration"]
    assert files["fileSystemId"] == "${FileSystem.server.id}"
    assert files["transitEncryption"] == "ENABLED"
    owner = graph.one("aws:efs/accessPoint:AccessPoint", "server").inputs["posixUser"]
    assert f"{owner['uid']:.0f}:{owner['gid']:.0f}" == container["user"]


def test_the_database_grows_by_itself_and_changes_at_once(graph, prod):
    database = graph.one("aws:rds/instance:Instance", "database").inputs
    assert database["allocatedStorage"] == prod.prefect.api.database_gib
    assert database["maxAllocatedStorage"] == 2 * prod.prefect.api.database_gib
    assert database["applyImmediately"] is True


def test_people_in_the_channel_may_read_metrics(graph):
    """Their rights are what both the role and the guardrail allow."""
    role = graph.one("aws:iam/role:Role", "alerts-slack").inputs["name"]
    channel = graph.one(
        "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration", "alerts"
    ).inputs
    attached = [
        one.inputs["policyArn"]
        for one in graph.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        if one.inputs["role"] == role
    ]
    assert channel["iamRoleArn"] == "${Role.alerts-slack.arn}"
    assert attached == channel["guardrailPolicyArns"]
    assert attached == ["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"]


def test_dead_tasks_reach_the_queue_that_the_worker_reads(graph):
    (statement,) = statements_of(graph.one("aws:sqs/queuePolicy:QueuePolicy", "ecs-events"))
    rule = graph.one("aws:cloudwatch/eventRule:EventRule", "ecs-events").inputs
    target = graph.one("aws:cloudwatch/eventTarget:EventTarget", "ecs-events").inputs
    assert statement.principals == ["events.amazonaws.com"]
    assert statement.condition["ArnLike"] == {"aws:SourceArn": "${EventRule.ecs-events.arn}"}
    assert json.loads(rule["eventPattern"]) == {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Task State Change"],
        "detail": {"clusterArn": ["${Cluster.cluster.arn}"]},
    }
    assert target["arn"] == "${Queue.ecs-events.arn}"
    assert (
        graph.outputs["ecs_events_queue"]
        in graph.one("aws:ecs/taskDefinition:TaskDefinition", "worker").inputs[
            "containerDefinitions"
        ]
    )


def test_alarms_wait_for_what_flow_runs_say():
    words = said_by_flows()
    for sign in (BEGAN, FAILED, *FRESH.values()):
        for phrase in sign.texts:
            assert phrase in words, f"no flow run says {phrase!r} any more"


def test_alarms_count_what_services_say_when_they_start():
    said = said_by_services()
    assert said.keys() == STARTED.keys()
    for part, sign in STARTED.items():
        assert all(phrase in said[part] for phrase in sign.texts), part


def test_silence_rings_and_so_does_a_single_failure(graph):
    alarms = {
        one.name: one.inputs for one in graph.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    }
    silent = {name for name, one in alarms.items() if one["treatMissingData"] == "breaching"}
    dead = {"dead-server", "dead-worker", "dead-control"}
    assert silent == {"late", "stale-bronze", "stale-gold"} | dead
    assert alarms["late"]["evaluationPeriods"] * 5 == 90
    assert {one["threshold"] for name, one in alarms.items() if name in {*silent, "failed"}} == {1}
    assert {tuple(one["alarmActions"]) for one in alarms.values()} == {("${Topic.alerts.arn}",)}


def test_alarms_read_the_metrics_that_are_counted(graph):
    counted = {
        (
            one.inputs["metricTransformation"]["namespace"],
            one.inputs["metricTransformation"]["name"],
        )
        for one in graph.of_type("aws:cloudwatch/logMetricFilter:LogMetricFilter")
    }
    alarms = graph.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    read = {
        (metric["namespace"], metric["metricName"])
        for one in alarms
        for metric in _metrics(one.inputs)
    }
    assert read - counted == {
        ("AWS/ECS", "CPUUtilization"),
        ("AWS/RDS", "CPUUtilization"),
        ("AWS/RDS", "FreeStorageSpace"),
        ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
    }
    assert counted <= read


def _metrics(alarm):
    """The metrics of an alarm, its own or those of its expression."""
    queries = alarm.get("metricQueries") or [{"metric": alarm}]
    return [one["metric"] for one in queries if "metric" in one]


def test_the_budget_counts_what_carries_the_stacks_tag(graph, prod):
    budget = graph.one("aws:budgets/budget:Budget", "month").inputs
    assert budget["costFilters"] == [{"name": "TagKeyValue", "values": ["user:stack$canton-prod"]}]
    tagged = graph.one("aws:ecs/cluster:Cluster", "cluster").inputs["tags"]["stack"]
    assert tagged == prod.stack.name


def test_the_circle_of_role_and_integration_closes(graph, prod):
    integration = graph.one(
        "snowflake:index/storageIntegrationAws:StorageIntegrationAws", "landing"
    )
    role = graph.one("aws:iam/role:Role", "snowflake").inputs
    (trust,) = statements_of(graph.one("aws:iam/role:Role", "snowflake"))
    arn = f"arn:aws:iam::{prod.stack.account_id}:role/{role['name']}"
    assert integration.inputs["storageAwsRoleArn"] == arn
    made = "StorageIntegrationAws.landing.describeOutputs"
    assert trust.principals == [f"${{{made}.iamUserArn}}"]
    assert trust.condition == {"StringEquals": {"sts:ExternalId": f"${{{made}.externalId}}"}}


def test_the_warehouse_stops_by_itself_and_at_its_credits(graph, prod):
    warehouse = graph.one("snowflake:index/warehouse:Warehouse", "warehouse").inputs
    monitor = graph.one("snowflake:index/resourceMonitor:ResourceMonitor", "monitor").inputs
    assert warehouse["autoSuspend"] == 60
    assert warehouse["resourceMonitor"] == monitor["name"]
    assert monitor["creditQuota"] == prod.snowflake.credits_a_month


def test_flows_come_from_the_vpc_and_migrations_may_not_touch_rows(graph):
    policy = graph.one("snowflake:index/networkPolicy:NetworkPolicy", "pipeline").inputs
    user = graph.one("snowflake:index/serviceUser:ServiceUser", "pipeline").inputs
    assert policy["allowedIpLists"] == ["${Eip.egress.publicIp}"]
    assert user["networkPolicy"] == "${NetworkPolicy.pipeline.fullyQualifiedName}"


def test_the_statement_timeout_is_one_number(graph, prod):
    warehouse = graph.one("snowflake:index/warehouse:Warehouse", "warehouse").inputs
    assert warehouse["statementTimeoutInSeconds"] == prod.snowflake.statement_timeout_seconds
    assert SnowflakeSettings.model_fields["statement_timeout_seconds"].default == 900


def test_a_user_has_two_keys_while_one_is_being_replaced(prod):
    keys = {"pipeline_public_key": "old", "pipeline_public_key_2": "new"}
    changing = record(changed(prod, snowflake=keys))
    user = changing.one("snowflake:index/serviceUser:ServiceUser", "pipeline").inputs
    other = changing.one("snowflake:index/serviceUser:ServiceUser", "migration").inputs

    assert (user["rsaPublicKey"], user["rsaPublicKey2"]) == ("old", "new")
    assert "rsaPublicKey2" not in other
