"""A debugger, as an editor is one: the Debug Adapter Protocol over a socket.

https://microsoft.github.io/debug-adapter-protocol/specification
"""

import itertools
import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.console.ports import is_port_free
from local.embedded.children import free_ports

Message = dict[str, Any]
PATIENCE_SECONDS = 120.0
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Halt:
    """A stopped thread: its frames, the innermost first."""

    debugger: "Debugger"
    thread: int
    frames: Sequence[Message]

    @property
    def line(self) -> tuple[str, int]:
        """The file as the editor has it, and the line."""
        top = self.frames[0]
        return top["source"]["path"], top["line"]

    def variables(self) -> dict[str, str]:
        """The local variables of the innermost frame, as the debugger writes them."""
        ask = self.debugger.ask
        scopes = ask("scopes", frameId=self.frames[0]["id"])["scopes"]
        (found,) = [one for one in scopes if one["name"] == "Locals"]
        listed = ask("variables", variablesReference=found["variablesReference"])["variables"]
        return {one["name"]: one["value"] for one in listed}

    def value(self, expression: str) -> str:
        """Evaluate an expression in the innermost frame."""
        frame = self.frames[0]["id"]
        wanted = {"expression": expression, "frameId": frame, "context": "watch"}
        return self.debugger.ask("evaluate", **wanted)["result"]

    def step(self) -> "Halt":
        """One line further."""
        self.debugger.ask("next", threadId=self.thread)
        return self.debugger.halted()

    def go_on(self) -> None:
        """Let everything run on."""
        self.debugger.ask("continue", threadId=self.thread)


class Debugger:
    """One session with a program that listens for it."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._stream = sock.makefile("rb")
        self._numbers = itertools.count(1)
        self._kept: list[Message] = []

    def attach(
        self,
        breakpoints: Mapping[Path, Sequence[int]],
        path_mappings: Sequence[Mapping[str, str]] = (),
    ) -> None:
        """Attach, set breakpoints, and let the program run."""
        about = {"clientID": "tests", "adapterID": "debugpy", "pathFormat": "path"}
        self.ask("initialize", linesStartAt1=True, columnsStartAt1=True, **about)
        asked = self._send("attach", {"justMyCode": True, "pathMappings": list(path_mappings)})
        self._until(lambda one: one.get("event") == "initialized")
        for file, lines in breakpoints.items():
            self.set_breakpoints(file, lines)
        self.ask("configurationDone")
        self._answer(asked)

    def set_breakpoints(self, file: Path, lines: Sequence[int]) -> None:
        """Have these lines of a file as breakpoints, and no others of it."""
        wanted = [{"line": line} for line in lines]
        self.ask("setBreakpoints", source={"path": str(file)}, breakpoints=wanted)

    def halted(self, seconds: float = PATIENCE_SECONDS) -> Halt:
        """Wait until the program stops next; return that stop."""
        stopped = self._until(lambda one: one.get("event") == "stopped", seconds)["body"]
        thread = stopped["threadId"]
        return Halt(self, thread, self.ask("stackTrace", threadId=thread)["stackFrames"])

    def detach(self) -> None:
        """Leave the program to itself; it may have ended."""
        with suppress(OSError, AssertionError):
            self.ask("disconnect", restart=False, terminateDebuggee=False)
        self._stream.close()

    def ask(self, command: str, **arguments: Any) -> Message:
        """The body of an answer."""
        return self._answer(self._send(command, arguments))

    def _answer(self, number: int) -> Message:
        answer = self._until(lambda one: one.get("request_seq") == number)
        assert answer["success"], answer
        return answer.get("body") or {}

    def _send(self, command: str, arguments: Message) -> int:
        number = next(self._numbers)
        message = {"seq": number, "type": "request", "command": command, "arguments": arguments}
        content = json.dumps(message).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        return number

    def _until(self, fits: Callable[[Message], bool], seconds: float = PATIENCE_SECONDS) -> Message:
        """The first message that fits; others are kept for who asks for them later."""
        for message in self._kept:
            if fits(message):
                self._kept.remove(message)
                return message
        deadline = time.monotonic() + seconds
        while True:
            self._socket.settimeout(max(0.01, deadline - time.monotonic()))
            message = self._receive()
            if fits(message):
                return message
            self._kept.append(message)

    def _receive(self) -> Message:
        length = 0
        while line := self._stream.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the program has ended, or no longer takes a debugger"
        return json.loads(self._stream.read(length))


@contextmanager
def debugger(port: int) -> Iterator[Debugger]:
    """A session with the program that listens on this port of this machine."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as sock:
        session = Debugger(sock)
        try:
            yield session
        finally:
            session.detach()


def line_of(file: Path, text: str) -> int:
    """The number of the one line that holds this text."""
    (number,) = [n for n, line in enumerate(file.read_text().splitlines(), 1) if text in line]
    return number


def two_ports() -> int:
    """A free port whose next one is free too."""
    return next(port for port in free_ports(20) if is_port_free(port + 1))
