"""Checks of which tasks are started and stopped, and that no container's end is missed."""

import queue
from functools import partial

from docker.errors import ImageNotFound

from mocks.fargate.cluster import LEAVE_SECONDS, Fargate
from mocks.fargate.engine import Engine


class Run:
    """A task that takes down what was asked of it."""

    def __init__(self, asked, task):
        self.asked = asked
        self.arn = task["taskArn"]

    def run(self):
        self._take("run")

    def stop(self, seconds=None):
        self._take(f"stop {seconds}")

    def _take(self, what):
        self.asked.put((self.arn, what))


class Ecs:
    """ECS with some tasks that should run."""

    def __init__(self):
        self.wanted = []
        self.asked = queue.Queue()
        self.fargate = Fargate("canton", self, partial(Run, self.asked))

    def list_tasks(self, **_):
        return {"taskArns": self.wanted}

    def describe_tasks(self, tasks, **_):
        return {"tasks": [{"taskArn": arn} for arn in tasks]}

    def look(self, *wanted, count):
        """Look once with these tasks wanted; return the calls on tasks, made in threads."""
        self.wanted = wanted
        self.fargate.look()
        found = sorted(self.asked.get(timeout=5) for _ in range(count))
        assert self.asked.empty()
        return found


def test_a_new_task_is_started_once():
    ecs = Ecs()
    assert ecs.look("a", "b", count=2) == [("a", "run"), ("b", "run")]
    assert ecs.look("a", "b", count=0) == []
    assert ecs.look("a", "b", "c", count=1) == [("c", "run")]


def test_a_task_that_is_no_longer_wanted_is_stopped_once():
    ecs = Ecs()
    ecs.look("a", "b", count=2)
    assert ecs.look("b", count=1) == [("a", "stop None")]
    assert ecs.look("b", count=0) == []


def test_who_leaves_ends_every_container_soon():
    ecs = Ecs()
    ecs.look("a", count=1)
    ecs.fargate.leave()
    assert ecs.asked.get(timeout=5) == ("a", f"stop {LEAVE_SECONDS}")


class Api:
    """Docker's client, as far as starting goes."""

    base_url, api_version = "http://gate", "1.41"

    def __init__(self):
        self.asked = []

    def post(self, url, **how):
        self.asked.append((url, how))
        return self

    def start(self, container):
        self.asked.append(container)

    def inspect_image(self, image):
        if image == "gone":
            raise ImageNotFound("no such image")
        return {"Id": f"sha256:{image}"}

    def raise_for_status(self):
        return None

    def json(self):
        return {"StatusCode": 137}


def test_images_are_known_by_their_digests_and_one_that_is_not_there_is_left_out():
    engine = Engine.__new__(Engine)
    engine._api = Api()
    assert engine.image_ids(("local", "gone")) == {"sha256:local": "local"}


def test_the_end_of_a_container_is_waited_for_before_it_starts():
    engine, api = Engine.__new__(Engine), Api()
    engine._api = api
    wait = engine.start("c1")
    (url, how), started = api.asked
    assert (url, started) == ("http://gate/v1.41/containers/c1/wait", "c1")
    assert how == {"params": {"condition": "next-exit"}, "stream": True, "timeout": None}
    assert wait() == 137
