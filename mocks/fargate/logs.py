"""The log driver `awslogs`: what a container writes, line by line, to CloudWatch Logs."""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def stream_name(container: Mapping[str, Any], task_id: str) -> str:
    """``<prefix>/<container>/<task>``, as ECS names it."""
    options = container["logConfiguration"]["options"]
    return f"{options['awslogs-stream-prefix']}/{container['name']}/{task_id}"


def forward(logs: Any, container: Mapping[str, Any], task_id: str, output: Iterable[bytes]) -> None:
    """Write until the container has ended.

    Args:
        logs: CloudWatch Logs.
        container: Its definition.
        task_id: Of its task.
        output: Its output, in pieces of any size.
    """
    where = {
        "logGroupName": container["logConfiguration"]["options"]["awslogs-group"],
        "logStreamName": stream_name(container, task_id),
    }
    logs.create_log_stream(**where)
    for texts in lines(output):
        at = int(time.time() * 1000)
        logs.put_log_events(
            **where, logEvents=[{"timestamp": at, "message": text} for text in texts]
        )


def lines(pieces: Iterable[bytes]) -> Iterator[list[str]]:
    """The lines that each piece completes; the last one may have no end."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        if texts := [one.decode(errors="replace") for one in whole if one.strip()]:
            yield texts
    if rest.strip():
        yield [rest.decode(errors="replace")]
