"""Query requests: from the request's body to the answer's."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mocks.snowflake import admission, answers, bindings, cancellation, statements
from mocks.snowflake.cursor import LocalCursor
from mocks.snowflake.errors import StatementFailed, unsupported
from mocks.snowflake.parameters import RESULT_FORMAT
from mocks.snowflake.results import Result, status
from mocks.snowflake.scripting import entry
from mocks.snowflake.sessions import Answer

if TYPE_CHECKING:
    from mocks.snowflake.connection import LocalConnection


def answer(connection: "LocalConnection", body: dict[str, Any]) -> Answer:
    """The answer to a request to run a statement, also of one that fails.

    Raises:
        StatementFailed: The request itself can't be answered.
    """
    cursor = connection.cursor()
    text = body["sqlText"]
    if not isinstance(text, str):
        raise TypeError("sqlText is no text")
    asked = body.get("parameters") or {}
    if cancels := cancellation.asked(text):
        return _rows(connection, cancellation.run(connection, cancels), _SELECT, asked)
    if body.get("describeOnly"):
        result = cursor.describe_columns(text)
        return _rows(connection, result, cursor.type_id, asked)
    wanted = int(asked.get("MULTI_STATEMENT_COUNT", 1))
    texts = [text] if wanted == 1 else statements.split(text)
    if wanted not in (0, 1, len(texts)):
        raise statements.other_count(len(texts), wanted)
    if len(texts) > 1:
        return _several(connection, texts, bound=bool(body.get("bindings")))
    try:
        return _one(cursor, text, body)
    except StatementFailed as failed:
        return answers.failure(failed, cursor.query_id)


def _one(cursor: LocalCursor, text: str, body: dict[str, Any]) -> Answer:
    connection = cursor.session
    result = cursor.run(text, bindings.rows(body.get("bindings") or {}))
    if cursor.download:
        return answers.success({**cursor.download, "stageInfo": _stage_info("stage/")})
    if cursor.upload:
        return _upload(connection, cursor)
    return _rows(connection, result, cursor.type_id, body.get("parameters") or {})


def _several(connection: "LocalConnection", texts: list[str], *, bound: bool) -> Answer:
    """Run the statements of a text, one after the other; clients fetch each answer by its id."""
    if bound or any(entry.runner(admission.head(one)) for one in texts):
        raise unsupported("blocks, CALL and bound values in a text of several statements")
    ran = []
    for one in texts:
        cursor = connection.cursor()
        ran.append(cursor.run(one))
        if cursor.download or cursor.upload:
            raise unsupported("PUT and GET in a text of several statements")
    done = status("Multiple statements executed successfully.")
    answer = _rows(connection, done, _SEVERAL, {})
    ids = {"resultIds": [result.query_id for result in ran],
           "resultTypes": [str(result.type_id) for result in ran]}  # fmt: skip
    answer["data"] |= {name: ",".join(values) for name, values in ids.items()}  # type: ignore[operator]
    return answer


_SELECT, _SEVERAL = 0x1000, 0xA000
"""Snowflake's numbers for a query, and for a text of several statements."""


def kept(connection: "LocalConnection", query_id: str) -> Answer:
    """The answer of an earlier query.

    Raises:
        StatementFailed: 709 when it isn't kept any more.
    """
    result = connection.local.results.get(query_id)
    if result is None:
        raise StatementFailed(709, "02000", f"Statement {query_id} not found")
    return _rows(connection, result, result.type_id, {})


def _rows(
    connection: "LocalConnection", result: Result, type_id: int, asked: dict[str, Any]
) -> Answer:
    """A result in the format of the session's driver, or of the statement's own parameters."""
    wanted = asked.get(RESULT_FORMAT) or connection.parameters[RESULT_FORMAT]
    state = session_state(connection, prefix="final")
    told = [{"name": name, "value": connection.parameters[name]} for name in _TOLD]
    return answers.rows(
        result,
        type_id,
        {**state, "parameters": [_ZONE, *told]},
        as_json=connection.identity.driver in _JSON_DRIVERS or str(wanted).upper() == "JSON",
    )


_ZONE = {"name": "TIMEZONE", "value": "Etc/UTC"}
_TOLD = (
    "BINARY_OUTPUT_FORMAT",
    "DATE_OUTPUT_FORMAT",
    "JS_TREAT_INTEGER_AS_BIGINT",
    "TIMESTAMP_LTZ_OUTPUT_FORMAT",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT",
    "TIMESTAMP_OUTPUT_FORMAT",
    "TIMESTAMP_TZ_OUTPUT_FORMAT",
    "TIME_OUTPUT_FORMAT",
)
"""Parameters that decide what a driver makes of the rows; each answer tells them."""
_JSON_DRIVERS = frozenset({"JavaScript"})
"""Drivers that read no Arrow, as they call themselves at login."""


def session_state(connection: "LocalConnection", *, prefix: str) -> dict[str, object]:
    """Return the session's database, schema, warehouse and role, which the connector keeps."""
    state = {
        "databaseName": connection.database,
        "schemaName": connection.schema,
        "warehouseName": connection.identity.warehouse,
        "roleName": connection.identity.role,
    }
    return {prefix + name[0].upper() + name[1:] if prefix else name: v for name, v in state.items()}


def session_parameters(connection: "LocalConnection") -> list[dict[str, object]]:
    """Parameters that the connector asks about at login."""
    return [
        {"name": "AUTOCOMMIT", "value": connection.parameters["AUTOCOMMIT"]},
        {"name": "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", "value": 3600},
        # Arrays of fewer values come inline rather than through a stage: all of them, for 0 means
        # none to Python's driver and each to Node's.
        {"name": "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "value": 2**31 - 1},
        _ZONE,
    ]


def _upload(connection: "LocalConnection", cursor: LocalCursor) -> Answer:
    upload = dict(cursor.upload or {})
    folder = Path(upload["stageInfo"]["location"])
    file = Path(upload["src_locations"][0]).name
    if not upload.get("overwrite") and any(
        (folder / f"{file}{end}").exists() for end in ("", ".gz")
    ):
        raise unsupported(f"PUT of {file}, which is on the stage", "OVERWRITE = TRUE replaces it")
    upload["stageInfo"] = _stage_info(f"{cursor.upload_stage}/")
    upload["upload_path"] = str((folder / file).relative_to(connection.local.folder.stages))
    return answers.success(upload)


def _stage_info(location: str) -> dict[str, object]:
    """Google's kind of storage: its clients send and get files with plain HTTP requests."""
    return {
        "locationType": "GCS",
        "location": location,
        "creds": {},
        "region": "local",
        "storageAccount": None,
        "endPoint": None,
        "isClientSideEncrypted": False,
        "path": "",
    }
