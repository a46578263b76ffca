"""Deaths of the stack's containers: the gate writes them into its log, where others read them.

The engine forgets them. It keeps its last 256 events, most of which are health checks, and begins
a container's state anew when it starts the container again.
"""

import asyncio
import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from local.stack.engine import FLOW_RUN, PROJECT, SERVICE

OPEN_ENDED = httpx.Timeout(30, read=None)  # for what Docker answers when something happens
_WORDS = {"die": "died", "oom": "out of memory"}
_LINE = re.compile(r"(?P<at>\S+Z) (?P<service>\S+): (?P<word>died|out of memory)")
_ENDS = {"2", "3", "9", "15"}  # signals that end a process


@dataclass(frozen=True)
class Death:
    """A container's process ended by itself, or something in it was killed for want of memory."""

    service: str
    at: datetime
    is_out_of_memory: bool


async def write_down(project: str, docker: httpx.AsyncClient, again_seconds: float = 1.0) -> None:
    """Print each death of a project's containers, until cancelled."""
    since = time.time()
    stopped: set[str] = set()
    while True:
        with suppress(httpx.HTTPError):  # an engine that restarts is silent, or answers 503
            filters = {"label": [f"{PROJECT}={project}"], "event": ["die", "kill", "oom"]}
            query = {"since": f"{since:.0f}", "filters": json.dumps(filters)}
            events = docker.stream("GET", "/events", params=query, timeout=OPEN_ENDED)
            async with events as answer:
                answer.raise_for_status()
                async for line in answer.aiter_lines():
                    event = json.loads(line)
                    since = event["time"] + 1
                    if line_of_death := death_line(event, stopped):
                        print(line_of_death, flush=True)
        await asyncio.sleep(again_seconds)


def death_line(event: Mapping[str, Any], stopped: set[str]) -> str:
    """The line for an event of Docker's; empty where it is no death.

    Args:
        event: As in the response to ``GET /events``.
        stopped: Containers that got a signal to end; their end is no death. Changed by each event.
    """
    container, about = event["Actor"]["ID"], event["Actor"]["Attributes"]
    kind, service = event["Action"], about.get(SERVICE, "?")
    if kind == "kill":
        stopped |= {container} if about.get("signal") in _ENDS else set()
        return ""
    if kind == "die":
        was_stopped = container in stopped
        stopped.discard(container)
        # A flow run ends with its flow, and a job with its work: Prefect and Compose report how.
        if was_stopped or service == FLOW_RUN or about.get("exitCode") == "0":
            return ""
    at = datetime.fromtimestamp(event["time"], UTC)
    return f"{at:%Y-%m-%dT%H:%M:%SZ} {service}: {_WORDS[kind]}"


def read_deaths(lines: Iterable[str]) -> Iterator[Death]:
    """The deaths in the gate's log; its other lines are passed over."""
    for line in lines:
        if found := _LINE.fullmatch(line.strip()):
            at = datetime.fromisoformat(found["at"])
            yield Death(found["service"], at, found["word"] == _WORDS["oom"])
