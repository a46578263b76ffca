"""A child process that can't outlive the process that started it.

    python -m local.embedded.leash mocks.slack --port 4567
    python -m local.embedded.leash flows/pipeline.py

Runs a module or a file as ``python`` itself would, in this very process, while a thread reads
standard input. Nothing is ever written there: it ends when the other end of the pipe is gone,
however that process ended (`kill -9` included). Then this process gets SIGTERM, and is ended for
good if it is still there a moment later. A pipe does this on every Unix, PR_SET_PDEATHSIG doesn't.
"""

import os
import runpy
import signal
import sys
import threading
import time

GRACE_SECONDS = 5.0


def _end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)


def main() -> None:
    """Hold the leash, then become the program named in the arguments."""
    threading.Thread(target=_end_with_parent, name="leash", daemon=True).start()
    program, sys.argv = sys.argv[1], sys.argv[1:]
    if program.endswith(".py"):
        sys.path[0] = os.path.dirname(os.path.abspath(program))  # noqa: PTH100, PTH120 -- as python does
        runpy.run_path(program, run_name="__main__")
    else:
        runpy.run_module(program, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
