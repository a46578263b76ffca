"""INFORMATION_SCHEMA.QUERY_HISTORY and its like: the latest statements of the session's own user.

As on Snowflake for a role without the privilege MONITOR; of other users, there are none.
https://docs.snowflake.com/en/sql-reference/functions/query_history
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mocks.snowflake.activity import Statement
from mocks.snowflake.errors import invalid
from mocks.snowflake.results import Result, rows

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

PARAMETERS = {
    "END_TIME_RANGE_START": "TIMESTAMP_LTZ",
    "END_TIME_RANGE_END": "TIMESTAMP_LTZ",
    "RESULT_LIMIT": "NUMBER",
}
_LIMIT, _MOST = 100, 10_000
_TIME = "TIMESTAMP WITH TIME ZONE"
_COLUMNS = {
    "QUERY_ID": "VARCHAR", "QUERY_TEXT": "VARCHAR", "DATABASE_NAME": "VARCHAR",
    "SCHEMA_NAME": "VARCHAR", "SESSION_ID": "BIGINT", "USER_NAME": "VARCHAR",
    "ROLE_NAME": "VARCHAR", "QUERY_TAG": "VARCHAR", "EXECUTION_STATUS": "VARCHAR",
    "ERROR_CODE": "BIGINT", "ERROR_MESSAGE": "VARCHAR", "START_TIME": _TIME, "END_TIME": _TIME,
    "TOTAL_ELAPSED_TIME": "BIGINT",
}  # fmt: skip
"""The columns of Snowflake's that can be told, with their types; durations are milliseconds."""


def rows_of(session: "Session", _: str, given: Mapping[str, Any]) -> Result:
    """QUERY_HISTORY: statements of all the user's sessions, the newest first."""
    return _rows(session, given, lambda _: True)


def rows_of_session(session: "Session", _: str, given: Mapping[str, Any]) -> Result:
    """QUERY_HISTORY_BY_SESSION: those of a session, by default of this one."""
    wanted = given.get("SESSION_ID", session.identity.session_id)
    return _rows(session, given, lambda one: one.origin.identity.session_id == wanted)


def rows_of_user(session: "Session", _: str, given: Mapping[str, Any]) -> Result:
    """QUERY_HISTORY_BY_USER: those of a user, by default of this session's."""
    wanted = given.get("USER_NAME", session.identity.user).strip('"').upper()
    return _rows(session, given, lambda one: one.origin.identity.user.upper() == wanted)


def _rows(
    session: "Session", given: Mapping[str, Any], is_wanted: Callable[[Statement], bool]
) -> Result:
    limit = given.get("RESULT_LIMIT", _LIMIT)
    if not 1 <= limit <= _MOST:
        raise invalid(f"RESULT_LIMIT is a number from 1 to {_MOST}")
    start, end = given.get("END_TIME_RANGE_START"), given.get("END_TIME_RANGE_END")
    found = [
        _row(one)
        for one in session.local.activity.latest()
        if one.origin.identity.user == session.identity.user
        and is_wanted(one)
        and _ended_within(one, start, end)
    ]
    return rows(tuple(_COLUMNS), found[:limit], tuple(_COLUMNS.values()))


def _ended_within(one: Statement, start: datetime | None, end: datetime | None) -> bool:
    """Tell whether a statement ended within a time; it has no end, or runs on after one."""
    ended = _ended_at(one)
    if ended is None:
        return end is None
    return (start is None or start <= ended) and (end is None or ended <= end)


def _ended_at(one: Statement) -> datetime | None:
    return None if one.seconds is None else one.started_at + timedelta(seconds=one.seconds)


def _row(one: Statement) -> tuple:
    identity, ended = one.origin.identity, _ended_at(one)
    took = (ended or datetime.now(one.started_at.tzinfo)) - one.started_at
    return (
        one.query_id, one.text, one.origin.database, one.origin.schema, identity.session_id,
        identity.user, identity.role, one.origin.tag, one.status,
        int(one.error_code) if one.error else None, one.error_message or None, one.started_at,
        ended, took // timedelta(milliseconds=1),
    )  # fmt: skip
