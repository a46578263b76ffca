"""Foreign keys, which a table's definition declares and nobody enforces; SHOW … KEYS tells them.

https://docs.snowflake.com/en/sql-reference/sql/show-imported-keys
"""
# ruff: noqa: S608 -- names of our own tables; values are bound

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
from sqlglot import Expr, exp

from mocks.snowflake import declared_columns, statements
from mocks.snowflake.declared_columns import Declarations, Declared, folded, key_name
from mocks.snowflake.errors import does_not_exist, invalid, unsupported

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

Name = tuple[str, str, str]
_COLUMNS = {
    "schema_name": "VARCHAR", "table_name": "VARCHAR", "constraint_name": "VARCHAR",
    "column_name": "VARCHAR", "number": "BIGINT", "of_schema": "VARCHAR",
    "of_table": "VARCHAR", "of_column": "VARCHAR",
    "update_rule": "VARCHAR", "delete_rule": "VARCHAR",
}  # fmt: skip
_RULES = ("CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION")


@dataclass(frozen=True)
class ForeignKey:
    """Columns of a table, and those of the table that they refer to."""

    name: str
    columns: tuple[str, ...]
    table: Name
    """Database, schema and name of the table that is referred to."""
    of_columns: tuple[str, ...]
    update_rule: str = "NO ACTION"
    delete_rule: str = "NO ACTION"


def table_of(database: str) -> str:
    """The full name of a database's foreign keys."""
    return f'"{database}"._fs_information_schema._local_foreign_keys'


def creation_sql(database: str) -> str:
    """The table that a database keeps: a row for each column of a key."""
    columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    return f"CREATE TABLE IF NOT EXISTS {table_of(database)} ({columns});"


def of_definition(schema: Expr, name: Name, session: "Session") -> list[ForeignKey]:
    """The foreign keys of a CREATE TABLE.

    Raises:
        StatementFailed: 2003 for one of a table that isn't there, 2 for one of another database.
    """
    found = []
    for column in schema.expressions:
        if isinstance(column, exp.ColumnDef):
            for constraint in column.constraints:
                if isinstance(reference := constraint.args.get("kind"), exp.Reference):
                    called = constraint.this or _called(column)
                    found.append(_key(reference, [column.this], called, name, session))
    for key in schema.find_all(exp.ForeignKey):
        if reference := key.args.get("reference"):
            called = key.parent.this if isinstance(key.parent, exp.Constraint) else None
            found.append(_key(reference, key.expressions, called, name, session))
    return found


def _called(column: exp.ColumnDef) -> Expr | None:
    """``CONSTRAINT a FOREIGN KEY REFERENCES …`` of a column, which sqlglot reads as two."""
    named = [c.this for c in column.constraints if isinstance(c.args.get("kind"), exp.ForeignKey)]
    return named[0] if named else None


def _key(
    reference: Expr,
    columns: Sequence[Expr],
    called: Expr | None,
    name: Name,
    session: "Session",
) -> ForeignKey:
    target = reference.this
    table = target.this if isinstance(target, exp.Schema) else target
    place = statements.name_parts(table, session)
    if place[0] != name[0]:
        raise unsupported("a foreign key to another database")
    is_temporary = ".".join(place) in session.temporary_tables
    if place != name and not is_temporary and not session.has_table(place):
        raise does_not_exist("Table", ".".join(place))
    of_columns = tuple(map(folded, target.expressions if isinstance(target, exp.Schema) else ()))
    if place == name and not of_columns:
        of_columns = _primary(declared_columns.of_definition(reference.find_ancestor(exp.Schema)))
    of_columns = of_columns or _primary_key(place, session)
    if len(of_columns) != len(columns):
        raise invalid("a foreign key has as many columns as what it refers to")
    rules = dict(_rules(reference.args.get("options") or ()))
    return ForeignKey(
        key_name(called),
        tuple(map(folded, columns)),
        place,
        of_columns,
        rules.get("ON UPDATE", "NO ACTION"),
        rules.get("ON DELETE", "NO ACTION"),
    )


def _primary_key(place: Name, session: "Session") -> tuple[str, ...]:
    declared = session.temporary_tables.get(".".join(place))
    if declared is None:
        with session.probe() as duck:
            declared = Declarations(duck, place).read()
    return _primary(declared.values())


def _primary(columns: Iterable[Declared]) -> tuple[str, ...]:
    ordered = sorted(columns, key=lambda column: column.primary)
    return tuple(column.column for column in ordered if column.primary)


def _rules(options: Sequence[object]) -> Iterator[tuple[str, str]]:
    for option in options:
        event, rule = str(option).upper()[:9], str(option).upper()[10:]
        if event not in ("ON UPDATE", "ON DELETE") or rule not in _RULES:
            raise unsupported(f"a foreign key with {option}")
        yield event, rule


def keep(duck: duckdb.DuckDBPyConnection, name: Name, keys: Sequence[ForeignKey]) -> None:
    """Replace what is known of a table that is new or gone: nothing refers to it any more."""
    database, *table = name
    for places in ("schema_name = ? AND table_name = ?", "of_schema = ? AND of_table = ?"):
        duck.execute(f"DELETE FROM {table_of(database)} WHERE {places}", table)
    add(duck, name, keys)


def copy(duck: duckdb.DuckDBPyConnection, source: Name, name: Name) -> None:
    """Give a table that is new the keys of another one."""
    keep(duck, name, ())
    if source[0] != name[0]:
        return  # keys to another database, which are refused elsewhere
    others = ", ".join(list(_COLUMNS)[2:])
    duck.execute(
        f"""INSERT INTO {table_of(name[0])} SELECT ?, ?, {others} FROM {table_of(source[0])}
            WHERE schema_name = ? AND table_name = ?""",
        [*name[1:], *source[1:]],
    )


def refer_within(duck: duckdb.DuckDBPyConnection, database: str, source: str, schema: str) -> None:
    """Let the keys of a schema that is a clone refer to its own tables, not to their sources."""
    duck.execute(
        f"UPDATE {table_of(database)} SET of_schema = ? WHERE schema_name = ? AND of_schema = ?",
        [schema, schema, source],
    )


def add(duck: duckdb.DuckDBPyConnection, name: Name, keys: Sequence[ForeignKey]) -> None:
    """Keep further keys of a table."""
    database, *table = name
    for key in keys:
        for number, (column, of) in enumerate(zip(key.columns, key.of_columns, strict=True), 1):
            row = [*table, key.name, column, number, *key.table[1:], of]
            row += [key.update_rule, key.delete_rule]
            marks = ", ".join("?" * len(row))
            duck.execute(f"INSERT INTO {table_of(database)} VALUES ({marks})", row)


def rename(duck: duckdb.DuckDBPyConnection, name: Name, new: Name) -> None:
    """Let the keys of a table, and those that refer to it, follow it to its new name."""
    keep(duck, new, ())
    duck.execute(
        f"""UPDATE {table_of(name[0])} SET schema_name = ?, table_name = ?
            WHERE schema_name = ? AND table_name = ?""",
        [*new[1:], *name[1:]],
    )
    duck.execute(
        f"""UPDATE {table_of(name[0])} SET of_schema = ?, of_table = ?
            WHERE of_schema = ? AND of_table = ?""",
        [*new[1:], *name[1:]],
    )


def rename_column(duck: duckdb.DuckDBPyConnection, table: Name, column: str, new: str) -> None:
    """Let the keys of a column, and those that refer to it, follow it to its new name."""
    for side, places in (
        ("column_name", "schema_name = ? AND table_name = ?"),
        ("of_column", "of_schema = ? AND of_table = ?"),
    ):
        duck.execute(
            f"UPDATE {table_of(table[0])} SET {side} = ? WHERE {places} AND {side} = ?",
            [new, *table[1:], column],
        )


def forget_column(duck: duckdb.DuckDBPyConnection, table: Name, column: str) -> None:
    """Forget the keys that a dropped column is part of, or is referred to by."""
    known = table_of(table[0])
    for side, places in (
        ("column_name", "schema_name = ? AND table_name = ?"),
        ("of_column", "of_schema = ? AND of_table = ?"),
    ):
        key = "(schema_name, table_name, constraint_name)"
        duck.execute(
            f"""DELETE FROM {known} WHERE {key} IN
                (SELECT {key} FROM {known} WHERE {places} AND {side} = ?)""",
            [*table[1:], column],
        )


def columns_sql(database: str) -> str:
    """The query for a row for each column of a key, without those of tables that are dropped.

    `of_name` is the name of the key that it refers to; NULL if that is gone.
    """
    return f"""
        SELECT k.* EXCLUDE of_columns, u.name AS of_name
        FROM (SELECT *, list_sort(list(of_column) OVER (
                  PARTITION BY schema_name, table_name, constraint_name)) AS of_columns
              FROM {table_of(database)}) k
        SEMI JOIN duckdb_tables() t ON (t.database_name, t.schema_name, t.table_name)
            = ('{database}', k.schema_name, k.table_name)
        SEMI JOIN duckdb_tables() o ON (o.database_name, o.schema_name, o.table_name)
            = ('{database}', k.of_schema, k.of_table)
        LEFT JOIN (
            SELECT schema_name, table_name, columns, arg_min(name, kind) AS name
            FROM (SELECT schema_name, table_name, name, kind,
                         list_sort(list(column_name)) AS columns
                  FROM ({declared_columns.keys_sql(database)}) GROUP BY ALL)
            GROUP BY ALL) u
        ON (u.schema_name, u.table_name, u.columns) = (k.of_schema, k.of_table, k.of_columns)"""


def read(duck: duckdb.DuckDBPyConnection, database: str) -> list[dict[str, object]]:
    """The keys of a database's tables by column; see `columns_sql`."""
    found = duck.execute(
        f"""SELECT * FROM ({columns_sql(database)})
            ORDER BY of_schema, of_table, schema_name, table_name, constraint_name, number"""
    ).fetchall()
    return [dict(zip((*_COLUMNS, "of_name"), row, strict=True)) for row in found]
