"""INFORMATION_SCHEMA.COPY_HISTORY: the files that a table has loaded.

https://docs.snowflake.com/en/sql-reference/functions/copy_history
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mocks.snowflake import load_history, statements
from mocks.snowflake.errors import does_not_exist, unsupported
from mocks.snowflake.results import Result

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

PARAMETERS = {
    "TABLE_NAME": "VARCHAR",
    "START_TIME": "TIMESTAMP_LTZ",
    "END_TIME": "TIMESTAMP_LTZ",
}
KEPT = timedelta(days=14)
_QUERY = """
    SELECT STAGE_PATH AS FILE_NAME, LAST_LOAD_TIME, ROW_COUNT, ROW_PARSED, FILE_SIZE,
           FIRST_ERROR_MESSAGE, FIRST_ERROR_LINE_NUMBER,
           FIRST_ERROR_CHARACTER_POSITION AS FIRST_ERROR_CHARACTER_POS,
           FIRST_ERROR_COL_NAME AS FIRST_ERROR_COLUMN_NAME, ERROR_COUNT, ERROR_LIMIT,
           upper(STATUS[1]) || lower(STATUS[2:]) AS STATUS,
           ?::VARCHAR AS TABLE_CATALOG_NAME, SCHEMA_NAME AS TABLE_SCHEMA_NAME, TABLE_NAME,
           NULL::VARCHAR AS PIPE_CATALOG_NAME, NULL::VARCHAR AS PIPE_SCHEMA_NAME,
           NULL::VARCHAR AS PIPE_NAME, NULL::TIMESTAMPTZ AS PIPE_RECEIVED_TIME
    FROM {} WHERE SCHEMA_NAME = ? AND TABLE_NAME = ?
        AND LAST_LOAD_TIME BETWEEN ? AND ifnull(?, now())
    ORDER BY LAST_LOAD_TIME
"""


def rows_of(session: "Session", _: str, given: Mapping[str, Any]) -> Result:
    """A row for each file that was loaded between two times, the oldest first.

    Raises:
        StatementFailed: 2003 when there is no such table, 2 for files whose place on their stage
            isn't known.
    """
    name = statements.name_parts(statements.named(given["TABLE_NAME"]), session)
    if not session.has_table(name) and ".".join(name) not in session.temporary_tables:
        raise does_not_exist("Table", ".".join(name))
    query = _QUERY.format(load_history.table_of(name[0]))
    with session.probe() as duck:
        duck.execute(query, [*name, given["START_TIME"], given.get("END_TIME")])
        types = tuple(str(kind) for _, kind, *_ in duck.description or ())
        found = duck.to_arrow_table()
    if found.column("FILE_NAME").null_count:
        raise unsupported("COPY_HISTORY of files that an earlier version of the server has loaded")
    return Result(found, types, found.num_rows)
