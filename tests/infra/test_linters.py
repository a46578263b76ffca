"""Outside linters over policies, tasks, services and alarms; what is accepted has its reason."""

import json
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from cloud.infra.graph import Graph
from cloud.infra.settings import Settings
from cloud.outputs import checked
from cloud.pools.ecs import ecs_pool
from cloud.rehearsal.compare import production_definition
from tests.infra.cloudformation import logical_id, resolved, task, template

TOOLS = Path(__file__).parents[2] / ".venv" / "aws"
IMAGE = f"444455556666.dkr.ecr.us-east-1.amazonaws.com/pipeline@sha256:{'ab' * 32}"
# By what was found, the resource and (of policies) the statement: why it is right.
_ITS_OWN_KEY = "in a key's own policy the resource * is that key: cloud/infra/policies/reasons.py"
ACCEPTED = {
    ("RESOURCE_STAR", "Key.alerts", "Account"): _ITS_OWN_KEY,
    ("RESOURCE_STAR", "Key.alerts", "Budgets"): _ITS_OWN_KEY,
    ("RESOURCE_STAR", "Key.alerts", "Cloudwatch"): _ITS_OWN_KEY,
    ("MISMATCHED_TYPE_BUT_USABLE", "RolePolicy.server", "Home"): (
        "StringEquals on the access point's ARN is how AWS's own example has it: "
        "https://docs.aws.amazon.com/efs/latest/ug/efs-access-points.html"
    ),
}
Template = dict[str, Any]
Finding = tuple[str, str, str]


@pytest.fixture(scope="module", params=["prod", "dev", "prod on Prefect Cloud"])
def rendered(request: pytest.FixtureRequest) -> Template:
    """A stack's template, with the definition that Prefect's worker registers for flow runs."""
    names = {"prod": ("prod", "graph"), "dev": ("dev", "dev_graph")}
    settings, graph = (
        request.getfixturevalue(one)
        for one in names.get(request.param, ("on_cloud", "cloud_graph"))
    )
    return with_flow(settings, graph)


def with_flow(settings: Settings, graph: Graph) -> Template:
    outputs = checked(resolved(graph, graph.outputs))
    definition = production_definition(ecs_pool(settings, outputs, IMAGE))
    whole = template(graph)
    whole["Resources"]["Flow"] = {
        "Type": "AWS::ECS::TaskDefinition",
        "Properties": task({**definition, "cpu": str(definition["cpu"]),
                            "memory": str(definition["memory"])}),
    }  # fmt: skip
    return whole


def run(*command: str, typed: str = "") -> str:
    """Return a linter's output; cfn-lint's exit code says only that it found something."""
    done = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, "PYTHONPATH": str(TOOLS)},
        input=typed, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    return done.stdout


def by_cfn_lint(whole: Template, folder: Path) -> set[tuple[Finding, str]]:
    """Its errors, warnings, and resources that don't go with their actions."""
    file = folder / "template.json"
    file.write_text(json.dumps(whole))
    options = ("--format=json", "--include-checks=I3510", f"--template={file}")
    found = run(str(TOOLS / "bin" / "cfn-lint"), *options)
    return {
        ((one["Rule"]["Id"], one["Location"]["Path"][1], ""), one["Message"])
        for one in json.loads(found)
    }


def by_parliament(whole: Template) -> set[tuple[Finding, str]]:
    """The same of each statement by itself; trusts name no resource, which it asks for."""
    statements = {
        f"{name} {one['Sid']}": {"Version": "2012-10-17", "Statement": [one]}
        for name, resource in whole["Resources"].items()
        for kind in ("PolicyDocument", "KeyPolicy")
        for one in resource["Properties"].get(kind, {}).get("Statement", ())
    }
    program = str(Path(__file__).with_name("parliament_findings.py"))
    return {
        ((one["issue"], *one["policy"].split()), str(one["detail"]))
        for one in json.loads(run(program, typed=json.dumps(statements)))
    }


def test_linters_find_nothing_but_what_has_a_reason(rendered: Template, tmp_path):
    accepted = {(rule, logical_id(key), sid) for rule, key, sid in ACCEPTED}
    found = by_cfn_lint(rendered, tmp_path) | by_parliament(rendered)
    assert [one for one in sorted(found) if one[0] not in accepted] == []
    there = {one for one in accepted if one[1] in rendered["Resources"]}
    assert there - {one for one, _ in found} == set(), "a reason for what nobody finds any more"


def test_all_that_linters_know_is_rendered(rendered: Template):
    kinds = {one["Type"].removeprefix("AWS::") for one in rendered["Resources"].values()}
    assert kinds >= {
        *("CloudWatch::Alarm", "ECS::Service", "ECS::TaskDefinition", "EC2::VPCEndpoint"),
        *("IAM::ManagedPolicy", "IAM::Role", "IAM::RolePolicy", "KMS::Key", "S3::BucketPolicy"),
        *("SNS::TopicPolicy", "SQS::QueuePolicy"),
    }


@pytest.fixture
def broken(prod: Settings, graph: Graph) -> Template:
    """A template with a mistake of each kind that linters are here for."""
    whole = deepcopy(with_flow(prod, graph))
    properties = {name: one["Properties"] for name, one in whole["Resources"].items()}
    statements = {
        one["Sid"]: one
        for one in properties[logical_id("RolePolicy.worker")]["PolicyDocument"]["Statement"]
    }
    statements["Run"]["Condition"] = {"ArnEquals": {"ecs:clutser": "x"}}
    statements["Tag"]["Action"] = ["ecs:TagResources"]
    statements["Define"]["Resource"] = ["*"]
    statements["Watch"]["Resource"] = ["arn:aws:s3:::pages/*"]
    properties["Flow"]["Memory"] = "600"
    server = properties[logical_id("TaskDefinition.server")]["ContainerDefinitions"][0]
    server["ReadOnlyRoot"] = server.pop("ReadonlyRootFilesystem")
    properties[logical_id("MetricAlarm.database-cpu")]["Period"] = 45
    return whole


def test_a_mistake_of_each_kind_is_found(broken: Template, tmp_path):
    found = {one for one, _ in by_cfn_lint(broken, tmp_path) | by_parliament(broken)}
    worker = logical_id("RolePolicy.worker")
    assert found >= {
        ("UNKNOWN_CONDITION_FOR_ACTION", worker, "Run"),
        ("UNKNOWN_ACTION", worker, "Tag"),
        ("RESOURCE_STAR", worker, "Define"),
        ("W3037", worker, ""),
        ("I3510", worker, ""),
        ("E3047", "Flow", ""),
        ("E3002", logical_id("TaskDefinition.server"), ""),
        ("E3615", logical_id("MetricAlarm.database-cpu"), ""),
    }
