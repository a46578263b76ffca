"""A task from its start to its end, and what the queue hears of it."""

import threading

import docker.errors
import pytest

from mocks.fargate.containers import TaskHost
from mocks.fargate.events import Bus
from mocks.fargate.logs import lines
from mocks.fargate.task import Cloud, TaskRun
from tests.cloud.fargate.cloud import DIGEST, TASK, Aws, changed

EXITED = "Essential container in task exited"
LOCAL, NEXT = "stack/pipeline:local", "stack/pipeline:next"
HELD = {DIGEST: LOCAL}


class Engine:
    """A Docker whose container writes two lines and ends with a code; images by digest."""

    def __init__(self, exit_code=0, images=HELD, *, refuses=False):
        self.exit_code = exit_code
        self.images = images
        self.refuses = refuses
        self.created = []
        self.stopped = []

    def image_ids(self, images):
        return {digest: name for digest, name in self.images.items() if name in images}

    def create(self, wanted):
        self.created.append(wanted)
        return "c" * 64

    def start(self, _):
        if self.refuses:
            raise docker.errors.APIError("no", explanation="is not for flow runs")
        return lambda: self.exit_code

    def output(self, _):
        return [b"first\nsec", b"ond\n"]

    def stop(self, container, seconds):
        self.stopped.append((container, seconds))


def run(aws, engine, **task):
    cloud = Cloud(aws, aws, aws, Bus(aws, aws))
    made = TaskRun(cloud, engine, TaskHost("stack", (LOCAL, NEXT), "net"), {**TASK, **task})
    made.run()
    return made


def test_the_queue_hears_of_each_state_and_cloudwatch_of_each_line():
    aws, engine = Aws(), Engine()
    run(aws, engine)
    assert aws.told == ["PROVISIONING", "PENDING", "RUNNING", "STOPPED"]
    assert {url for url, _ in aws.events} == {"http://aws/ecs-events"}
    assert [event["detail"]["version"] for _, event in aws.events] == [1, 2, 3, 4]
    assert aws.streams == [{"logGroupName": "/canton/flows", "logStreamName": "flow/flow/0a1b2c"}]
    assert aws.lines == ["first", "second"]
    assert engine.created[0]["environment"]["AUTH"] == "hush"


@pytest.mark.parametrize("name", [LOCAL, NEXT])
def test_a_container_has_the_image_of_the_digest_that_the_definition_names(name):
    engine = Engine(images={"sha256:x": LOCAL, DIGEST: name})
    run(Aws(), engine)
    assert [one["image"] for one in engine.created] == [name]


def test_an_event_has_the_form_that_eventbridge_gives_it():
    aws = Aws()
    run(aws, Engine(exit_code=137))
    event = aws.events[-1][1]
    assert event["detail-type"] == "ECS Task State Change"
    assert (event["account"], event["region"]) == ("444455556666", "us-east-1")
    assert event["resources"] == [TASK["taskArn"]]
    detail = {
        "clusterArn": TASK["clusterArn"],
        "taskArn": TASK["taskArn"],
        "desiredStatus": "STOPPED",
        "lastStatus": "STOPPED",
        "stopCode": "EssentialContainerExited",
        "stoppedReason": EXITED,
    }
    assert event["detail"].items() >= detail.items()
    (container,) = event["detail"]["containers"]
    assert (container["name"], container["exitCode"]) == ("flow", 137)


def test_an_exit_code_of_zero_is_told_and_none_before_the_end():
    aws = Aws()
    run(aws, Engine(exit_code=0))
    codes = [event["detail"]["containers"][0].get("exitCode") for _, event in aws.events]
    assert codes == [None, None, None, 0]


def test_all_that_a_task_wrote_is_in_cloudwatch_before_its_end_is_told():
    class SlowLog(Engine):
        def output(self, _):
            threading.Event().wait(0.1)  # the log driver is behind
            yield b"last words\n"

    class Listening(Aws):
        def send_message(self, **message):
            super().send_message(**message)
            self.known = list(self.lines)

    aws = Listening()
    run(aws, SlowLog())
    assert aws.known == ["last words"]


@pytest.mark.parametrize(
    ("aws", "engine", "reason"),
    [
        pytest.param(Aws(secrets={}), Engine(), "ResourceInitializationError: ", id="secret"),
        pytest.param(Aws(), Engine(images={"sha256:x": NEXT}), "CannotPull", id="another-image"),
        pytest.param(Aws(), Engine(images={DIGEST: "alpine"}), "CannotPull", id="not-admitted"),
        pytest.param(Aws(), Engine(images={}), "CannotPullContainerError: ", id="no-image"),
        pytest.param(Aws(), Engine(refuses=True), "CannotStartContainerError: ", id="docker"),
        pytest.param(Aws(changed(privileged=True)), Engine(), "this Fargate ", id="unknown"),
    ],
)
def test_a_task_that_can_not_start_ends_with_the_reason_and_no_exit_code(aws, engine, reason):
    run(aws, engine)
    assert aws.told == ["PROVISIONING", "PENDING", "STOPPED"]
    assert aws.end["stopCode"] == "TaskFailedToStart"
    assert aws.end["stoppedReason"].startswith(reason)
    assert "exitCode" not in aws.end["containers"][0]


def test_who_stopped_a_task_is_told():
    aws = Aws()
    aws.stopped["stoppedReason"] = "cancelled by Prefect"
    run(aws, Engine(exit_code=143))
    assert (aws.end["stopCode"], aws.end["stoppedReason"]) == (
        "UserInitiated",
        "cancelled by Prefect",
    )
    assert aws.end["containers"][0]["exitCode"] == 143


def test_a_task_is_stopped_as_slowly_as_its_definition_says_or_sooner():
    engine = Engine()
    made = run(Aws(), engine)
    made.stop()
    made.stop(3)
    assert engine.stopped == [("c" * 64, 60), ("c" * 64, 3)]


def test_a_task_without_a_container_has_nothing_to_stop():
    engine = Engine(images={})
    run(Aws(), engine).stop()
    assert engine.stopped == []


@pytest.mark.parametrize(
    ("pieces", "found"),
    [
        ([b"a\nb\n"], [["a", "b"]]),
        ([b"a", b"b\nc"], [["ab"], ["c"]]),
        ([b"\n", b" \n"], []),
        ([b"\xc3", b"\xa9\n"], [["é"]]),
        ([], []),
    ],
)
def test_lines_are_whole_whatever_the_pieces(pieces, found):
    assert list(lines(pieces)) == found
