"""SHOW: fakesnow's answers, with LIKE, STARTS WITH and LIMIT for every kind of object."""

from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
from fakesnow.params import MutableParams
from sqlglot import Expr, exp, parse_one

from mocks.snowflake import identities, names, statements, users
from mocks.snowflake.continuous import dynamic_tables
from mocks.snowflake.declared_columns import Declarations, Declared, folded
from mocks.snowflake.dialect import sequences
from mocks.snowflake.dialect.row_counts import rows_of
from mocks.snowflake.errors import does_not_exist, missing, unsupported
from mocks.snowflake.results import Result
from mocks.snowflake.session_statements import like as matches

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session


def run(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """Run a SHOW; fakesnow heeds LIKE for tables and views alone."""
    scope = expression.args.get("scope")
    if isinstance(scope, exp.Table):
        _refuse_missing(cursor.session, expression, scope)
    if isinstance(scope, exp.Table) and expression.args.get("scope_kind") in ("TABLE", "VIEW"):
        known = cursor.session.temporary_tables
        if known and statements.full_name(scope, cursor.session) in known:
            raise unsupported(f"SHOW {expression.name.upper()} of a temporary table", "DESCRIBE it")
    chosen = {name: expression.args.get(name) for name in _CHOICES}
    for name in _CHOICES:
        expression.set(name, None)
    of_account = str(expression.args.get("scope_kind")).upper() == "ACCOUNT"
    step = _ALL_SCHEMAS.copy() if of_account and _is_of_schemas(expression) else expression
    result = cursor.session.transaction.read(lambda: cursor.run_steps(step, params))
    kind = f"{'TERSE ' if expression.args.get('terse') else ''}{expression.name.upper()}"
    table = _COMPLETED.get(kind, _as_it_is)(cursor, result.table)
    table = _chosen(dynamic_tables.marked(cursor.session, table), **chosen)
    added = ("VARCHAR",) * (table.num_columns - len(result.types))
    return Result(table, (*result.types[: table.num_columns], *added), table.num_rows)


_CHOICES = ("like", "starts_with", "from_", "limit")


def _chosen(
    table: pa.Table,
    like: Expr | None,
    starts_with: Expr | None,
    from_: Expr | None,
    limit: Expr | None,
) -> pa.Table:
    """The rows that SHOW … LIKE, STARTS WITH and LIMIT n FROM choose, by name."""

    def names_of() -> list[str]:
        return [str(name) for name in table.column(_name_column(table)).to_pylist()]

    if isinstance(like, exp.Expression):
        is_like = matches(like.name)
        table = _kept(table, [is_like(name) for name in names_of()])
    if isinstance(starts_with, exp.Expression):
        table = _kept(table, [name.startswith(starts_with.name) for name in names_of()])
    if isinstance(from_, exp.Expression):
        found = [name.startswith(from_.name) for name in names_of()]
        table = table.slice(found.index(True) + 1 if any(found) else len(found))
    return (
        table.slice(0, int(limit.expression.name)) if isinstance(limit, exp.Expression) else table
    )


def _refuse_missing(session: "Session", expression: Expr, scope: exp.Table) -> None:
    """Return where the schema, database or table of SHOW … IN is there.

    Raises:
        StatementFailed: 2043 for a schema or database, 2003 for a table.
    """
    kind = "DATABASE" if _is_of_schemas(expression) else expression.args["scope_kind"]
    if kind in ("TABLE", "VIEW"):
        path = statements.name_parts(scope, session)
        is_there = session.has_table(path) or path[1] == _CATALOG
        if not is_there and ".".join(path) not in session.temporary_tables:
            raise does_not_exist("Table", path[2])
        return
    *of_database, name = [folded(part) for part in scope.parts]
    database = next(iter([*of_database, session.database])) if kind == "SCHEMA" else name
    schema = name if kind == "SCHEMA" and name != _CATALOG else None
    if schema == names.OWN_SCHEMA or not session.local.has_schema(str(database), schema):
        raise missing()


_CATALOG = "INFORMATION_SCHEMA"


def _is_of_schemas(expression: Expr) -> bool:
    return expression.name.upper() == "SCHEMAS"


_ALL_SCHEMAS = parse_one(
    "SELECT * FROM _fs_global._fs_information_schema._fs_show_schemas", read="duckdb"
)
"""Fakesnow shows those of the current database, whatever is asked for."""


def _counted(cursor: "Cursor", table: pa.Table) -> pa.Table:
    """SHOW TABLES by name, with each table's comment and number of rows."""
    columns = ("database_name", "schema_name", "name")
    table = table.sort_by([(column, "ascending") for column in columns])
    if not {"rows", "comment"} <= set(table.column_names):
        return table  # TERSE
    counts = []
    with cursor.session.probe() as duck:
        for row in table.to_pylist():
            name = [row[column] for column in columns]
            if row["kind"] == "TEMPORARY":
                counts.append(rows_of(cursor.session.duck, ["temp", "main", name[2]]))
            else:
                counts.append(rows_of(duck, name))
    return _commented(cursor, _with_values(table, "rows", counts))


def _commented(cursor: "Cursor", table: pa.Table) -> pa.Table:
    """SHOW TABLES or VIEWS with the comment of each; TERSE has none."""
    if "comment" not in table.column_names:
        return table
    comments: list[str] = []
    with cursor.session.probe() as duck:
        for row in table.to_pylist():
            name = [row[column] for column in ("database_name", "schema_name", "name")]
            found = duck.execute(_COMMENT, name).fetchone()
            comments.append(found[0] if found else "")
    return _with_values(table, "comment", comments)


def _own(_: "Cursor", table: pa.Table) -> pa.Table:
    """SHOW SEQUENCES without those of AUTOINCREMENT."""
    names = table.column("name").to_pylist()
    return _kept(table, [not name.startswith(sequences.OF_COLUMNS) for name in names])


def _with_values(table: pa.Table, column: str, values: list[Any]) -> pa.Table:
    number = table.column_names.index(column)
    return table.set_column(number, column, pa.array(values, table.schema.field(number).type))


def _as_it_is(_: "Cursor", table: pa.Table) -> pa.Table:
    return table


def _typed(cursor: "Cursor", table: pa.Table) -> pa.Table:
    """SHOW COLUMNS with the types that DuckDB doesn't tell from others."""
    names = ("database_name", "schema_name", "table_name")
    if not {"data_type", "column_name", *names} <= set(table.column_names):
        return table
    declared: dict[tuple[str, ...], dict[str, Declared]] = {}
    written = []
    with cursor.session.probe() as duck:
        for row in table.to_pylist():
            place = tuple(row[name] for name in names)
            if place not in declared:
                declared[place] = Declarations(duck, place).read()  # type: ignore[arg-type]
            column = declared[place].get(row["column_name"])
            kind = _data_type(row["data_type"], column.kind if column else "")
            if str(row["null?"]).lower() == "false":
                kind = kind.replace('"nullable":true', '"nullable":false')
            written.append(row | {"data_type": kind} | _identity(duck, row))
    return pa.Table.from_pylist(written, schema=_texts(table.schema))


def _texts(schema: pa.Schema) -> pa.Schema:
    changed = ("data_type", "default", "autoincrement")
    return pa.schema([pa.field(f.name, pa.string()) if f.name in changed else f for f in schema])


def _identity(duck: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> dict[str, str]:
    """An identity column has no default, but a start and a step."""
    found = identities.CALL.fullmatch(str(row.get("default")))
    if found is None or "autoincrement" not in row:
        return {}
    ((start, step),) = duck.execute(
        """SELECT start_value, increment_by FROM duckdb_sequences()
           WHERE database_name = ? AND schema_name = ? AND lower(sequence_name) = lower(?)""",
        [row["database_name"], row["schema_name"], found[1]],
    ).fetchall()
    told = f"IDENTITY START {start} INCREMENT {step} NOORDER"
    return {"default": "", "autoincrement": told}


def _data_type(known: str, kind: str) -> str:
    nullable = '"nullable":false' if '"nullable":false' in known else '"nullable":true'
    return {
        "ARRAY": f'{{"type":"ARRAY",{nullable}}}',
        "OBJECT": f'{{"type":"OBJECT",{nullable}}}',
        "TIMESTAMP_LTZ(9)": f'{{"type":"TIMESTAMP_LTZ","precision":0,"scale":9,{nullable}}}',
        "VARCHAR(1)": f'{{"type":"TEXT","length":1,"byteLength":4,{nullable},"fixed":false}}',
    }.get(kind, known)


def _without_hashes(_: "Cursor", table: pa.Table) -> pa.Table:
    return table.drop_columns([users.SECRET_COLUMN])


def _schemas_by_name(_: "Cursor", table: pa.Table) -> pa.Table:
    """SHOW TERSE SCHEMAS with the name that INFORMATION_SCHEMA has."""
    names = ["INFORMATION_SCHEMA" if name == "information_schema" else name
             for name in table.column("name").to_pylist()]  # fmt: skip
    number = table.column_names.index("name")
    return table.set_column(number, "name", pa.array(names, pa.string())).sort_by("name")


def _schemas(cursor: "Cursor", table: pa.Table) -> pa.Table:
    """SHOW SCHEMAS with Snowflake's columns.

    https://docs.snowflake.com/en/sql-reference/sql/show-schemas
    """
    current = (cursor.session.database, cursor.session.schema)
    written = []
    for row in _schemas_by_name(cursor, table).to_pylist():
        is_made = row["name"] != "INFORMATION_SCHEMA"
        is_current = (row["database_name"], row["name"]) == current
        told = {"is_default": "N", "is_current": "Y" if is_current else "N", "retention_time": "1"}
        if is_made:
            told |= {"owner": "SYSADMIN", "owner_role_type": "ROLE"}
        written.append({**dict.fromkeys(_OF_SCHEMAS, ""), **row, **told})
    time = table.schema.field("created_on")
    fields = [time, *(pa.field(name, pa.string()) for name in _OF_SCHEMAS)]
    return pa.Table.from_pylist(written, schema=pa.schema(fields))


_OF_SCHEMAS = (
    "name", "is_default", "is_current", "database_name", "owner", "comment", "options",
    "retention_time", "owner_role_type",
)  # fmt: skip
_COMPLETED = {
    "SCHEMAS": _schemas, "TERSE SCHEMAS": _schemas_by_name, "TABLES": _counted,
    "TERSE TABLES": _counted, "VIEWS": _commented, "COLUMNS": _typed, "USERS": _without_hashes,
    "SEQUENCES": _own,
}  # fmt: skip
_COMMENT = """
    SELECT comment FROM _fs_global._fs_information_schema._fs_tables_ext
    WHERE ext_table_catalog = ? AND ext_table_schema = ? AND ext_table_name = ?
"""


def _kept(table: pa.Table, is_kept: list[bool]) -> pa.Table:
    return table.filter(pa.array(is_kept, pa.bool_()))


def _name_column(table: pa.Table) -> str:
    return next(name for name in ("name", "column_name", "key") if name in table.column_names)
