"""Messages received, kept in a file with one JSON object a line."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Clock = Callable[[], datetime]


class InboxRefused(Exception):
    """The file can't be used as an inbox; the message is one line for a person."""


class InboxUnreadable(InboxRefused):
    """The file holds something else, such as what another version wrote."""


@dataclass(frozen=True)
class Message:
    """A message: `payload` as it was posted, its `text` apart; ids count from 1."""

    id: int
    received_at: str
    webhook: str
    text: str
    payload: dict[str, Any]


def utc_now() -> datetime:
    """Now."""
    return datetime.now(UTC)


class Inbox:
    """Appends to the file before it answers, so that what was acknowledged survives a crash."""

    def __init__(self, path: Path, clock: Clock = utc_now) -> None:
        """Take up the messages of an earlier run.

        Raises:
            InboxRefused: The file can't be read.
            InboxUnreadable: It holds something else.
        """
        self._path = path
        self._clock = clock
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            _cut_torn_line(path)
            lines = path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise InboxRefused(f"{path} can't be used as an inbox: {error}") from error
        except UnicodeDecodeError as error:
            raise InboxUnreadable(f"{path} is no inbox: {error}") from error
        self._messages = [_read(path, *one) for one in enumerate(lines, 1)]

    def receive(self, webhook: str, payload: dict[str, Any]) -> Message:
        """Keep a message."""
        message = Message(
            id=len(self._messages) + 1,
            received_at=f"{self._clock():%Y-%m-%dT%H:%M:%S}Z",
            webhook=webhook,
            text=payload.get("text") or "",
            payload=payload,
        )
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(message)) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._messages.append(message)
        return message

    def messages(self, after: int = 0) -> list[Message]:
        """Messages whose id is greater than ``after``, oldest first."""
        return self._messages[max(after, 0) :]


def _read(path: Path, number: int, line: str) -> Message:
    try:
        return Message(**json.loads(line))
    except (TypeError, ValueError) as error:
        raise InboxUnreadable(
            f"{path}, line {number}, is no message that this version knows"
        ) from error


def _cut_torn_line(path: Path) -> None:
    """A line without its end was interrupted by the end of the process; its sender got no ok."""
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.truncate(path, whole)
