"""DESCRIBE TABLE and VIEW, SHOW PRIMARY KEYS and UNIQUE KEYS: fakesnow's answers, completed."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
from fakesnow.params import MutableParams
from fakesnow.transforms.transforms import SQL_DESCRIBE_TABLE
from sqlglot import Expr, exp, parse_one

from mocks.snowflake import declared_columns, foreign_keys, statements
from mocks.snowflake.declared_columns import Declarations, Declared
from mocks.snowflake.dialect import temporary, views
from mocks.snowflake.errors import does_not_exist, unsupported
from mocks.snowflake.results import Result, rows

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor

_KEYS = {"PRIMARY KEYS": "PRIMARY KEY", "UNIQUE KEYS": "UNIQUE"}
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_KEY_COLUMNS = {
    "created_on": "TIMESTAMP", "database_name": "VARCHAR", "schema_name": "VARCHAR",
    "table_name": "VARCHAR", "column_name": "VARCHAR", "key_sequence": "BIGINT",
    "constraint_name": "VARCHAR", "rely": "VARCHAR", "comment": "VARCHAR",
}  # fmt: skip


def run(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """DESCRIBE, with the keys and types that the definition declares, and comments."""
    session = cursor.session
    table = expression.find(exp.Table)
    if table is None or table.db.upper() == "INFORMATION_SCHEMA":
        return session.transaction.read(lambda: cursor.run_steps(expression.copy(), params))
    name = statements.name_parts(table, session)
    declared = session.temporary_tables.get(".".join(name))
    is_temporary = declared is not None
    if not is_temporary and not session.has_table(name):
        raise does_not_exist("Object", name[2])
    place = ("temp", "main", temporary.locate(table, session).name) if is_temporary else name
    result = session.transaction.read(lambda: _columns(session.duck, place))
    with session.probe() as duck:
        declared = Declarations(duck, name).read() if declared is None else declared
        comments = dict(
            duck.execute(
                """SELECT column_name, comment FROM duckdb_columns()
                   WHERE database_name = ? AND schema_name = ? AND table_name = ?""",
                name,
            ).fetchall()
        )
        lengths = _lengths_of_view(duck, name)
    described = [_completed(row, declared, comments) for row in result.table.to_pylist()]
    for row in described:
        if row["type"] == _ANY_TEXT and row["name"] in lengths:
            row["type"] = f"VARCHAR({lengths[row['name']]})"
    return Result(
        pa.Table.from_pylist(described, schema=_schema(result)), result.types, result.rowcount
    )


def _columns(duck: duckdb.DuckDBPyConnection, name: tuple[str, str, str]) -> Result:
    """The columns of a table in any database, or of DuckDB's own for temporary tables."""
    duck.execute(_DESCRIBED, name)
    types = tuple(str(column[1]) for column in duck.description or ())
    return Result(duck.to_arrow_table(), types, 0)


_DESCRIBED = re.sub(r"'\$\{\w+\}'", "?", SQL_DESCRIBE_TABLE.template).replace(
    "FROM _fs", "FROM _fs_global._fs"
)
_ANY_TEXT = "VARCHAR(16777216)"
_LENGTHS = """
    SELECT ext_column_name, ext_character_maximum_length
    FROM _fs_global._fs_information_schema._fs_columns_ext
    WHERE ext_table_catalog = ? AND ext_table_schema = ? AND ext_table_name = ?
"""


_VIEW = """
    SELECT sql FROM duckdb_views() WHERE database_name = ? AND schema_name = ? AND view_name = ?
"""


def _lengths_of_view(duck: duckdb.DuckDBPyConnection, name: tuple[str, str, str]) -> dict[str, int]:
    """The lengths of a view's columns that are columns of its one table; none of a table."""
    found = duck.execute(_VIEW, name).fetchall()
    if not found:
        return {}
    query = views.of_star(parse_one(found[0][0], read="duckdb").expression)
    source = (
        query.args["from_"].this
        if isinstance(query, exp.Select) and query.args.get("from_")
        else None
    )
    if not isinstance(source, exp.Table) or query.args.get("joins"):
        return {}
    place = [part.name for part in source.parts]
    full = (*name[: 3 - len(place)], *place)
    if full[0] == "temp":
        return {}
    lengths = dict(duck.execute(_LENGTHS, full).fetchall())
    declared = Declarations(duck, full).read()  # type: ignore[arg-type] # database, schema, name
    lengths |= {column: 1 for column, told in declared.items() if told.kind == "VARCHAR(1)"}
    if query.is_star:
        return lengths
    columns = [(p.alias_or_name, p.unalias()) for p in query.selects]
    return {a: lengths[c.name] for a, c in columns
            if isinstance(c, exp.Column) and c.name in lengths}  # fmt: skip


def _schema(result: Result) -> pa.Schema:
    texts = ("type", "primary key", "unique key", "comment")
    fields = [pa.field(f.name, pa.string()) if f.name in texts else f for f in result.table.schema]
    return pa.schema(fields)


def _completed(
    row: dict[str, Any], declared: dict[str, Declared], comments: dict[str, str | None]
) -> dict[str, Any]:
    column = declared.get(row["name"], Declared(row["name"]))
    return row | {
        "type": column.kind or row["type"],
        "primary key": "Y" if column.primary else "N",
        "unique key": "Y" if column.unique else "N",
        "comment": comments.get(row["name"]),
    }


def is_show_keys(expression: Expr) -> bool:
    """True for SHOW PRIMARY, UNIQUE and IMPORTED KEYS."""
    return isinstance(expression, exp.Show) and expression.name.upper().endswith(" KEYS")


_IMPORTED, _EXPORTED = "IMPORTED KEYS", "EXPORTED KEYS"
_IMPORTED_COLUMNS = {
    "created_on": "TIMESTAMP", "pk_database_name": "VARCHAR", "pk_schema_name": "VARCHAR",
    "pk_table_name": "VARCHAR", "pk_column_name": "VARCHAR", "fk_database_name": "VARCHAR",
    "fk_schema_name": "VARCHAR", "fk_table_name": "VARCHAR", "fk_column_name": "VARCHAR",
    "key_sequence": "BIGINT", "update_rule": "VARCHAR", "delete_rule": "VARCHAR",
    "fk_name": "VARCHAR", "pk_name": "VARCHAR", "deferrability": "VARCHAR", "rely": "VARCHAR",
    "comment": "VARCHAR",
}  # fmt: skip


def is_show_exported_keys(expression: Expr) -> bool:
    """True for SHOW EXPORTED KEYS, which sqlglot doesn't parse."""
    return isinstance(expression, exp.Command) and _exported(expression) is not None


def _exported(expression: Expr) -> re.Match[str] | None:
    said = f"{expression.this} {expression.expression}"
    return re.fullmatch(r"show\s+exported(\s+keys\b.*)", said, re.IGNORECASE | re.DOTALL)


def run_show_exported_keys(
    cursor: "Cursor", expression: Expr, params: MutableParams | None
) -> Result:
    """The foreign keys that refer to a table, or to a schema's tables."""
    told = _exported(expression)
    imported = statements.parse(f"SHOW IMPORTED{told[1] if told else ''}")
    imported.set("this", _EXPORTED)
    return run_show_keys(cursor, imported, params)


def _foreign(kind: str, found: list[dict[str, Any]], scope: tuple[str, str, str | None]) -> Result:
    """The foreign keys of a table, or of a schema's tables; exported ones by what they refer to."""
    database, schema, table = scope
    place = ("of_schema", "of_table") if kind == _EXPORTED else ("schema_name", "table_name")
    told = [
        (
            _BEGINNING, database, key["of_schema"], key["of_table"], key["of_column"],
            database, key["schema_name"], key["table_name"], key["column_name"], key["number"],
            key["update_rule"], key["delete_rule"], key["constraint_name"],
            key["of_name"], "NOT DEFERRABLE", "false", None,
        )
        for key in found
        if key[place[0]] == schema and table in (None, key[place[1]])
    ]  # fmt: skip
    return rows(list(_IMPORTED_COLUMNS), told, list(_IMPORTED_COLUMNS.values()))


def run_show_keys(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """The columns of the keys of a table, a schema, or the current database."""
    kind = expression.name.upper()
    if kind not in (*_KEYS, _IMPORTED, _EXPORTED):
        raise unsupported(f"SHOW {kind}")
    session = cursor.session
    scope, scope_kind = expression.args.get("scope"), expression.args.get("scope_kind")
    database, schema, table = session.database, session.schema, None
    if isinstance(scope, exp.Table):
        database, schema, table = statements.name_parts(scope, session)
        if scope_kind == "TABLE" and f"{database}.{schema}.{table}" in session.temporary_tables:
            raise unsupported(f"SHOW {kind} of a temporary table")
        if scope_kind == "SCHEMA":
            database, schema, table = scope.db.upper() or session.database, table, None
    elif scope_kind is not None:
        raise unsupported(f"SHOW {kind} IN {scope_kind}")
    if database is None or schema is None:
        raise unsupported(f"SHOW {kind} without a current database and schema")
    with session.probe() as duck:
        if kind not in _KEYS:
            return _foreign(kind, foreign_keys.read(duck, database), (database, schema, table))
        found = declared_columns.keys(duck, database, _KEYS[kind])
    values = [
        (_BEGINNING, database, *of, "false", None)
        for of in found
        if of[0] == schema and table in (None, of[1])
    ]
    return rows(list(_KEY_COLUMNS), values, list(_KEY_COLUMNS.values()))
