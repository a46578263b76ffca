"""Watching a place for as long as somebody looks at its page."""

import asyncio
import contextlib
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Collection, Sequence

from local.home.readings import Reading, Readings, from_line

IDLE_SECONDS = 20.0  # without a look, until the reader is ended
_AGAIN_SECONDS = 5.0  # after a reader that ended by itself
_END_SECONDS = 5.0
_RENEW_SECONDS = 2.0
_LONGEST_LINE = 4 * 1024 * 1024


class Watch:
    """Starts the reader with the first look and ends it after the last; knows what it read.

    Args:
        command: What starts the reader; see `local.home.reader`.
        sources: The names of the sources that it reads.
        idle_seconds: How long after the last look it goes on.
    """

    def __init__(
        self,
        command: Sequence[str],
        sources: Collection[str],
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._command = command
        self._sources = sources
        self._idle_seconds = idle_seconds
        self._looked_at = 0.0
        self._task: asyncio.Task[None] | None = None
        self._process: Process | None = None
        self._news = asyncio.Condition()
        self._closed = asyncio.Event()
        self._forget()

    @property
    def is_reading(self) -> bool:
        """Tell whether the reader runs."""
        return self._process is not None

    async def look(self) -> Readings:
        """Return the newest readings, and keep the reader going for a while."""
        self._looked_at = time.monotonic()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())
        return Readings(dict(self._readings))

    async def renew(self, source: str) -> None:
        """Have everything read again at once, and wait a moment for the news of one source."""
        before = self._readings[source]
        if self._process is None or self._process.stdin is None or self._process.stdin.is_closing():
            return
        self._process.stdin.write(b"\n")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_RENEW_SECONDS), self._news:
                await self._news.wait_for(lambda: self._readings[source] is not before)

    async def close(self) -> None:
        """End the reader."""
        self._closed.set()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        if self._task is not None:
            await self._task

    async def _follow(self) -> None:
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, limit=_LONGEST_LINE
        )
        self._process = process
        try:
            is_over = await self._read(process)
        finally:
            await _end(process)
            self._process = None
        if is_over or self._closed.is_set():
            self._forget()
            return
        message = f"the reader ended with code {process.returncode}; its log says why"
        self._readings = dict.fromkeys(self._sources, Reading(problem=message))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closed.wait(), _AGAIN_SECONDS)

    async def _read(self, process: Process) -> bool:
        """Take in readings until nobody looks (True), or the reader ends (False)."""
        assert process.stdout is not None  # noqa: S101 -- it is a pipe
        while (left := self._looked_at + self._idle_seconds - time.monotonic()) > 0:
            try:
                line = await asyncio.wait_for(process.stdout.readline(), left)
            except TimeoutError:
                continue
            if not line:
                return False
            source, reading = from_line(line)
            async with self._news:
                self._readings[source] = reading
                self._news.notify_all()
        return True

    def _forget(self) -> None:
        self._readings = dict.fromkeys(self._sources, Reading())


async def _end(process: Process) -> None:
    """Close the reader's input, which ends it; kill one that goes on."""
    assert process.stdin is not None  # noqa: S101 -- it is a pipe
    process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), _END_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
