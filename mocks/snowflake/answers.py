"""Bodies of the server's answers, as the connector reads them."""

import base64

from fakesnow.statement_type import DML_TYPE_IDS

from mocks.snowflake.arrow_format import column_types, to_ipc
from mocks.snowflake.errors import StatementFailed
from mocks.snowflake.results import Result
from mocks.snowflake.sessions import Answer


def failure(error: StatementFailed) -> Answer:
    """The answer to a request that failed; always with HTTP 200, or the connector would retry."""
    code = f"{error.errno:06d}"
    return {
        "success": False,
        "code": code,
        "message": error.message,
        "data": {"errorCode": code, "sqlState": error.sqlstate},
    }


def success(data: object = None) -> Answer:
    """The answer to a request that went well."""
    return {"success": True, "code": None, "message": None, "data": data}


def rows(result: Result, type_id: int, state: dict[str, object]) -> Answer:
    """A result, as JSON where the connector counts changed rows, as Arrow otherwise.

    Args:
        result: What the statement answered.
        type_id: Snowflake's number for the kind of statement.
        state: What the session is after it: its current database, schema and so on.
    """
    columns = column_types(result)
    if type_id in DML_TYPE_IDS:
        body = {"queryResultFormat": "json", "rowset": _texts(result)}
    else:
        arrow = base64.b64encode(to_ipc(result.table, columns)).decode() if columns else ""
        body = {"queryResultFormat": "arrow", "rowsetBase64": arrow}
    return success(
        {
            "parameters": [{"name": "TIMEZONE", "value": "Etc/UTC"}],
            "rowtype": columns,
            "total": result.table.num_rows,
            "returned": result.table.num_rows,
            "queryId": result.query_id,
            "statementTypeId": type_id,
            **state,
            **body,
        }
    )


def _texts(result: Result) -> list[list[str | None]]:
    columns = [column.to_pylist() for column in result.table.columns]
    return [[None if v is None else str(v) for v in row] for row in zip(*columns, strict=True)]
