"""Snowflake's kinds of objects, and a refusal by name of those that a statement can't have here.

https://docs.snowflake.com/en/sql-reference/sql-all
"""

import re

from mocks.snowflake.errors import unsupported

_KINDS = """
    ACCOUNT, AGENT, AGGREGATION POLICY, ALERT, API INTEGRATION, APPLICATION, APPLICATION PACKAGE,
    APPLICATION ROLE, AUTHENTICATION POLICY, BACKUP POLICY, BACKUP SET, CATALOG INTEGRATION,
    COMPUTE POOL, CONNECTION, CONTACT, CORTEX SEARCH SERVICE, DATA METRIC FUNCTION, DATABASE,
    DATABASE ROLE, DATASET, DBT PROJECT, DYNAMIC TABLE, EVENT TABLE, EXTERNAL ACCESS INTEGRATION,
    EXTERNAL FUNCTION, EXTERNAL TABLE, EXTERNAL VOLUME, FAILOVER GROUP, FEATURE POLICY, FILE FORMAT,
    FUNCTION, GATEWAY, GIT REPOSITORY, HYBRID TABLE, ICEBERG TABLE, IMAGE REPOSITORY, INDEX,
    INTEGRATION, INTERACTIVE TABLE, JOIN POLICY, LISTING, MANAGED ACCOUNT, MASKING POLICY,
    MATERIALIZED VIEW, MODEL, MODEL MONITOR, NETWORK POLICY, NETWORK RULE, NOTEBOOK,
    NOTIFICATION INTEGRATION, ORGANIZATION ACCOUNT, ORGANIZATION PROFILE, ORGANIZATION USER,
    PACKAGES POLICY, PASSWORD POLICY, PIPE, PRIVACY POLICY, PROCEDURE, PROJECTION POLICY,
    REPLICATION GROUP, RESOURCE MONITOR, ROLE, ROW ACCESS POLICY, SCHEMA, SECRET,
    SECURITY INTEGRATION, SEMANTIC VIEW, SEQUENCE, SERVICE, SESSION, SESSION POLICY, SHARE,
    SNAPSHOT, SNAPSHOT POLICY, SNAPSHOT SET, STAGE, STORAGE INTEGRATION, STORAGE LIFECYCLE POLICY,
    STREAM, STREAMLIT, TABLE, TAG, TASK, TYPE, USER, VIEW, WAREHOUSE, WORKSPACE
"""
_SHOWN_ALONE = """
    AVAILABLE LISTINGS, AVAILABLE ORGANIZATION PROFILES, CHANNELS, CLASSES, COLUMNS, DATA EXCHANGES,
    DELEGATED AUTHORIZATIONS, ENDPOINTS, EXPORTED KEYS, BUILTIN FUNCTIONS, USER FUNCTIONS,
    EXTERNAL FUNCTIONS, FUTURE GRANTS, GLOBAL ACCOUNTS, GRANTS, IMPORTED KEYS, LOCKS, OBJECTS,
    PARAMETERS, PRIMARY KEYS, REGIONS, REPLICATION ACCOUNTS, REPLICATION DATABASES,
    SHARED CONTENT, TRANSACTIONS, UNIQUE KEYS, USER PROCEDURES, VARIABLES, VERSIONS
"""
_ALL = frozenset(kind.strip() for kind in _KINDS.split(","))
_CREATED = {
    "DATABASE", "DYNAMIC TABLE", "FILE FORMAT", "FUNCTION", "PROCEDURE", "SCHEMA", "SEQUENCE",
    "STAGE", "STREAM", "TABLE", "TAG", "TASK", "USER", "VIEW",
}  # fmt: skip
_ANSWERED: dict[str, set[str]] = {
    "CREATE": _CREATED,
    "DROP": _CREATED,
    "ALTER": {"DYNAMIC TABLE", "SESSION", "TABLE", "TASK", "USER", "VIEW"},
    "DESCRIBE": {"TABLE", "VIEW"},
    "SHOW": {
        "COLUMNS", "DATABASES", "DYNAMIC TABLES", "EXPORTED KEYS", "FILE FORMATS", "FUNCTIONS",
        "IMPORTED KEYS", "LOCKS", "OBJECTS", "PARAMETERS", "PRIMARY KEYS", "SCHEMAS", "SEQUENCES",
        "STAGES", "STREAMS", "TABLES", "TASKS", "TRANSACTIONS", "UNIQUE KEYS", "USER FUNCTIONS",
        "USERS", "VIEWS", "WAREHOUSES",
    },
    "UNDROP": set(),
}  # fmt: skip
"""For each verb the kinds that a statement may name; those without effect are admitted before."""


def _plural(kind: str) -> str:
    return f"{kind[:-1]}IES" if kind.endswith(("CY", "RY")) else f"{kind}{_ES.get(kind, 'S')}"


_ES = {"INDEX": "ES"}
_SHOWN = {_plural(kind) for kind in _ALL} | {kind.strip() for kind in _SHOWN_ALONE.split(",")}
_VERB = re.compile(
    r"""(?P<verb>create|alter|drop|describe|desc|show|undrop)\s+
    (?:(?:or\s+replace|secure|temp|temporary|transient|volatile|local|global|scoped|recursive|terse
        |if\s+exists)\s+)*
    (?P<words>[a-z_]+(?:\s+[a-z_]+){0,3})""",
    re.IGNORECASE | re.VERBOSE,
)


def refuse(head: str) -> None:
    """Return for a statement about a kind of object that its verb may name here.

    Raises:
        StatementFailed: 2, with the verb and the kind.
    """
    found = _VERB.match(head)
    if not found:
        return
    verb = found["verb"].upper().replace("DESCRIBE", "DESC").replace("DESC", "DESCRIBE")
    kind = _kind(found["words"].upper().split(), _SHOWN if verb == "SHOW" else _ALL)
    if kind and kind not in _ANSWERED[verb]:
        raise unsupported(f"{verb} {kind}")


def _kind(words: list[str], known: frozenset[str] | set[str]) -> str:
    """The longest kind that the words begin with; empty for none."""
    for count in range(len(words), 0, -1):
        if (kind := " ".join(words[:count])) in known:
            return kind
    return ""
