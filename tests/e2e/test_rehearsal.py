"""`./pipeline rehearse` beside a stack: all of it, as a user types it, and nothing of it left."""

import json
import re
from datetime import UTC, datetime

import pytest

from tests.clone import made_clone, until
from tests.e2e.conftest import ensure_up


def known(stack):
    """Return the names of what Prefect's server holds, by kind."""
    with stack.prefect() as prefect:
        return {
            kind: sorted(one["name"] for one in prefect.post(f"/{kind}/filter", json={}).json())
            for kind in ("work_pools", "deployments", "automations", "block_documents")
        }


def runs_of_ecs(stack, since):
    """The states of its runs, each run's in their order, the oldest run first."""
    wanted = {
        "flow_runs": {"tags": {"all_": ["auto-recover"]}, "start_time": {"after_": since}},
        "sort": "START_TIME_ASC",
    }
    with stack.prefect() as prefect:
        runs = prefect.post("/flow_runs/filter", json=wanted).json()
        return [
            [
                one["name"]
                for one in sorted(
                    prefect.get("/flow_run_states/", params={"flow_run_id": run["id"]}).json(),
                    key=lambda state: state["timestamp"],
                )
            ]
            for run in runs
            if run["parent_task_run_id"] is None
        ]


@pytest.fixture(scope="module")
def rehearsed(stack, engine):
    """The rows of a rehearsal on a stack that has loaded all there is, and what was before it."""
    ensure_up(stack).makes("trigger")
    until(lambda: not engine.flow_runs(stack.project), "its container gone")
    before = known(stack), engine.everything(stack.project), image_names(stack, engine)
    since = datetime.now(UTC).isoformat()
    shown = stack.makes("rehearse", "FORMAT=json")
    return [json.loads(line) for line in shown.splitlines()], before, since


def image_names(stack, engine):
    images = engine.client.images.list(f"{stack.settings['IMAGES']}/*")
    return sorted(name for image in images for name in image.tags)


def row(rehearsed, part):
    (found,) = (one for one in rehearsed[0] if one["part"] == part)
    return found


def test_without_a_stack_it_says_what_to_do(tmp_path):
    with made_clone(tmp_path) as clone:
        assert "there is no stack here: make up starts one" in clone.refuses("rehearse")


def test_all_that_must_be_equal_is(rehearsed):
    verdicts = [one["verdict"] for one in rehearsed[0]]
    assert verdicts.count("equal") > 30
    assert set(verdicts) == {"equal", "swapped", "stands in", "not here"}


def test_the_task_was_hardened_and_ran_to_gold(rehearsed, stack):
    assert row(rehearsed, "task: user")["here"] == "10001:10001"
    assert row(rehearsed, "task: read-only root")["here"] == "yes"
    assert row(rehearsed, "task: mounts")["here"] == "none"
    before, after = map(int, re.findall(r"\d+", row(rehearsed, "gold")["here"]))
    assert after == before + 1
    assert len(stack.status()["layers"]) == 3
    stack.makes("verify")


def test_services_stay_healthy_under_their_definitions_own_timeout(rehearsed):
    for part in ("server", "worker", "control"):
        found = row(rehearsed, f"{part}: stays healthy")["here"]
        asked, failed, _ = map(int, re.findall(r"\d+", found))
        assert (asked > 3, failed) == (True, 0), found  # 3 in a row end a task on ECS


def test_a_run_outlives_its_worker_and_the_next_worker_starts_the_next_run(rehearsed):
    assert row(rehearsed, "tasks of a run whose worker was replaced")["here"] == "1"
    assert row(rehearsed, "a crashed run")["here"] == "Completed in task 4"


def test_a_second_deploy_and_a_rollback_change_the_image_of_the_next_run_alone(rehearsed):
    found = {
        part: row(rehearsed, part)["here"]
        for part in (
            "a run during a second deploy",
            "the next run after a second deploy",
            "a run during a rollback",
            "the next run after a rollback",
        )
    }
    assert [*found.values()] == [
        "in the first image",
        "in the second image, as canton-prod-flow:2",
        "in the second image",
        "in the first image, as canton-prod-flow:3",
    ]


def test_a_task_that_never_starts_is_noticed_and_the_next_reads_the_rotated_secret(rehearsed):
    assert "['flow']" in row(rehearsed, "a task that never starts")["here"]
    assert row(rehearsed, "a rotated secret")["here"] == "its new value"


def test_a_stopped_task_handed_its_run_on_and_a_killed_one_was_noticed(rehearsed, stack):
    assert "non-zero exit code: ['flow']" in row(rehearsed, "a killed task")["here"]
    first, second, third = runs_of_ecs(stack, rehearsed[2])
    assert (first[-1], second[-1], third[-1]) == ("Completed", "Completed", "Completed")
    assert "Crashed" not in first + third
    assert [name for name in second if name in {"Running", "Crashed", "AwaitingRetry"}] == [
        *("Crashed", "AwaitingRetry"),  # the first task never started
        *("Running", "AwaitingRetry"),  # ECS stopped the second
        *("Running", "Crashed", "AwaitingRetry"),  # the third was killed
        "Running",
    ]


def test_nothing_of_it_is_left(rehearsed, stack, engine):
    assert known(stack) == rehearsed[1][0]
    assert engine.everything(stack.project) == rehearsed[1][1]
    assert image_names(stack, engine) == rehearsed[1][2]
    assert not list((stack.path / ".stack").glob("rehearsal*.env"))
