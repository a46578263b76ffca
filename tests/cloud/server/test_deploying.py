"""A story of deploys to a real Prefect server: the second changes, the third fails, then back."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import pytest
from prefect.client.schemas.actions import DeploymentUpdate

from cloud.deploy.refusing import explain_server
from cloud.plan.command import make
from cloud.plan.plan import Plan
from cloud.plan.records import Record
from deployments.registered import Registered, without_turned
from deployments.server import opened
from local.console.errors import CommandFailed
from local.embedded.children import free_port
from tests.cloud.server.story import SECRET, SERVICES, Story, digest_of, telling
from tests.integration.local_world import LocalWorld

# Prefect leaves the connections of some of its clients to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

BRONZE = "canton-transactions-bronze/canton-bronze-hourly"
SILVER = "canton-transactions-silver/canton-silver"
GOLD = "canton-transactions-gold/canton-gold"
BACKFILL = "canton-transactions-backfill/canton-backfill"
RECOVER = "canton-recover-runs/recover-runs"
WATCH = "canton-watch-runs/watch-runs"
AUDIT = "canton-audit-raw/canton-audit"


@pytest.fixture(scope="module")
def story(prefect_server: None, world: LocalWorld, tmp_path_factory) -> Iterator[Story]:
    url = world.environment["PREFECT_API_URL"]
    with telling(tmp_path_factory.mktemp("copy"), url) as told:
        yield told


@dataclass
class Chapter:
    """The outcome of one deploy."""

    record: Record
    seen: Registered
    plan: Plan | None = None


@pytest.fixture(scope="module")
def first(story: Story) -> Chapter:
    given = story.given("c0ffee")
    record = story.deploy(given)
    return Chapter(record, story.seen(record), make(given).plan)


@pytest.fixture(scope="module")
def second(story: Story, first: Chapter) -> Chapter:
    """Another image and size, no backfill, another hour; somebody had turned a schedule on."""
    with story.server() as client:
        found = client.read_deployment_by_name(BRONZE)
        client.update_deployment_schedule(found.id, found.schedules[0].id, active=True)

    def edit(named):
        named["canton-backfill"]["gone"] = True
        named["canton-bronze-hourly"]["schedules_unless_typed"][0]["cron"] = "7 * * * *"

    story.change(edit)
    given = story.given("decade", tasks={"flow": {"cpu": 1024, "memory": 2048}})
    record = story.deploy(given)
    return Chapter(record, story.seen(first.record))


@dataclass
class Failure:
    """A deploy that went wrong."""

    told: str
    before: Registered
    after: Registered
    records: list[str]


@pytest.fixture(scope="module")
def failed(story: Story, first: Chapter, second: Chapter) -> Failure:
    """A new image, a new deployment, and then one that Prefect refuses."""

    def edit(named):
        named["canton-backfill"]["name"] = "canton-backfill-again"
        named["recover-runs"]["schedules"] = [{"slug": "bad", "cron": "61 * * * *"}]

    story.change(edit)
    given = story.given("facade")
    with pytest.raises(CommandFailed) as refused:
        story.deploy(given)
    return Failure(str(refused.value), second.seen, story.seen(first.record), given.records.names())


def test_a_first_deploy_registers_everything(first: Chapter):
    assert first.seen.deployments.keys() == first.record.state.deployments.keys()
    assert len(first.seen.automations) == len(first.record.state.automations)
    assert first.seen.pools.keys() == {"aws-ecs-prod", "control"}
    versions = {one["version"] for one in first.seen.deployments.values()}
    assert versions == {first.record.state.image.rpartition("@")[2]}


def test_the_image_of_services_is_kept_by_a_tag_of_its_own(story: Story, first: Chapter):
    digest = digest_of(SERVICES)
    assert story.tags == {f"service-{digest.removeprefix('sha256:')[:16]}": SERVICES}


def test_services_whose_image_the_registry_lacks_stop_a_deploy(story: Story, first: Chapter):
    gone = f"sha256:{'ab' * 32}"
    with pytest.raises(CommandFailed, match=f"the registry has no {gone}"):
        story.deploy(story.given("c0ffee", tasks={"image_digest": gone}))


def test_schedules_of_a_first_deploy_rest_until_somebody_turns_them_on(
    story: Story, first: Chapter, capsys
):
    active = {
        name: [one["active"] for one in deployment["schedules"]]
        for name, deployment in first.seen.deployments.items()
        if deployment["schedules"]
    }
    assert active == {name: [False] for name in (BRONZE, SILVER, GOLD, AUDIT, WATCH)}
    for asked, state in (({"ON": "1"}, "active"), ({}, "active"), ({"ON": "0"}, "rests")):
        story.turn_schedules(**asked)
        assert capsys.readouterr().out.count(state) == len(active)


def test_the_same_again_would_change_nothing(first: Chapter):
    assert [one for section in first.plan.sections for one in section.changes] == []
    assert first.plan.broken == []


def test_a_record_tells_what_the_server_holds_and_no_secret(story: Story, first: Chapter):
    assert first.record.registered == first.seen
    files = list((story.folder / "cloud/records").rglob("*.json"))
    assert len(files) >= 2
    assert not [file for file in files if SECRET in file.read_text()]


def test_what_is_no_longer_wanted_is_deleted(second: Chapter):
    assert BACKFILL not in second.seen.deployments


def test_what_changed_is_registered_and_a_schedule_stays_as_it_was_turned(second: Chapter):
    (hourly,) = second.seen.deployments[BRONZE]["schedules"]
    assert (hourly["schedule"]["cron"], hourly["active"]) == ("7 * * * *", True)
    defaults = second.seen.pools["aws-ecs-prod"]["base_job_template"]["variables"]["properties"]
    assert defaults["image"]["default"] == second.record.state.image
    assert defaults["memory"]["default"] == 2048


def test_one_that_fails_midway_leaves_the_server_as_it_was(failed: Failure):
    assert "nothing was registered" in failed.told
    assert "61 * * * *" in failed.told
    assert asdict(failed.after) == asdict(failed.before)


def test_one_that_fails_leaves_no_record(failed: Failure, first: Chapter, second: Chapter):
    assert failed.records == [first.record.name, second.record.name]


def test_a_change_by_hand_is_shown_and_refused(story: Story, failed: Failure):
    by_hand(story, "by hand")
    with pytest.raises(CommandFailed) as refused:
        story.rollback(story.given("facade"))
    assert f"deployment {RECOVER}" in str(refused.value)
    assert "by hand" in str(refused.value)


def test_a_rollback_registers_what_was_before_and_keeps_what_was_turned(
    story: Story, first: Chapter, failed: Failure
):
    by_hand(story, "by hand")
    record = story.rollback(story.given("facade"), is_forced=True)
    seen = story.seen(first.record)
    assert without_turned(seen) == without_turned(first.seen)
    assert seen.deployments[BRONZE]["schedules"][0]["active"] is True
    assert (record.rollback_of, record.state.image) == (
        first.record.name,
        first.record.state.image,
    )


def by_hand(story: Story, description: str) -> None:
    """Change a deployment's description, as a person may do on Prefect's page."""
    with story.server() as client:
        found = client.read_deployment_by_name(RECOVER)
        client.update_deployment(found.id, DeploymentUpdate(description=description))


def test_a_server_that_can_not_be_used_is_told_before_anything_is_built(story: Story):
    with opened(f"http://127.0.0.1:{free_port()}/api", {}) as client:
        (reason,) = explain_server(client, "https://prefect.acme.com/api")
    assert reason.startswith("Prefect's server at https://prefect.acme.com/api: it doesn't answer")
    with story.server() as client:
        assert explain_server(client, story.url) == []
