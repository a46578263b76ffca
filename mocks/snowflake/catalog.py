"""The tables and views that the local Snowflake adds to fakesnow's catalogs."""

from fakesnow import info_schema

from mocks.snowflake import (
    constraints,
    declared_columns,
    foreign_keys,
    load_history,
    python_functions,
    sql_definitions,
    stages,
)
from mocks.snowflake.continuous import definitions

# HUGEINT holds NUMBER(38,0) here (see dialect/numbers.py); fakesnow's view knows BIGINT alone.
COLUMNS_SQL = info_schema.SQL_CREATE_GLOBAL_INFORMATION_SCHEMA_COLUMNS_VIEW.replace(
    "create view if not exists", "create or replace view"
).replace("columns.data_type='BIGINT'", "columns.data_type IN ('HUGEINT', 'BIGINT', 'INTEGER')")
GLOBAL_SQL = (
    f"{COLUMNS_SQL}; {python_functions.CATALOG_SQL} {stages.CATALOG_SQL}"
    f"{sql_definitions.CATALOG_SQL}"
)


def database_sql(name: str) -> str:
    """Return the SQL that creates a database's bookkeeping tables and views."""
    parts = (load_history, declared_columns, foreign_keys, constraints, definitions)
    return "".join(part.creation_sql(name) for part in parts)
