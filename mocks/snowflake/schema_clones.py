"""CREATE SCHEMA … CLONE: a schema with the tables of another one.

https://docs.snowflake.com/en/sql-reference/sql/create-clone
"""
# ruff: noqa: S608 -- names of our own tables; values are bound

from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake import clones, foreign_keys
from mocks.snowflake.declared_columns import folded
from mocks.snowflake.errors import already_exists, does_not_exist, unsupported
from mocks.snowflake.results import Result, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session

_KEPT = "_fs_global._fs_information_schema"
_TABLES = """
    SELECT table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name = ? ORDER BY ALL
"""
_OTHERS = {
    "views": "duckdb_views()",
    "sequences or AUTOINCREMENT": "duckdb_sequences()",
    "stages": f"{_KEPT}._fs_stages",
    "file formats": f"{_KEPT}._fs_file_formats",
}


def is_clone(expression: Expr) -> bool:
    """Tell whether a statement clones a schema."""
    is_schema = isinstance(expression, exp.Create) and str(expression.kind).upper() == "SCHEMA"
    return is_schema and expression.args.get("clone") is not None


def run(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """Make the schema with all tables or not at all; it is the current one then, as any new one.

    Raises:
        StatementFailed: 2002 or 2003 for schemas that are there or not, 2 for one that has more
            than tables.
    """
    session, duck = cursor.session, cursor.session.duck
    made, cloned = expression.this, expression.args["clone"].this
    database, schema = _place(made.args["db"], made.args.get("catalog"), session)
    place, source = (database, schema), _place(cloned.this, cloned.args.get("db"), session)
    if session.local.has_schema(*place):
        if expression.args.get("exists"):
            return status(f"{schema} already exists, statement succeeded.")
        raise already_exists(schema)
    _refuse(session, expression, place, source)
    names = [name for (name,) in duck.execute(_TABLES, source).fetchall()]
    tables = [((*source, name), (*place, name)) for name in names]

    def clone() -> None:
        duck.execute(f'CREATE SCHEMA "{database}"."{schema}"')
        for old, new in tables:
            table = clones.definition(duck, old)
            clones.rename(table, new)
            duck.execute(table.sql(dialect="duckdb"))
            clones.copy_rows(duck, old, new)
            clones.copy_declared(duck, old, new)
        foreign_keys.refer_within(duck, database, source[1], schema)

    def clone_all() -> Result:
        session.transaction.at_once(clone)
        for old, new in tables:
            clones.copy_lengths(duck, old, new)
        session.use(*place)
        return status(f"Schema {schema} successfully created.")

    return session.transaction.define(clone_all)


def _place(schema: Expr, database: Expr | None, session: "Session") -> tuple[str, str]:
    return (folded(database) if database else str(session.database), folded(schema))


def _refuse(
    session: "Session", expression: Expr, place: tuple[str, str], source: tuple[str, str]
) -> None:
    if not session.local.has_schema(*source):
        raise does_not_exist("Schema", ".".join(source))
    if place[0] != source[0]:
        raise unsupported("CLONE of another database's schema")
    if expression.args.get("replace") or expression.args.get("properties"):
        raise unsupported("CREATE SCHEMA … CLONE with OR REPLACE or an option")
    of = "WHERE database_name = ? AND schema_name = ?"
    for what, table in _OTHERS.items():
        if session.duck.execute(f"SELECT 1 FROM {table} {of}", source).fetchone():
            raise unsupported(f"CLONE of a schema with {what}")
    account = session.local
    if account.definitions.in_schema(*source):
        raise unsupported("CLONE of a schema with streams, tasks or dynamic tables")
    functions = [f.path.rpartition(".")[0] for f in (*account.sql_functions, *account.procedures)]
    functions += [f"{f.database}.{f.schema}" for f in account.functions]
    if ".".join(source) in functions:
        raise unsupported("CLONE of a schema with functions or procedures")
