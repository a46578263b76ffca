"""The log of a flow run, line by line."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from local.console.person import time_of_day
from local.console.prefect_api import LOG_LINES, PrefectApi

_LAST = "Finished in state"
_CHATTER = re.compile(
    r"Beginning |Finished in state|Worker |Opening process|Downloading |Flow run '\S+' submitted to"
    r"|Running \d+ deployment pull|Executing deployment step|(All )?[Dd]eployment steps? .*success"
)
# The run and its worker send their lines apart, in batches: one may come after a younger one.
_LATE = timedelta(seconds=10)


class RunLog:
    """A run's log and that of its subflows, each line once; a brief one is without tracebacks.

    Attributes:
        is_whole: Whether the run's own last line was there.
    """

    def __init__(self, api: PrefectApi, run_id: str, *, is_brief: bool = False) -> None:
        self._api = api
        self._is_brief = is_brief
        self._run_id = run_id
        self.is_whole = False
        self._seen: set[str] = set()
        self._newest = datetime.min.replace(tzinfo=UTC) + _LATE

    def new_lines(self) -> Iterator[str]:
        """Yield the lines logged since the last call, without Prefect's messages about itself."""
        run_ids = [self._run_id, *(one["id"] for one in self._api.subruns(self._run_id))]
        after, offset = self._newest - _LATE, 0
        while page := self._api.logs(run_ids, after, offset):
            for line in page:
                if line["id"] not in self._seen and not _CHATTER.match(line["message"]):
                    yield self._text(line)
                self._take(line)
            if len(page) < LOG_LINES:
                return
            offset += len(page)

    def _text(self, line: dict[str, Any]) -> str:
        message = line["message"]
        if self._is_brief:
            message = message.partition("\nTraceback (most recent call last)")[0]
        return f"{time_of_day(line['timestamp'])} | {message}"

    def _take(self, line: dict[str, Any]) -> None:
        self._seen.add(line["id"])
        is_own = line["flow_run_id"] == self._run_id
        self.is_whole |= is_own and line["message"].startswith(_LAST)
        self._newest = max(self._newest, datetime.fromisoformat(line["timestamp"]))
