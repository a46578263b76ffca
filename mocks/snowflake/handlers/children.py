"""A handler's process as the server has it: started, asked, ended."""

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import msgspec

import mocks
from mocks.snowflake.handlers.messages import Channel, Reply, Request, Working, decode_reply
from mocks.snowflake.handlers.process import ROW_SECONDS, Handlers

_PLACES = [str(Path(module.__file__ or "").parents[1]) for module in (mocks, msgspec)]
_PROGRAM = (
    f"import sys; sys.path += {_PLACES!r}; "
    "from mocks.snowflake.handlers import process; process.main()"
)
_COMMAND = (sys.executable, "-I", "-S", "-X", "utf8", "-c", _PROGRAM)
_END_SECONDS = 0.5


class ProcessLost(Exception):
    """The process has ended, or was ended; the message says why."""


class Child:
    """Something that answers one request after another."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.defined: set[str] = set()
        self.owes_answer = False
        """True from a request until its answer has been read."""

    def send(self, request: Request) -> None:
        """Send a request, after the answer to the one before.

        Raises:
            ProcessLost: The process has ended.
        """
        self.owes_answer = True
        try:
            self._channel.send(request)
        except TimeoutError:
            raise ProcessLost("its process doesn't read") from None
        except ConnectionError:
            raise ProcessLost(f"its process {self.close()}") from None

    def answer(self) -> Reply:
        """Wait for the answer.

        Raises:
            ProcessLost: The process has ended, or a row takes too long.
        """
        try:
            while isinstance(reply := decode_reply(self._channel.receive()), Working):
                pass
        except TimeoutError:
            raise ProcessLost(f"no result for a row within {ROW_SECONDS} seconds") from None
        except (EOFError, ConnectionError):
            raise ProcessLost(f"its process {self.close()}") from None
        except (ValueError, msgspec.MsgspecError):
            raise ProcessLost("its process answered with no result") from None
        self.owes_answer = False
        return reply

    @property
    def is_alive(self) -> bool:
        """True unless it has ended by itself."""
        return True

    def kill(self) -> None:
        """End it, whatever it does."""

    def close(self) -> str:
        """End it; how it ended."""
        self._channel.socket.close()
        return "ended"


class Process(Child):
    """A confined process, and the folder that it works in."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="handlers-")
        ours, theirs = socket.socketpair()
        ours.settimeout(ROW_SECONDS)
        super().__init__(Channel(ours))
        with theirs:
            self._process = subprocess.Popen(
                (*_COMMAND, self._folder),
                stdin=theirs, stdout=subprocess.DEVNULL,
                env={}, cwd=self._folder, start_new_session=True,
            )  # fmt: skip

    @property
    def is_alive(self) -> bool:
        """True unless it has ended by itself."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it, whatever it does."""
        self._process.kill()

    def close(self) -> str:
        """End it and remove its folder; how it ended."""
        super().close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)  # of itself, now that its channel is closed
        self._process.kill()
        code = self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
        if code < 0:
            return f"was ended by signal {-code} ({signal.Signals(-code).name})"
        return f"ended with exit code {code}"


class Thread(Child):
    """The same in a thread of the server: for a debugger, which knows this process alone.

    It can't be ended from outside, and a row may take as long as somebody looks at it.
    """

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        super().__init__(Channel(ours))
        serve = Handlers(lambda _: None).serve
        threading.Thread(target=serve, args=(Channel(theirs),), daemon=True).start()
