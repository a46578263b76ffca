"""Options of CREATE and ALTER … SET: those without effect here, those refused, and no others.

https://docs.snowflake.com/en/sql-reference/sql/create-table
https://docs.snowflake.com/en/sql-reference/sql/create-warehouse
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake import statements
from mocks.snowflake.declared_columns import folded
from mocks.snowflake.errors import compilation, does_not_exist, unsupported
from mocks.snowflake.results import Result, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor

_RETENTION = "DATA_RETENTION_TIME_IN_DAYS MAX_DATA_EXTENSION_TIME_IN_DAYS"
_OF_CONTAINERS = f"""
    {_RETENTION} COMMENT TAG LOG_LEVEL METRIC_LEVEL TRACE_LEVEL SUSPEND_TASK_AFTER_NUM_FAILURES
    TASK_AUTO_RETRY_ATTEMPTS USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE USER_TASK_TIMEOUT_MS
    USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS STORAGE_SERIALIZATION_POLICY EXTERNAL_VOLUME
    CATALOG EVENT_TABLE CLASSIFICATION_PROFILE DEFAULT_NOTEBOOK_COMPUTE_POOL_CPU
    DEFAULT_NOTEBOOK_COMPUTE_POOL_GPU DEFAULT_STREAMLIT_NOTEBOOK_WAREHOUSE
"""
_WITHOUT_EFFECT = {
    "TABLE": f"{_RETENTION} CHANGE_TRACKING ENABLE_SCHEMA_EVOLUTION",
    "VIEW": "CHANGE_TRACKING",
    "SCHEMA": _OF_CONTAINERS,
    "DATABASE": _OF_CONTAINERS,
    "SEQUENCE": "COMMENT",
    "STAGE": "FILE_FORMAT COMMENT URL STORAGE_INTEGRATION ENCRYPTION DIRECTORY CREDENTIALS",
    "WAREHOUSE": """
        WAREHOUSE_TYPE WAREHOUSE_SIZE RESOURCE_CONSTRAINT GENERATION MAX_CLUSTER_COUNT
        MIN_CLUSTER_COUNT SCALING_POLICY AUTO_SUSPEND AUTO_RESUME INITIALLY_SUSPENDED
        RESOURCE_MONITOR COMMENT TAG ENABLE_QUERY_ACCELERATION QUERY_ACCELERATION_MAX_SCALE_FACTOR
        MAX_CONCURRENCY_LEVEL STATEMENT_QUEUED_TIMEOUT_IN_SECONDS STATEMENT_TIMEOUT_IN_SECONDS
        WAIT_FOR_COMPLETION MAX_QUERY_PERFORMANCE_LEVEL QUERY_THROUGHPUT_MULTIPLIER
    """,
    "ROLE": "COMMENT TAG",
}
_REFUSED = {
    "TABLE": """
        DEFAULT_DDL_COLLATION STAGE_FILE_FORMAT STAGE_COPY_OPTIONS ROW_TIMESTAMP ERROR_LOGGING
        ENABLE_DATA_COMPACTION CONTACT TARGET_LAG WAREHOUSE COMMENT
    """,
    "VIEW": "CONTACT COMMENT SECURE",
    "SCHEMA": """
        DEFAULT_DDL_COLLATION REPLACE_INVALID_CHARACTERS QUOTED_IDENTIFIERS_IGNORE_CASE
        ENABLE_CONSOLE_OUTPUT PIPE_EXECUTION_PAUSED BASE_LOCATION_PREFIX CATALOG_SYNC
        REPLICABLE_WITH_FAILOVER_GROUPS OBJECT_VISIBILITY CONTACT
    """,
    "DATABASE": """
        DEFAULT_DDL_COLLATION REPLACE_INVALID_CHARACTERS QUOTED_IDENTIFIERS_IGNORE_CASE
        ENABLE_CONSOLE_OUTPUT BASE_LOCATION_PREFIX CATALOG_SYNC CATALOG_SYNC_NAMESPACE_MODE
        CATALOG_SYNC_NAMESPACE_FLATTEN_DELIMITER OBJECT_VISIBILITY CONTACT LINKED_CATALOG
        DATA_SHARING
    """,
    "STAGE": "COPY_OPTIONS USE_PRIVATELINK_ENDPOINT AWS_ACCESS_POINT_ARN ENDPOINT TAG",
    "WAREHOUSE": "TABLES CONTACT",
}
"""Documented options that would change answers, or whose meaning isn't known here."""
_KNOWN = {kind: frozenset(names.split()) for kind, names in _WITHOUT_EFFECT.items()}
_OTHERS = {kind: frozenset(names.split()) for kind, names in _REFUSED.items()}
_SILENT = re.compile(r"'(?:[^']|'')*'|\$\$.*?\$\$|--[^\n]*|/\*.*?\*/", re.DOTALL)
_NESTED = re.compile(r"\([^()]*\)")
_ALTERED = re.compile(
    r"""alter\s+(?P<kind>database|schema)\s+(?P<exists>if\s+exists\s+)?
    (?P<name>[\w$."]+)\s+(?P<verb>un)?set\s+(?P<rest>.*)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_OF_ACCOUNT = re.compile(
    r"(create|alter)\s+(or\s+replace\s+)?(?P<kind>warehouse|role)\s+(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)


def check(kind: str, name: str, statement: str = "CREATE {kind} with {name}") -> None:
    """Return for an option that an object of a kind may have here.

    Raises:
        StatementFailed: 1420 for one that Snowflake hasn't, 2 for one that isn't answered here.
    """
    if name in _KNOWN.get(kind, ()):
        return
    if name in _OTHERS.get(kind, ()) or kind not in _KNOWN:
        raise unsupported(statement.format(kind=kind, name=name))
    raise compilation(1420, "22023", f"invalid property '{name}' for '{kind}'")


def check_account_object(head: str) -> None:
    """Check the options of a warehouse or role, whose statements nothing else reads."""
    found = _OF_ACCOUNT.match(head)
    for name in _assigned(found["rest"]) if found else ():
        check(found["kind"].upper(), name)


def _assigned(text: str) -> list[str]:
    """The names before the signs of equality that are in no parentheses, in capitals."""
    text = _SILENT.sub(" '' ", text)
    while _NESTED.search(text):
        text = _NESTED.sub(" ", text)
    return [name.upper() for name in re.findall(r"(\w+)\s*=", text)]


def is_alteration(expression: Expr) -> bool:
    """Tell whether a statement sets or unsets options of a table or view, and nothing else."""
    actions = expression.args.get("actions") if isinstance(expression, exp.Alter) else None
    return bool(actions) and all(_names(action) for action in actions)


def _names(action: Expr) -> list[str]:
    """The options that an action of ALTER sets or unsets; none of any other action."""
    if isinstance(action, exp.Set):
        return [] if action.args.get("tag") else [one.name.upper() for one in action.expressions]
    given = {part for part, value in action.args.items() if value}
    if not isinstance(action, exp.AlterSet) or given != {"expressions"}:
        return []
    options = [option for part in action.expressions for option in part.expressions or [part]]
    are_plain = all(type(option) is exp.Property for option in options)
    return [option.name.upper() for option in options] if are_plain else []


def check_alteration(expression: Expr) -> None:
    """Check the options that ALTER TABLE or VIEW sets or unsets."""
    kind = str(expression.args["kind"]).upper()
    for action in expression.args["actions"]:
        verb = "UNSET" if isinstance(action, exp.Set) else "SET"
        for name in _names(action):
            check(kind, name, f"ALTER {kind} … {verb} {{name}}")


def run_alteration(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """ALTER TABLE or VIEW … SET of options without effect: the object has to be there."""
    session = cursor.session
    name = statements.name_parts(expression.this, session)
    is_there = session.has_table(name) or ".".join(name) in session.temporary_tables
    if not is_there and not expression.args.get("exists"):
        raise does_not_exist(str(expression.args["kind"]).title(), ".".join(name))
    return status()


def runner(head: str) -> Callable[["Cursor", str, object], Result] | None:
    """Whatever runs ALTER DATABASE or SCHEMA … SET and UNSET; None for any other statement."""
    found = _ALTERED.match(head.rstrip("; \n\t"))
    return (lambda cursor, _, __: _run(cursor, found)) if found else None


def _run(cursor: "Cursor", found: re.Match[str]) -> Result:
    kind, session = found["kind"].upper(), cursor.session
    rest = _SILENT.sub(" '' ", found["rest"])
    is_tag = re.match(r"tag\b", rest, re.IGNORECASE)
    names = re.findall(r"\w+", rest.upper()) if found["verb"] else _assigned(rest)
    for name in () if is_tag else names:
        check(kind, name, f"ALTER {kind} … {'UN' if found['verb'] else ''}SET {{name}}")
    table = statements.named(found["name"])
    if kind == "SCHEMA":
        place = exp.table_("_", db=table.this, catalog=table.args.get("db"))
        where: tuple[str, str | None] = statements.name_parts(place, session)[:2]
    else:
        where = (folded(table.this), None)
    if not session.local.has_schema(*where) and not found["exists"]:
        raise does_not_exist(kind.title(), ".".join(part for part in where if part))
    return status()
