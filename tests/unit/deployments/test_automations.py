"""The automations file: Prefect's schema with names, made into what the server takes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import yaml
from prefect.client.schemas.responses import DeploymentResponse
from prefect.events.schemas.automations import Automation, AutomationCore
from prefect.server.events.schemas.automations import EventTrigger as ServerTrigger
from prefect.server.events.schemas.events import ReceivedEvent

from deployments.automations import (
    FILE,
    AutomationWrong,
    differs,
    ensure_automations,
    resolve,
)
from flows.watch_runs import LATE_AFTER, SCHEDULED, SILENT_AFTER, watch_runs_flow
from services.alerts import SILENT, alert_text


def deployed(name):
    return DeploymentResponse(id=uuid4(), name=name, flow_id=uuid4(), labels={})


DEPLOYMENTS = {
    f"{name}_transactions": deployed(f"canton-{name}") for name in ("bronze", "silver", "gold")
} | {name: deployed(name.replace("_", "-")) for name in ("recover_runs", "watch_runs")}
BLOCKS = {"slack": uuid4()}
AUTOMATIONS = yaml.safe_load(FILE.read_text())


def wanted(**changes):
    one = {
        "name": "one",
        "trigger": {"type": "event", "posture": "Reactive", "threshold": 1, "within": 0},
        "actions": [{"type": "run-deployment", "deployment": "silver_transactions"}],
    }
    return resolve({**one, **changes}, DEPLOYMENTS, BLOCKS)


def saved(automation: AutomationCore, **changes) -> Automation:
    return Automation.model_validate({**automation.model_dump(), "id": uuid4(), **changes})


class Server:
    """Keeps automations as the server does, and what was asked of it."""

    def __init__(self, *automations):
        self.automations = {one.id: one for one in automations}
        self.asked = []

    def read_automations(self, offset):
        return list(self.automations.values())[offset : offset + 2]

    def create_automation(self, automation):
        self.asked.append(("create", automation.name))

    def update_automation(self, _: UUID, automation):
        self.asked.append(("update", automation.name, automation.enabled))

    def delete_automation(self, automation_id: UUID):
        self.asked.append(("delete", automation_id))


def test_the_whole_file_is_what_prefect_understands():
    read = [resolve(one, DEPLOYMENTS, BLOCKS) for one in AUTOMATIONS]
    names = [one.name for one in read]
    assert len(set(names)) == len(names) > 0
    assert all(one.description for one in read)


def test_a_name_that_the_server_does_not_know_is_an_error():
    with pytest.raises(AutomationWrong, match="names silver,"):
        wanted(actions=[{"type": "run-deployment", "deployment": "silver"}])


def test_a_deployment_is_found_by_its_flow_whatever_it_is_called_here():
    one = wanted(
        trigger={
            "type": "event",
            "posture": "Reactive",
            "threshold": 1,
            "within": 0,
            "match_related": {"deployment": "bronze_transactions"},
        }
    )
    (related,) = one.trigger.match_related
    assert related.root == {
        "prefect.resource.role": "deployment",
        "prefect.resource.name": "canton-bronze",
    }
    assert one.actions[0].deployment_id == DEPLOYMENTS["silver_transactions"].id


def test_what_is_there_is_not_touched():
    server = Server(saved(wanted()), saved(wanted(name="two"), enabled=False))
    ensure_automations(server, [wanted(), wanted(name="two")])
    assert server.asked == []


def test_what_differs_is_updated_and_stays_switched_off():
    server = Server(saved(wanted(), enabled=False))
    ensure_automations(server, [wanted(description="another")])
    assert server.asked == [("update", "one", False)]


def test_what_nobody_wants_any_more_goes_and_what_is_not_ours_stays():
    old, copy = saved(wanted(name="old")), saved(wanted())
    server = Server(saved(wanted()), old, copy, saved(wanted(name="theirs"), tags=[]))
    ensure_automations(server, [wanted(), wanted(name="new")])
    assert sorted(map(str, server.asked)) == sorted(
        map(str, [("create", "new"), ("delete", old.id), ("delete", copy.id)])
    )


def test_a_changed_trigger_is_a_difference():
    later = {"type": "event", "posture": "Proactive", "threshold": 1, "within": 90}
    assert differs(saved(wanted()), wanted(trigger=later))


def test_the_server_tells_alerts_in_the_words_of_the_others():
    one = wanted(actions=[{"alert": "silent", "reason": "a reason"}])
    (action,) = one.actions
    assert action.block_document_id == BLOCKS["slack"]
    assert f"{action.subject}\n{action.body}" == alert_text(
        SILENT,
        "{{ flow.name }}",
        "a reason",
        "{{ flow_run.state.timestamp.strftime('%Y-%m-%d %H:%M UTC') }}",
        "{{ flow_run|ui_url }}",
    )


def test_the_server_tells_what_is_over_in_the_words_of_the_others():
    one = wanted(actions=[{"recovered": "approval"}])
    (action,) = one.actions
    assert action.block_document_id == BLOCKS["slack"]
    assert action.subject == ":white_check_mark: *{{ flow.name }}* was decided"
    assert action.body == "see: {{ flow_run|ui_url }}"


def test_in_the_cloud_the_server_says_what_to_type_there():
    alert = {"alert": "silent", "reason": "a reason"}
    one = resolve(
        {"name": "x", "trigger": trigger_of("tell-silent-watch"), "actions": [alert]},
        DEPLOYMENTS,
        BLOCKS,
        "canton-prod",
    )
    assert "type: `aws logs tail /canton-prod/workers " in one.actions[0].body


def event(kind, flow_name):
    """The event that the server receives of a run; a pull step names no flow."""
    return ReceivedEvent(
        occurred=datetime.now(UTC),
        event=f"prefect.flow-run.{kind}",
        resource={"prefect.resource.id": f"prefect.flow-run.{uuid4()}"},
        related=[
            {
                "prefect.resource.id": f"prefect.flow.{uuid4()}",
                "prefect.resource.role": "flow",
                "prefect.resource.name": flow_name,
            }
        ],
        id=uuid4(),
    )


@pytest.mark.parametrize(
    ("name", "kind"), [("crash-silent-runs", "heartbeat"), ("crash-stuck-submissions", "Pending")]
)
def test_runs_of_other_projects_flows_are_none_of_ours(name, kind):
    (one,) = (one for one in AUTOMATIONS if one["name"] == name)
    trigger = ServerTrigger.model_validate(
        resolve(one, DEPLOYMENTS, BLOCKS).trigger.model_dump(mode="json")
    )
    names = ("canton-transactions-bronze", "their-canton-flow")
    assert [trigger.covers(event(kind, one)) for one in names] == [True, False]


def test_every_automation_about_flow_runs_is_about_ours():
    about_runs = [
        one.trigger.match_related
        for one in (resolve(each, DEPLOYMENTS, BLOCKS) for each in AUTOMATIONS)
        if one.trigger.match.root.get("prefect.resource.id") == "prefect.flow-run.*"
    ]
    assert len(about_runs) > 5
    ours = {"prefect.resource.role": "flow", "prefect.resource.name": "canton-*"}
    assert all(ours in [one.root for one in related] for related in about_runs)


def trigger_of(name):
    (found,) = (one["trigger"] for one in AUTOMATIONS if one["name"] == name)
    return found


def test_the_watch_calls_itself_silent_as_late_as_the_server_does():
    trigger = trigger_of("tell-silent-watch")
    assert timedelta(seconds=trigger["within"]) == SILENT_AFTER
    by_flow, by_tag = trigger["match_related"]
    assert by_flow["prefect.resource.name"] == watch_runs_flow.name
    assert by_tag["prefect.resource.id"] == f"prefect.tag.{SCHEDULED}"


def test_the_watch_calls_late_what_the_server_starts_it_for():
    within = trigger_of("watch-runs-nobody-takes")["within"]
    assert timedelta(seconds=within) > LATE_AFTER


@pytest.mark.parametrize("name", ["crash-silent-runs", "crash-stuck-submissions"])
def test_a_container_that_dies_right_after_any_of_its_events_is_noticed(name):
    """An event that starts the wait must not end it, unless it starts a new one."""
    trigger = ServerTrigger.model_validate(trigger_of(name))
    of_a_live_run = {
        "crash-silent-runs": ("Running", "Retrying", "heartbeat"),
        "crash-stuck-submissions": ("Pending", "Submitting"),
    }[name]
    for event in (f"prefect.flow-run.{one}" for one in of_a_live_run):
        assert trigger.starts_after(event) or not trigger.expects(event), event
    ended = ("Completed", "Failed", "Crashed", "Cancelled", "AwaitingRetry", "TimedOut")
    for state in (*ended, "Suspended"):  # that one waits for a person
        assert trigger.expects(f"prefect.flow-run.{state}")
