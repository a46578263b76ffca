"""Bodies of the server's answers, as the connector reads them."""

import base64

from fakesnow.statement_type import DML_TYPE_IDS

from mocks.snowflake.arrow_format import column_types, to_ipc
from mocks.snowflake.errors import StatementFailed
from mocks.snowflake.json_format import to_rowset
from mocks.snowflake.results import Result
from mocks.snowflake.sessions import Answer


def failure(error: StatementFailed, query_id: str | None = None) -> Answer:
    """The answer to a request that failed; always with HTTP 200, or the connector would retry."""
    code = f"{error.errno:06d}"
    return {
        "success": False,
        "code": code,
        "message": error.message,
        "data": {"errorCode": code, "sqlState": error.sqlstate, "queryId": query_id},
    }


def success(data: object = None) -> Answer:
    """The answer to a request that went well."""
    return {"success": True, "code": None, "message": None, "data": data}


def rows(result: Result, type_id: int, state: dict[str, object], *, as_json: bool) -> Answer:
    """A result, as JSON where the connector counts changed rows or asks for it, or as Arrow.

    Args:
        result: What the statement answered.
        type_id: Snowflake's number for the kind of statement.
        state: What the session is after it: its parameters, its current database and so on.
        as_json: Whether the driver reads rows as JSON.
    """
    columns = column_types(result)
    if as_json or type_id in DML_TYPE_IDS:
        body = {"queryResultFormat": "json", "rowset": to_rowset(result.table, columns)}
    else:
        # Without rows there is none: the connector's pandas has no batch to be made of then.
        arrow = to_ipc(result.table, columns) if result.table.num_rows else b""
        body = {"queryResultFormat": "arrow", "rowsetBase64": base64.b64encode(arrow).decode()}
    return success(
        {
            "rowtype": columns,
            "total": result.table.num_rows,
            "returned": result.table.num_rows,
            "queryId": result.query_id,
            "version": 1,  # a TIMESTAMP_TZ has its offset apart
            "statementTypeId": type_id,
            **state,
            **body,
        }
    )
