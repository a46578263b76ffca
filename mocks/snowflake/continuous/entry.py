"""The statements about dynamic tables, streams and tasks, by how they begin."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from mocks.snowflake.continuous import dynamic_tables, streams, tasks
from mocks.snowflake.results import Result

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor

Run = Callable[["Cursor", str], Result]
_KINDS: tuple[tuple[re.Pattern[str], Run], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), run)
    for pattern, run in (
        (r"create\s+(or\s+replace\s+)?(transient\s+)?dynamic\s+table\b", dynamic_tables.create),
        (r"alter\s+dynamic\s+table\b", dynamic_tables.alter),
        (r"drop\s+dynamic\s+table\b", dynamic_tables.drop),
        (r"show\s+dynamic\s+tables\b", dynamic_tables.show),
        (r"create\s+(or\s+replace\s+)?stream\b", streams.create),
        (r"drop\s+stream\b", streams.drop),
        (r"show\s+streams\b", streams.show),
        (r"create\s+(or\s+replace\s+)?task\b", tasks.create),
        (r"alter\s+task\b", tasks.alter),
        (r"drop\s+task\b", tasks.drop),
        (r"show\s+tasks\b", tasks.show),
        (r"execute\s+task\b", tasks.execute),
    )
)


def runner(head: str) -> Callable[["Cursor", str, object], Result] | None:
    """Return the function that runs a statement, by how it begins; None for others.

    What a block gives a statement that stands in it has no place in these.
    """
    found = next((run for pattern, run in _KINDS if pattern.match(head)), None)
    return (lambda cursor, text, _: found(cursor, text)) if found else None
