"""A process that has loaded everything but our own code, and forks at each save.

    python -m local.embedded.dev.warm DESCRIPTOR

Of a run's seconds most go to importing Prefect, Snowpark and boto3, which nobody edits. So they are
imported once; a fork of this process imports `flows` and `services` as they are now, runs, and
ends. One fork always waits, with its client of Prefect's server open.

Orders come through the socket of the descriptor, and an outcome goes back for each. Whoever dies,
the others notice at the end of a pipe.
"""

import asyncio
import importlib
import os
import pkgutil
import signal
import socket
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

import boto3

from deployments.server import clients_open, set_up_logging
from local.embedded.dev import trouble

STOP = "stop"
FINISHED, FAILED, STOPPED = "finished", "failed", "stopped"
STOP_SECONDS = 3.0
END_SECONDS = 10  # to send Prefect's server the rest
RERUN = "local.embedded.dev.rerun:rerun"
# What flows and services import of others, and what these import when they are first used.
OTHERS = (
    "fastapi.encoders",
    "httpx",
    "prefect.flow_engine",
    "prefect.main",
    "prefect.task_engine",
    "snowflake.connector",
    "snowflake.snowpark.functions",
)


@dataclass(frozen=True)
class Fork:
    """A fork of this process that waits for its order, and then carries it out."""

    process_id: int
    channel: Connection

    def stop(self) -> None:
        """Interrupt it, so that it closes its sessions; end it if it doesn't."""
        os.kill(self.process_id, signal.SIGINT)
        if not self.channel.poll(STOP_SECONDS):
            os.kill(self.process_id, signal.SIGKILL)

    def outcome(self) -> str:
        """Wait for the re-run and return its outcome; one whose process died has failed."""
        try:
            return self.channel.recv()
        except (EOFError, ConnectionResetError):
            print("the re-run's process died", flush=True)
            return FAILED

    def wait(self) -> None:
        os.waitpid(self.process_id, 0)
        self.channel.close()


def main() -> None:
    """Serve until the other end of the socket is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warm_up()
    with Connection(int(sys.argv[1])) as orders, suppress(EOFError, ConnectionResetError):
        orders.recv()  # Prefect's server is there
        while serve(orders, fork()):
            pass


def warm_up() -> None:
    for name in OTHERS:
        importlib.import_module(name)
    boto3.client("s3")  # reads what S3 is from files, once a process
    set_up_logging()


def serve(orders: Connection, waiting: Fork) -> bool:
    """Pass one order on and report its result; False when there are no more."""
    try:
        while (order := orders.recv()) == STOP:
            pass  # of a run that had just ended
        waiting.channel.send(order)
        if orders in wait([orders, waiting.channel]) and orders.recv() == STOP:
            waiting.stop()
            waiting.wait()
            orders.send(STOPPED)
            return True
        orders.send(waiting.outcome())
    except (EOFError, ConnectionResetError):
        waiting.channel.close()
        return False
    waiting.wait()
    return True


def fork() -> Fork:
    ours, theirs = (Connection(end.detach()) for end in socket.socketpair())
    if process_id := os.fork():
        theirs.close()
        return Fork(process_id, ours)
    ours.close()
    signal.signal(signal.SIGINT, _interrupt)
    with suppress(EOFError, ConnectionResetError, KeyboardInterrupt):
        asyncio.run(_carry_out(theirs))
    sys.exit()


async def _carry_out(channel: Connection) -> None:
    async with clients_open():
        order = channel.recv()
        threading.Thread(target=_end_with_parent, args=(channel,), daemon=True).start()
        channel.send(await _rerun(order))
        signal.alarm(END_SECONDS)


async def _rerun(order: object) -> str:
    try:
        await pkgutil.resolve_name(RERUN)(order)
    except KeyboardInterrupt:
        return STOPPED
    except BaseException as error:  # noqa: BLE001 -- whatever was saved; the person is to see it
        print(trouble.error_text(error, Path.cwd()), flush=True)
        return FAILED
    return FINISHED


def _interrupt(_: int, __: object) -> None:
    """Raise `KeyboardInterrupt` at once; asyncio's own handler doesn't while a flow's step runs."""
    raise KeyboardInterrupt


def _end_with_parent(channel: Connection) -> None:
    try:
        channel.recv()
    except (EOFError, OSError):
        os._exit(1)


if __name__ == "__main__":
    main()
