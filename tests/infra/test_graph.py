import json
import subprocess
import sys

import pulumi_aws as aws

from cloud.infra.graph import Recorder, record, run_under
from tests.clouds import changed
from tests.infra.conftest import DIGEST
from tests.infra.violations import read_graph


def test_the_same_settings_give_the_same_graph(prod, graph):
    assert record(prod).to_json() == graph.to_json()


def test_another_process_records_the_same_graph(dev_graph):
    command = [sys.executable, "-m", "cloud.infra.graph", "dev"]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    assert found.stdout == dev_graph.to_json()


def test_a_graph_is_read_as_it_was_written(graph):
    assert read_graph(graph.to_json()) == graph


def test_every_resource_has_a_name_of_its_own(graph):
    keys = [resource.key for resource in graph.resources]
    assert len(keys) == len({*keys}) > 100


def test_the_graph_knows_every_value_that_it_refers_to(graph):
    """A property that COMPUTED forgets is None, and would be missing in what is made of it."""
    text = graph.to_json()
    assert "null" not in text
    assert "None" not in text


def test_a_change_of_settings_changes_what_it_concerns_and_nothing_else(prod, graph):
    other = record(changed(prod, tasks={"image_digest": f"sha256:{'cd' * 32}"}))
    differing = {
        one.key
        for one, two in zip(graph.resources, other.resources, strict=True)
        if one.inputs != two.inputs
    }
    assert differing == {f"TaskDefinition.{name}" for name in ("control", "server", "worker")}


def test_without_an_image_nothing_is_started(graph, dev_graph):
    service = "aws:ecs/service:Service"
    assert {one.inputs["desiredCount"] for one in graph.of_type(service)} == {1}
    assert {one.inputs["desiredCount"] for one in dev_graph.of_type(service)} == {0}


def test_services_run_the_image_by_its_digest(graph):
    for task in graph.of_type("aws:ecs/taskDefinition:TaskDefinition"):
        (container,) = json.loads(task.inputs["containerDefinitions"])
        assert container["image"] == f"${{Repository.pipeline.repositoryUrl}}@{DIGEST}"


def test_with_prefect_cloud_there_is_no_server_and_no_database(graph, cloud_graph):
    gone = {one.key for one in graph.resources} - {one.key for one in cloud_graph.resources}
    assert {"Instance.database", "Service.server", "PrivateDnsNamespace.internal"} <= gone
    assert not cloud_graph.of_type("aws:rds/instance:Instance")
    assert [one.name for one in cloud_graph.of_type("aws:ecs/service:Service")] == [
        "control",
        "worker",
    ]


def test_outputs_say_what_a_deploy_needs(graph):
    assert {*graph.outputs} == {
        "cluster_arn",
        "ecs_events_queue",
        "egress_ip",
        "flow_execution_role_arn",
        "flow_family",
        "flow_log_group",
        "flow_security_group_ids",
        "flow_task_role_arn",
        "image_repository",
        "landing_bucket",
        "prefect_api_url",
        "private_subnet_ids",
        "secret_arns",
        "vpc_id",
    }
    assert graph.outputs["egress_ip"] == "${Eip.egress.publicIp}"
    assert len(graph.outputs["private_subnet_ids"]) == 2


def test_the_program_asks_no_provider(prod):
    """An answer of AWS may change from day to day, and the graph would change with it."""

    def program(settings):
        return {"zones": aws.get_availability_zones_output().names}

    try:
        run_under(Recorder(), program, prod)
    except Exception as error:  # noqa: BLE001 -- Pulumi's own, with the cause inside
        assert "getAvailabilityZones" in str(error)  # noqa: PT017
    else:
        raise AssertionError("it was answered")
