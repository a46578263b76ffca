"""Statements by their ids: SYSTEM$CANCEL_QUERY, and what drivers ask and stop by HTTP requests.

As on Snowflake without further privileges, a user's own statements alone, of whatever session.
https://docs.snowflake.com/en/sql-reference/functions/system_cancel_query
"""

import re
from typing import TYPE_CHECKING

from mocks.snowflake import admission, answers
from mocks.snowflake.activity import Statement
from mocks.snowflake.errors import StatementFailed
from mocks.snowflake.results import Result, rows
from mocks.snowflake.sessions import Answer

if TYPE_CHECKING:
    from mocks.snowflake.connection import LocalConnection

_CANCELS = re.compile(
    r"""select\s+(?P<call>system\$cancel_(query\s*\(\s*'(?P<query>[^']*)'|all_queries\s*\(\s*
    '?(?P<session>\d+)'?)\s*\))\s*;?\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_NOT_RUNNING = "Identified SQL statement is not currently executing."


def asked(text: object) -> re.Match[str] | None:
    """The parts of a statement that cancels others; it has to run beside those of its session."""
    return _CANCELS.fullmatch(admission.head(text)) if isinstance(text, str) else None


def run(connection: "LocalConnection", asked: re.Match[str]) -> Result:
    """SYSTEM$CANCEL_QUERY('id'), SYSTEM$CANCEL_ALL_QUERIES(session)."""
    if asked["session"]:
        told = f"{_stop(_running(connection, int(asked['session'])))} cancelled."
    else:
        found = _known(connection, asked["query"])
        told = f"query [{asked['query']}] terminated." if _stop([found]) else _NOT_RUNNING
    return rows((asked["call"].upper(),), [(told,)], ("VARCHAR",))


def abort(connection: "LocalConnection", query_id: str) -> Answer:
    """The answer to a driver that stops a statement.

    Raises:
        StatementFailed: 605 for one that doesn't run.
    """
    if not _stop([_known(connection, query_id)]):
        raise StatementFailed(605, "57014", _NOT_RUNNING)
    return answers.success()


def state(connection: "LocalConnection", query_id: str) -> Answer:
    """A statement's status for a driver; empty if it is unknown, which drivers call NO_DATA."""
    one = _known(connection, query_id)
    if one is None:
        return answers.success({"queries": []})
    told = {"id": query_id, "status": one.status, "state": one.status}
    if one.error:
        told |= {"errorCode": one.error_code, "errorMessage": one.error_message}
    return answers.success({"queries": [told]})


def _known(connection: "LocalConnection", query_id: str) -> Statement | None:
    one = connection.local.activity.find(query_id)
    return one if one and one.origin.identity.user == connection.identity.user else None


def _running(connection: "LocalConnection", session_id: int) -> list[Statement | None]:
    found = connection.local.activity.running()
    asked = (session_id, connection.identity.user)
    of = [(one, one.origin.identity) for one in found]
    return [one for one, identity in of if (identity.session_id, identity.user) == asked]


def _stop(statements: list[Statement | None]) -> int:
    """Stop those that run; the number of them."""
    running = [one for one in statements if one is not None and one.stop is not None]
    for one in running:
        one.stop()
    return len(running)
