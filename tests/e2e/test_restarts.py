"""A service whose process dies comes back by itself, with its data; the pipeline goes on."""

import pytest
from localstack_client.session import Session as LocalStack

from tests.clone import PATIENCE_SECONDS, until

pytestmark = [pytest.mark.chaos, pytest.mark.quick]

LONG_RUNNING = (
    "localstack", "snowflake", "postgres", "canton-scan", "slack", "docker-gate",
    "prefect-server", "prefect-worker", "control-worker", "home",
)  # fmt: skip


@pytest.fixture
def s3(up, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{up.settings['S3_PORT']}")
    return LocalStack("local", "local").client("s3")


def kill(container):
    """End the main process of a container, which is the child of docker-init."""
    done = container.exec_run(["bash", "-c", "kill -9 $(cat /proc/1/task/1/children)"])
    # The shell may be gone with the container before it can tell.
    assert done.exit_code in {0, 137}, done.output


def is_back(container, died):
    container.reload()
    state = container.attrs["State"]
    return state["StartedAt"] != died and state["Health"]["Status"] == "healthy"


def landed(s3):
    found = s3.list_object_versions(Bucket="canton-landing")["Versions"]
    return {(one["Key"], one["VersionId"], one["ETag"]) for one in found}


def held(up):
    """Return the warehouse's batches and Prefect's last runs."""
    batches = "select layer, batch_id, row_count, run_id from ops.batches order by 1, 2"
    return up.rows(batches), [one["run"] for one in up.status()["last_runs"]]


@pytest.fixture(scope="module")
def saved(stack):
    """Something in every store."""
    stack.makes("up")
    stack.makes("trigger")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{stack.settings['S3_PORT']}")
        s3 = LocalStack("local", "local").client("s3")
        s3.create_bucket(Bucket="empty")
        s3.put_object(Bucket="canton-landing", Key="last", Body=b"words")
        return landed(s3), held(stack)


@pytest.mark.parametrize("service", LONG_RUNNING)
def test_a_service_whose_process_dies_comes_back(stack, engine, saved, service):
    container = engine.containers(stack.project)[service]
    died = container.attrs["State"]["StartedAt"]
    kill(container)
    until(lambda: is_back(container, died), f"{service} healthy again")


def test_nothing_was_lost_and_the_pipeline_goes_on(stack, engine, saved, s3):
    assert set(engine.containers(stack.project)) == {*LONG_RUNNING, "deploy"}, "none was forgotten"
    assert (landed(s3), held(stack)) == saved
    warned = [one["warning"] for one in stack.status()["warnings"]]
    assert [one for one in warned if one.startswith("snowflake died")], warned
    s3.put_object(Bucket="empty", Key="first", Body=b"words")
    s3.delete_object(Bucket="empty", Key="first")
    s3.delete_bucket(Bucket="empty")
    stack.makes("clock", "ADVANCE=10m")
    with stack.typing("trigger") as typed:
        typed.shows("bronze: page 1, ")
        kill(engine.containers(stack.project)["prefect-server"])
        assert typed.process.wait(PATIENCE_SECONDS) == 0, typed.screen.read_text()
    assert "gold: batch " in typed.screen.read_text(), "it follows its run past a dead server"
    stack.makes("verify")
