"""The workers that run handlers for sessions: processes from the first call until a session ends.

DuckDB calls a function from threads of its own, which know no session: its number is an argument
that every call begins with, from a variable of the session's connection.
"""

import collections
import contextlib
import itertools
import sys
import threading
from collections.abc import Callable, Iterator, Sequence

from mocks.snowflake.errors import canceled
from mocks.snowflake.handlers.children import Child, Process, Thread
from mocks.snowflake.handlers.messages import Define, Definition, Reply, Results, Rows

SESSION_VARIABLE = "_session"
IS_DEBUGGED = "debugpy" in sys.modules
PROCESSES = 1 if IS_DEBUGGED else 2
"""A session has no more: as many as DuckDB's threads, or one place to halt in."""
_WORTH_A_PROCESS = 4
"""So many portions of rows are worth the start of another process."""


class Worker:
    """The processes that run the handlers of one session."""

    def __init__(
        self, number: int, is_canceled: Callable[[], bool], forget: Callable[[], object]
    ) -> None:
        self.number = number
        self._is_canceled = is_canceled
        self._forget = forget
        self._turns = threading.BoundedSemaphore(PROCESSES)
        self._changing = threading.Lock()
        self._idle: list[Child] = []
        self._all: set[Child] = set()

    def define(self, definition: Definition) -> Reply:
        """Compile a function, to see whether it can be used.

        Raises:
            ProcessLost: Its code ended the process, or took too long.
        """
        with self._children(1) as (child,):
            child.send(Define(definition))
            return child.answer()

    def call(self, definition: Definition, portions: Iterator[Rows], count: int) -> Iterator[Reply]:
        """Call a function once per row; the answers to so many portions, in their order.

        Raises:
            ProcessLost: A handler ended the process, took too long, or the statement was canceled.
        """
        with self._children(PROCESSES if count >= _WORTH_A_PROCESS else 1) as children:
            yield from _defined(children, definition)
            busy: collections.deque[Child] = collections.deque()
            for portion, child in zip(portions, itertools.cycle(children), strict=False):
                if child.owes_answer:
                    yield busy.popleft().answer()
                child.send(portion)
                busy.append(child)
            while busy:
                yield busy.popleft().answer()

    def stop(self) -> None:
        """End the processes, so that a canceled statement ends."""
        with self._changing:
            for child in self._all:
                child.kill()

    def close(self) -> None:
        """End the processes for good; nothing calls them any more."""
        self._forget()
        while self._idle:
            self._end(self._idle.pop())

    @contextlib.contextmanager
    def _children(self, most: int) -> Iterator[list[Child]]:
        """Lend at least one process, and others up to so many if nobody else has them."""
        with contextlib.ExitStack() as held:
            children = [held.enter_context(self._turn())]
            while len(children) < most and self._turns.acquire(blocking=False):
                self._turns.release()
                children.append(held.enter_context(self._turn()))
            yield children

    @contextlib.contextmanager
    def _turn(self) -> Iterator[Child]:
        with self._turns:
            child = self._take()
            try:
                yield child
            finally:
                if child.owes_answer:  # nobody would read it, if it came at all
                    self._end(child)
                else:
                    self._idle.append(child)

    def _take(self) -> Child:
        with self._changing:
            if self._is_canceled():
                raise canceled()
            while self._idle:
                if (child := self._idle.pop()).is_alive:
                    return child
                self._all.discard(child)
                child.close()
            child = Thread() if IS_DEBUGGED else Process()
            self._all.add(child)
            return child

    def _end(self, child: Child) -> None:
        with self._changing:
            self._all.discard(child)
        child.close()


def _defined(children: Sequence[Child], definition: Definition) -> Iterator[Reply]:
    """Have a function defined in all of these; the answers of those where it fails."""
    new = [child for child in children if definition.key not in child.defined]
    for child in new:
        child.send(Define(definition))
    for child in new:
        if not isinstance(reply := child.answer(), Results):
            yield reply
        child.defined.add(definition.key)


class Workers:
    """The workers of all sessions."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._workers: dict[int, Worker] = {}

    def open(self, is_canceled: Callable[[], bool]) -> Worker:
        """A worker for a session; it needs no process before its first call."""
        number = next(self._numbers)
        worker = Worker(number, is_canceled, lambda: self._workers.pop(number, None))
        self._workers[number] = worker
        return worker

    def of(self, number: int) -> Worker:
        """The worker of a session's number."""
        return self._workers[number]

    def close(self) -> None:
        """End all processes."""
        for worker in list(self._workers.values()):
            worker.close()
