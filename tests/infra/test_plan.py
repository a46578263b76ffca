"""`./pipeline plan` over the real graph: one setting changed shows as just what it changes."""

import json

import pytest

from cloud.infra.digest import digest
from cloud.infra.settings import read_settings
from cloud.plan.command import PlanInputs, make, record_graph
from cloud.plan.plan import Plan
from cloud.plan.records import Record, Records
from deployments.registered import Registered
from tests.clouds import here, own_settings


@pytest.fixture(scope="module")
def deployed(tmp_path_factory) -> PlanInputs:
    """An environment as it was deployed once."""
    folder = tmp_path_factory.mktemp("deployed")
    given = here(folder, own_settings(), record_graph=record_graph)
    planned = make(given)
    record = Record(
        "prod", "20261121T000000Z", given.source.commit, "Ada", "laptop", {},
        planned.state, Registered(), digest(planned.graph_text),
    )  # fmt: skip
    given.records.write(record, planned.graph_text)
    return given


def planned(deployed: PlanInputs, tmp_path, **sections) -> Plan:
    """The plan after settings have changed."""
    records = Records("prod", deployed.records.root)
    settings = own_settings(**sections)
    return make(here(tmp_path, settings, records=records, record_graph=record_graph)).plan


def told(plan: Plan) -> set[tuple[str, str, str, tuple[str, ...]]]:
    return {
        (section.title, change.kind, change.name, tuple(field.path for field in change.fields))
        for section in plan.sections
        for change in section.changes
    }


def test_the_same_settings_change_nothing(deployed, tmp_path):
    plan = planned(deployed, tmp_path)
    assert told(plan) == set()
    assert plan.broken == []


def test_a_setting_of_the_infrastructure_changes_its_resource_alone(deployed, tmp_path):
    plan = planned(deployed, tmp_path, landing={"cold_after_days": 180})
    assert told(plan) == {
        (
            "infrastructure",
            "changed",
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration landing",
            ("rules",),
        )
    }


def test_a_setting_of_the_flows_changes_their_task_alone(deployed, tmp_path):
    later = "2026-12-01T00:00:00Z"
    plan = planned(deployed, tmp_path, canton={"start_at": later})
    path = "runs.task_definition.containerDefinitions.flow.environment.CANTON_START_AT.value"
    assert ("task definition and pools", "changed", "aws-ecs-prod", (path,)) in told(plan)
    assert {title for title, *_ in told(plan)} <= {"task definition and pools", "infrastructure"}


def test_a_second_deploy_goes_on_though_no_run_has_told_the_network_yet(deployed, tmp_path):
    """It may be what mends the first run."""
    plan = planned(deployed, tmp_path, canton={"network": None})
    assert plan.broken == []
    (section,) = (one for one in plan.sections if one.title == "settings and secrets")
    assert [note.partition(":")[0] for note in section.notes] == ["canton.network is unset"]


def test_each_resource_has_a_name_of_its_own_in_the_plan(deployed):
    text = deployed.records.graph_text(deployed.records.newest())
    resources = json.loads(text)["resources"]
    names = [f"{one['type']} {one['name']}" for one in resources]
    assert len(names) > 50
    assert len(names) == len({*names})


def test_the_files_as_they_stand_are_told_what_they_lack(tmp_path):
    given = here(tmp_path, read_settings("prod"), record_graph=lambda _: '{"resources": []}')
    (tmp_path / "outputs.prod.json").unlink()
    broken = make(given).plan.broken
    assert any("outputs.prod.json doesn't exist" in one for one in broken)
    assert any("stack.account_id is still an example" in one for one in broken)
