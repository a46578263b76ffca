"""The process of a session's handlers: reads requests from standard input, a socket, until it ends.

    python -I -S -c … FOLDER        see `workers.py`

It imports little, so that it starts soon and stays small. Ends at once when the server is gone.
"""

import ast
import linecache
import os
import select
import socket
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mocks.snowflake.handlers import confinement, values
from mocks.snowflake.handlers.messages import (
    Channel,
    Define,
    Definition,
    Failed,
    Refused,
    Reply,
    Results,
    SentRows,
    Working,
    decode_request,
    encode,
)

ROW_SECONDS = 60
"""A row may take so long, in processor time as by the clock."""
TELL_SECONDS = 1.0


class ThirdParty(Exception):
    """The code imports what Snowflake's standard library hasn't; the message is its name."""


@dataclass(frozen=True)
class _Function:
    definition: Definition
    handler: Callable[..., Any]

    def rows(self, request: SentRows) -> Iterable[tuple[Any, ...]]:
        """The arguments of each call."""
        types = self.definition.arguments
        columns = [
            values.arguments(column, *kinds)
            for column, kinds in zip(request.columns, types, strict=True)
        ]
        return zip(*columns, strict=True) if columns else ((),) * request.count


class Handlers:
    """The functions that were defined, and the calls of them."""

    def __init__(self, allow_seconds: Callable[[int], None]) -> None:
        self._allow_seconds = allow_seconds
        self._functions: dict[str, _Function] = {}

    def serve(self, channel: Channel) -> None:
        """Answer requests until the server closes the channel."""
        try:
            while True:
                self._allow_seconds(ROW_SECONDS)
                request = decode_request(channel.receive())
                answer = self._define if isinstance(request, Define) else self._call
                channel.send(answer(request, lambda: self._tell(channel)))  # type: ignore[arg-type]
        except (EOFError, ConnectionError):
            pass

    def _tell(self, channel: Channel) -> None:
        self._allow_seconds(ROW_SECONDS)
        channel.send(Working())

    def _define(self, request: Define, _: Callable[[], None]) -> Reply:
        definition = request.definition
        try:
            self._functions[definition.key] = _Function(definition, compiled(definition))
        except ThirdParty as error:
            return Refused(str(error))
        except BaseException as error:  # noqa: BLE001 -- the user's code, and its exit: all of it is the answer
            return Failed(trace(error, definition.filename))
        return Results()

    def _call(self, request: SentRows, tell: Callable[[], None]) -> Reply:
        function = self._functions[request.key]
        definition = function.definition
        write = values.writer(*definition.returns)
        results: list[Any] = []
        tell_at = time.monotonic() + TELL_SECONDS
        try:
            for row in function.rows(request):
                is_null = definition.is_strict and any(_is_null(value) for value in row)
                results.append(None if is_null else write(function.handler(*row)))
                if time.monotonic() > tell_at:
                    tell()
                    tell_at = time.monotonic() + TELL_SECONDS
            return Results(msgspec.Raw(encode(results)))
        except BaseException as error:  # noqa: BLE001 -- as in `_define`
            results.clear()  # for the traceback's sake, where there is no memory left
            return Failed(trace(error, definition.filename))


def compiled(definition: Definition) -> Callable[..., Any]:
    """The handler of a function's code, which is run for it.

    Raises:
        ThirdParty: It imports more than the standard library.
        NameError: There is no such handler. What the code raises is raised as well.
    """
    text, filename = definition.text, definition.filename
    tree = ast.parse(text, filename)
    _refuse_third_party(tree)
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {"__name__": definition.name.lower()}
    exec(compile(tree, filename, "exec"), namespace)  # noqa: S102 -- what a Python function is
    if not callable(handler := namespace.get(definition.handler)):
        raise NameError(f"the handler '{definition.handler}' is not defined")  # noqa: TRY004 -- nor is it a function
    return handler


def _is_null(value: Any) -> bool:
    return value is None or value is values.SQL_NULL


def _refuse_third_party(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            if name.partition(".")[0] not in sys.stdlib_module_names:
                raise ThirdParty(name)


def trace(error: BaseException, filename: str) -> str:
    """The traceback from where the user's code begins; its variables are gone then."""
    traceback.clear_frames(error.__traceback__)  # or there is no memory left to tell of it
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == filename]
    head = (
        ["Traceback (most recent call last):\n", *traceback.format_list(frames)] if frames else []
    )
    return "".join([*head, *traceback.format_exception_only(error)]).rstrip()


def _end_with_server(channel: Channel) -> None:
    """Wait until the other end of the channel is gone, however the server ended."""
    poll = select.poll()
    poll.register(channel.socket, 0)  # nothing but its end, which is always reported
    poll.poll()
    os._exit(0)


def main() -> None:
    """Serve the socket at standard input, confined to the folder that is named."""
    folder = sys.argv[1]
    channel = Channel(socket.socket(fileno=os.dup(0)))
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    os.environ.clear()  # Python itself sets a locale there
    tempfile.tempdir = folder
    library = Path(os.__file__).parent
    sys.path[:] = [path for path in sys.path if Path(path) in (library, library / "lib-dynload")]
    confinement.confine(folder)
    threading.Thread(target=_end_with_server, args=(channel,), name="leash", daemon=True).start()
    Handlers(confinement.allow_seconds).serve(channel)
    os._exit(0)  # without waiting for a thread that a handler has left
