"""``python -m mocks.fargate``: runs what an emulated ECS wants to run, until SIGTERM.

It listens nowhere. boto3 finds AWS by its own variables, and Docker is at DOCKER_HOST.
"""

import os
import signal
import sys
import threading
import time
from functools import partial
from pathlib import Path
from types import FrameType

import boto3

from mocks.fargate.cluster import Fargate
from mocks.fargate.containers import TaskHost
from mocks.fargate.engine import Engine
from mocks.fargate.events import Bus
from mocks.fargate.task import Cloud, TaskRun

LOOK_SECONDS = 0.3  # ECS notifies its own agent; here the tasks are polled
LOOKED = Path("/tmp/.looked")  # noqa: S108 -- for the container's health check


def main() -> None:
    """Look again and again."""
    signal.signal(signal.SIGTERM, _leave)
    threading.excepthook = _give_up
    cloud = Cloud(
        ecs=boto3.client("ecs"),
        logs=boto3.client("logs"),
        secrets=boto3.client("secretsmanager"),
        bus=Bus(boto3.client("events"), boto3.client("sqs")),
    )
    named = os.environ
    images = (named["FLOW_IMAGE"], named["NEXT_IMAGE"])
    host = TaskHost(named["COMPOSE_PROJECT"], images, named["FLOW_NETWORK"])
    make_run = partial(TaskRun, cloud, Engine(named["DOCKER_HOST"]), host)
    fargate = Fargate(named["ECS_CLUSTER"], cloud.ecs, make_run)
    try:
        while True:
            fargate.look()
            LOOKED.touch()
            time.sleep(LOOK_SECONDS)
    finally:
        fargate.leave()


def _leave(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)


def _give_up(failed: threading.ExceptHookArgs) -> None:
    """A task that nobody looks after would run for ever: better none at all."""
    sys.__excepthook__(failed.exc_type, failed.exc_value or SystemExit(), failed.exc_traceback)
    os._exit(1)


if __name__ == "__main__":
    main()
