"""INFORMATION_SCHEMA.TABLE_CONSTRAINTS and REFERENTIAL_CONSTRAINTS: the keys that tables declare.

https://docs.snowflake.com/en/sql-reference/info-schema/table_constraints
"""
# ruff: noqa: S608 -- names of our own tables

from mocks.snowflake import declared_columns, foreign_keys

VIEWS = {
    "TABLE_CONSTRAINTS": "_local_table_constraints",
    "REFERENTIAL_CONSTRAINTS": "_local_referential_constraints",
}
"""Snowflake's names of the views, and ours."""
_CREATED = """to_timestamp(0) AS "CREATED", to_timestamp(0) AS "LAST_ALTERED\""""


def creation_sql(database: str) -> str:
    """The views of a database: a row for each key, nothing of which is enforced."""
    views = (_table_constraints(database), _referential_constraints(database))
    return "".join(
        f'CREATE OR REPLACE VIEW "{database}"._fs_information_schema.{name} AS {query};'
        for name, query in zip(VIEWS.values(), views, strict=True)
    )


def _table_constraints(database: str) -> str:
    return f"""
        SELECT '{database}' AS "CONSTRAINT_CATALOG", schema_name AS "CONSTRAINT_SCHEMA",
               name AS "CONSTRAINT_NAME", '{database}' AS "TABLE_CATALOG",
               schema_name AS "TABLE_SCHEMA", table_name AS "TABLE_NAME",
               kind AS "CONSTRAINT_TYPE", 'NO' AS "IS_DEFERRABLE", 'YES' AS "INITIALLY_DEFERRED",
               'NO' AS "ENFORCED", NULL::VARCHAR AS "COMMENT", {_CREATED}, 'NO' AS "RELY"
        FROM (SELECT DISTINCT schema_name, table_name, name, kind
              FROM ({declared_columns.keys_sql(database)})
              UNION ALL
              SELECT DISTINCT schema_name, table_name, constraint_name, 'FOREIGN KEY'
              FROM ({foreign_keys.columns_sql(database)}))"""


def _referential_constraints(database: str) -> str:
    return f"""
        SELECT '{database}' AS "CONSTRAINT_CATALOG", schema_name AS "CONSTRAINT_SCHEMA",
               constraint_name AS "CONSTRAINT_NAME", '{database}' AS "UNIQUE_CONSTRAINT_CATALOG",
               of_schema AS "UNIQUE_CONSTRAINT_SCHEMA", of_name AS "UNIQUE_CONSTRAINT_NAME",
               'FULL' AS "MATCH_OPTION", update_rule AS "UPDATE_RULE",
               delete_rule AS "DELETE_RULE", NULL::VARCHAR AS "COMMENT", {_CREATED}
        FROM ({foreign_keys.columns_sql(database)}) WHERE number = 1"""
