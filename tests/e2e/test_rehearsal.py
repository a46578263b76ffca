"""`make rehearse` beside a stack: all of it, as a user types it, and nothing of it left."""

import json

import pytest


def known(clone):
    """What Prefect's server knows, by kind."""
    with clone.prefect() as prefect:
        return {
            kind: sorted(one["name"] for one in prefect.post(f"/{kind}/filter", json={}).json())
            for kind in ("work_pools", "deployments", "automations", "block_documents")
        }


def runs_of_ecs(clone):
    """The states of ECS's runs, each run's in their order, the oldest run first."""
    wanted = {"flow_runs": {"tags": {"all_": ["auto-recover"]}}, "sort": "START_TIME_ASC"}
    with clone.prefect() as prefect:
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
def rehearsed(clone, engine):
    """The rows of a rehearsal on a stack that is new, and what there was before it."""
    refused = clone.refuses("rehearse")
    clone.makes("up")
    before = known(clone), engine.everything(clone.project)
    shown = clone.makes("rehearse", "FORMAT=json")
    return [json.loads(line) for line in shown.splitlines()], before, refused


def row(rehearsed, part):
    (found,) = (one for one in rehearsed[0] if one["part"] == part)
    return found


def test_without_a_stack_it_says_what_to_do(rehearsed):
    assert "there is no stack here: make up starts one" in rehearsed[2]


def test_all_that_must_be_equal_is(rehearsed):
    verdicts = [one["verdict"] for one in rehearsed[0]]
    assert verdicts.count("equal") > 30
    assert set(verdicts) == {"equal", "swapped", "stands in", "not here"}


def test_the_task_was_hardened_and_ran_to_gold(rehearsed, clone):
    assert row(rehearsed, "task: user")["here"] == "10001:10001"
    assert row(rehearsed, "task: read-only root")["here"] == "yes"
    assert row(rehearsed, "task: mounts")["here"] == "none"
    assert row(rehearsed, "gold")["here"] == "batch 0 to 1"
    assert len(clone.status()["layers"]) == 3
    clone.makes("verify")


def test_a_stopped_task_handed_its_run_on_and_a_killed_one_was_noticed(rehearsed, clone):
    assert "non-zero exit code: ['flow']" in row(rehearsed, "a killed task")["here"]
    first, second = runs_of_ecs(clone)
    assert (first[-1], second[-1]) == ("Completed", "Completed")
    assert "Crashed" not in first
    assert [name for name in second if name in {"Running", "Crashed", "AwaitingRetry"}] == [
        *("Running", "AwaitingRetry"),  # ECS stopped its task
        *("Running", "Crashed", "AwaitingRetry"),  # the second one was killed
        "Running",
    ]


def test_nothing_of_it_is_left(rehearsed, clone, engine):
    assert known(clone) == rehearsed[1][0]
    assert engine.everything(clone.project) == rehearsed[1][1]
    assert not list((clone.path / ".stack").glob("rehearsal*.env"))
