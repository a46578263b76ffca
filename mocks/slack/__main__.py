"""``python -m mocks.slack``: a Slack workspace with one channel, as far as webhooks see it."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from mocks import STATE_REFUSED
from mocks.slack.app import create_app
from mocks.slack.inbox import Inbox, InboxRefused, InboxUnreadable

EX_DATAERR = 65  # sysexits.h: the input data was incorrect in some way


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM; ``arguments`` are those of the command line."""
    parser = argparse.ArgumentParser(prog="mocks.slack", description=__doc__)
    parser.add_argument("--port", type=int, default=8065)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--inbox", type=Path, required=True, help="file that keeps the messages")
    options = parser.parse_args(arguments)
    try:
        inbox = Inbox(options.inbox)
    except InboxUnreadable as refused:
        sys.stderr.write(f"slack: {STATE_REFUSED}{refused}\n")
        raise SystemExit(EX_DATAERR) from refused
    except InboxRefused as refused:
        sys.stderr.write(f"slack: {refused}\n")
        raise SystemExit(EX_DATAERR) from refused
    uvicorn.run(
        create_app(inbox),
        host=options.host,
        port=options.port,
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
