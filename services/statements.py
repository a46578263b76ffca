"""The SQL files under ``sql/``: one a table, named like the table."""

from functools import cache
from importlib.resources import files

NEAREST_MINUTE = "date_trunc('minute', dateadd('second', 30, record_time))"
"""SQL: the minute that a record time is nearest to; half a minute counts as the next one."""


@cache
def statement(name: str) -> str:
    """The statement in ``sql/<name>.sql``, without its comments.

    A per cent sign would start a ``%(name)s`` of the connector's, in comments too.
    """
    text = (files("services") / "sql" / f"{name}.sql").read_text()
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))


def literal(text: str) -> str:
    """A SQL string literal, safe in a statement that has ``%(name)s`` values beside it."""
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace("%", "%%")
    return f"'{escaped}'"
