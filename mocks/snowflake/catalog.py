"""The tables and views that the local Snowflake adds to fakesnow's catalogs."""

from fakesnow import info_schema
from fakesnow.transforms import show

from mocks.snowflake import (
    constraints,
    declared_columns,
    foreign_keys,
    load_history,
    python_functions,
    sql_definitions,
    stages,
    users,
)
from mocks.snowflake.continuous import definitions

# HUGEINT holds NUMBER(38,0) here (see dialect/numbers.py); fakesnow's view knows BIGINT alone.
COLUMNS_SQL = info_schema.SQL_CREATE_GLOBAL_INFORMATION_SCHEMA_COLUMNS_VIEW.replace(
    "create view if not exists", "create or replace view"
).replace("columns.data_type='BIGINT'", "columns.data_type IN ('HUGEINT', 'BIGINT', 'INTEGER')")
# With views and the session's temporary tables, which DuckDB has in a database of their own; see
# dialect/temporary.py.
TABLES_SQL = (
    info_schema.SQL_CREATE_INFORMATION_SCHEMA_TABLES_VIEW.template.replace(
        "create view if not exists ${catalog}", "create or replace view _fs_global"
    )
    .replace(
        "from duckdb_tables tables",
        """from (
            select database_name, schema_name, table_name, estimated_size, temporary,
                   case when temporary then 'LOCAL TEMPORARY' else 'BASE TABLE' end as kind
            from duckdb_tables()
            union all
            select database_name, schema_name, view_name, null, temporary, 'VIEW'
            from duckdb_views() where not internal and schema_name <> 'main'
        ) tables""",
    )
    .replace("'BASE TABLE' AS", "tables.kind AS")
    .replace("'NO' AS \"IS_TEMPORARY\"", "if(temporary, 'YES', 'NO') AS \"IS_TEMPORARY\"")
    .replace("where tables.database_name = '${catalog}'\n  and", "where")
)
SHOW_TABLES_SQL = (
    show.SQL_CREATE_VIEW_SHOW_TABLES.replace("create view if not exists", "create or replace view")
    .replace("'TABLE' as kind", "if(table_type = 'LOCAL TEMPORARY', 'TEMPORARY', 'TABLE') as kind")
    .replace("table_type = 'BASE TABLE'", "table_type in ('BASE TABLE', 'LOCAL TEMPORARY')")
)
GLOBAL_SQL = (
    f"{COLUMNS_SQL}; {TABLES_SQL}; {SHOW_TABLES_SQL};"
    f"{python_functions.CATALOG_SQL} {stages.CATALOG_SQL}{sql_definitions.CATALOG_SQL}"
    f"{users.CATALOG_SQL}"
)


def database_sql(name: str) -> str:
    """Return the SQL that creates a database's bookkeeping tables and views."""
    parts = (load_history, declared_columns, foreign_keys, constraints, definitions)
    tables = f"""
        CREATE OR REPLACE VIEW "{name}"._fs_information_schema._fs_tables AS
        SELECT * FROM _fs_global._fs_information_schema._fs_tables
        WHERE "TABLE_CATALOG" = '{name}';
    """  # noqa: S608 -- a database's name, which has no quotes
    return tables + "".join(part.creation_sql(name) for part in parts)
