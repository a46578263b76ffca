"""The policies as a CrossGuard pack: a process of their own that answers over gRPC."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from cloud.infra.policies.rules import GRAPH_RULES, RESOURCE_RULES, rule_name

FOLDER = Path(__file__).parents[2] / "cloud" / "infra" / "policies"
BUCKET = "aws:s3/bucket:Bucket"


@pytest.fixture(scope="module")
def pack() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """The pack's process; it prints its port, and serves."""
    command = [sys.executable, str(FOLDER)]
    environment = {**os.environ, "PULUMI_PROJECT": "canton-pipeline", "PULUMI_STACK": "prod"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
        process.terminate()


def properties(**values: object) -> struct_pb2.Struct:
    found = struct_pb2.Struct()
    found.update(values)
    return found


def test_every_rule_is_a_mandatory_policy(pack):
    found = {one.name: one for one in pack.GetAnalyzerInfo(empty_pb2.Empty()).policies}
    rules = {rule_name(rule): rule for rule in (*RESOURCE_RULES, *GRAPH_RULES)}
    assert {*found} == {*rules}
    assert all(one.enforcementLevel == analyzer_pb2.MANDATORY for one in found.values())
    assert all(found[name].description in rule.__doc__ for name, rule in rules.items())
    assert all(one.description for one in found.values())


def test_a_bad_resource_is_refused_before_it_is_made(pack):
    request = analyzer_pb2.AnalyzeRequest(
        type="aws:cloudwatch/logGroup:LogGroup",
        name="flows",
        urn="urn:pulumi:prod::canton-pipeline::aws:cloudwatch/logGroup:LogGroup::flows",
        properties=properties(name="flows"),
    )
    found = {one.policyName: one.message for one in pack.Analyze(request).diagnostics}
    assert {*found} == {"is-tagged", "says-how-long"}
    assert "retentionInDays isn't set" in found["says-how-long"]


def test_a_bad_stack_is_refused(pack):
    urn = f"urn:pulumi:prod::canton-pipeline::{BUCKET}::landing"
    bucket = analyzer_pb2.AnalyzerResource(
        type=BUCKET, name="landing", urn=urn, properties=properties(bucket="landing")
    )
    found = pack.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=[bucket])).diagnostics
    broken = {"no-public-buckets", "buckets-are-encrypted", "pages-are-kept", "has-a-lifecycle"}
    assert {one.policyName for one in found} == broken
    assert {one.urn for one in found} == {urn}


def test_the_pack_and_the_program_share_one_environment():
    program = yaml.safe_load((FOLDER.parent / "Pulumi.yaml").read_text())
    described = yaml.safe_load((FOLDER / "PulumiPolicy.yaml").read_text())
    assert (FOLDER / described["runtime"]["options"]["virtualenv"]).resolve() == (
        FOLDER.parent / program["runtime"]["options"]["virtualenv"]
    ).resolve()
