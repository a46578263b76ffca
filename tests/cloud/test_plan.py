"""A plan over two states tells each difference once, and what is broken."""

import json
from dataclasses import replace

import pytest

from cloud.plan.beside_local import Comparison
from cloud.plan.plan import Last, Target, make_plan
from cloud.plan.records import Record
from cloud.plan.state import State
from cloud.plan.text import as_json, as_text
from deployments.containers import Difference
from deployments.registered import Registered
from tests.clouds import DIGEST, source

STATE = State(
    image=f"repo@{DIGEST}",
    image_inputs="f00d",
    image_commit="c0ffee",
    pools={"aws-ecs-prod": {"runs": {"cpu": 1024, "environment": [{"name": "A", "value": "1"}]}}},
    deployments={"flow/bronze": {"schedules": {"hourly": {"cron": "0 * * * *"}}}},
    automations={"tell": {"trigger": {"within": 60}}},
    variables={"usd_rate": "0.15"},
    limits={"tag:scan": 2},
    migrations={"0001": "aa"},
    outputs={"cluster_arn": "arn:one"},
)
GRAPH = {"aws:s3/bucket:Bucket landing": {"bucket": "pages", "tags": {"owner": "me"}}}
RECORD = Record("prod", "20261121T000000Z", "c0ffee", "Ada", "laptop", {}, STATE, Registered(), "g")
LAST = Last(RECORD, GRAPH)


def wanted(**changes):
    state = replace(STATE, **{k: v for k, v in changes.items() if k in STATE.__dict__})
    others = {k: v for k, v in changes.items() if k not in STATE.__dict__}
    usual = Target("prod", source(), state, GRAPH, DIGEST, Comparison(), ())
    return replace(usual, **others)


def told(plan):
    return {
        (section.title, change.kind, change.name, tuple(field.path for field in change.fields))
        for section in plan.sections
        for change in section.changes
    }


def test_nothing_changed_is_nothing_to_do():
    plan = make_plan(wanted(), LAST)
    assert told(plan) == set()
    assert plan.broken == []
    assert "nothing is broken" in as_text(plan)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            {"deployments": {"flow/bronze": {"schedules": {"hourly": {"cron": "5 * * * *"}}}}},
            ("deployments", "changed", "flow/bronze", ("schedules.hourly.cron",)),
            id="a-schedule",
        ),
        pytest.param(
            {"deployments": {}},
            ("deployments", "removed", "flow/bronze", ("schedules.hourly.cron",)),
            id="a-deployment-gone",
        ),
        pytest.param(
            {
                "pools": {
                    "aws-ecs-prod": {
                        "runs": {"cpu": 2048, "environment": [{"name": "A", "value": "1"}]}
                    }
                }
            },
            ("task definition and pools", "changed", "aws-ecs-prod", ("runs.cpu",)),
            id="a-size",
        ),
        pytest.param(
            {"graph": {**GRAPH, "aws:sqs/queue:Queue dead": {"name": "dead"}}},
            ("infrastructure", "added", "aws:sqs/queue:Queue dead", ("name",)),
            id="a-resource",
        ),
        pytest.param(
            {"automations": {"tell": {"trigger": {"within": 90}}}},
            ("automations", "changed", "tell", ("trigger.within",)),
            id="an-automation",
        ),
        pytest.param(
            {"limits": {"tag:scan": 3}},
            ("variables and limits", "changed", "tag:scan", ("value",)),
            id="a-limit",
        ),
        pytest.param(
            {"migrations": {"0001": "aa", "0002": "bb"}},
            ("migrations", "added", "0002", ("checksum",)),
            id="a-migration",
        ),
        pytest.param(
            {"outputs": {"cluster_arn": "arn:two"}},
            ("outputs used", "changed", "outputs", ("cluster_arn",)),
            id="an-output",
        ),
    ],
)
def test_one_change_is_told_once(change, expected):
    assert told(make_plan(wanted(**change), LAST)) == {expected}


def test_before_the_first_deploy_everything_is_added():
    plan = make_plan(wanted(), None)
    assert {kind for _, kind, _, _ in told(plan)} == {"added"}
    assert len(told(plan)) == 8
    assert "nothing was deployed yet" in as_text(plan)


def test_an_image_stays_while_what_it_is_made_of_does():
    assert "to be: the same" in as_text(make_plan(wanted(), LAST))
    text = as_text(make_plan(wanted(image_inputs="beef"), LAST))
    assert "its digest is known once it is built" in text


def test_services_that_run_another_image_are_told():
    text = as_text(make_plan(wanted(service_digest=f"sha256:{'cd' * 32}"), LAST))
    assert "tasks.image_digest and pulumi up bring them together" in text


def test_what_is_not_committed_is_told():
    text = as_text(make_plan(wanted(source=source("c0ffee", "f00d", "flows/x.py")), LAST))
    assert "./pipeline deploy would refuse: flows/x.py" in text


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"problems": ("stack.x is unset",)}, "stack.x is unset", id="a-setting"),
        pytest.param({"migrations": {"0001": "ee"}}, "migration 0001 was edited", id="migration"),
        pytest.param(
            {"comparison": Comparison(overrides={"bronze": 8193, "gold": 8192})},
            "bronze: overrides of 8,193 characters; ECS takes 8,192",
            id="overrides-too-long",
        ),
    ],
)
def test_what_is_broken_is_listed_at_the_end(change, expected):
    plan = make_plan(wanted(**change), LAST)
    assert plan.broken == [expected]
    assert as_text(plan).splitlines()[-2:] == ["broken: 1", f"  ! {expected}"]


def test_differences_are_counted_and_told_on_request():
    comparison = Comparison([Difference("memory", "1g", "4 GB", "more runs at once")])
    plan = make_plan(wanted(comparison=comparison), LAST)
    assert "1 differences, each for a reason (--why tells them)" in as_text(plan)
    assert "memory: 1g -> 4 GB (more runs at once)" in as_text(plan, is_whole=True)
    assert plan.broken == []


def test_programs_get_all_of_it():
    change = {"deployments": {"flow/bronze": {"schedules": {"hourly": {"cron": "5 * * * *"}}}}}
    found = json.loads(as_json(make_plan(wanted(**change, problems=("broken",)), LAST)))
    assert found["environment"] == "prod"
    assert found["broken"] == ["broken"]
    (deployments,) = (one for one in found["sections"] if one["title"] == "deployments")
    assert deployments["changes"] == [
        {
            "kind": "changed",
            "name": "flow/bronze",
            "fields": [
                {"path": "schedules.hourly.cron", "before": "0 * * * *", "after": "5 * * * *"}
            ],
        }
    ]


def test_long_values_are_told_from_where_they_part():
    before, after = ({"flow/bronze": {"text": "x" * 300 + end}} for end in ("one", "two"))
    last = Last(replace(RECORD, state=replace(STATE, deployments=before)), GRAPH)
    text = as_text(make_plan(wanted(deployments=after), last))
    same = "x" * 20
    assert f"text: …{same}one -> …{same}two" in text
