"""Keys and type names of columns, which a table's definition declares and DuckDB doesn't keep.

A row for each such column, in the database of the table: DESCRIBE and SHOW … KEYS tell it.
"""
# ruff: noqa: S608 -- names of our own tables; values are bound

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import duckdb
from sqlglot import Expr, exp

_TABLE = "_local_declared_columns"
_Type = exp.DataType.Type
LOCAL_KIND = "TIMESTAMP_LTZ(9)"
_NAMES = {
    _Type.ARRAY: "ARRAY", _Type.OBJECT: "OBJECT", _Type.TIMESTAMPLTZ: LOCAL_KIND,
    _Type.CHAR: "VARCHAR(1)", _Type.NCHAR: "VARCHAR(1)",
}  # fmt: skip
"""Types that DuckDB's columns don't tell from others."""


@dataclass(frozen=True)
class Declared:
    """One column; the positions in its keys count from 1, 0 for a column that is in none."""

    column: str
    kind: str = ""
    primary: int = 0
    unique: int = 0
    primary_name: str = ""
    unique_name: str = ""
    comment: str = ""


def table_of(database: str) -> str:
    """The full name of a database's declarations."""
    return f'"{database}"._fs_information_schema.{_TABLE}'


def creation_sql(database: str) -> str:
    """The table that a database keeps."""
    return f"""
    CREATE TABLE IF NOT EXISTS {table_of(database)} (
        schema_name VARCHAR, table_name VARCHAR, column_name VARCHAR, kind VARCHAR,
        primary_key BIGINT, unique_key BIGINT
    );
    ALTER TABLE {table_of(database)} ADD COLUMN IF NOT EXISTS primary_name VARCHAR;
    ALTER TABLE {table_of(database)} ADD COLUMN IF NOT EXISTS unique_name VARCHAR;
    UPDATE {table_of(database)} SET primary_name = '{_UNNAMED}' || table_name,
        unique_name = '{_UNNAMED}' || table_name WHERE primary_name IS NULL;
    """


_UNNAMED = "SYS_CONSTRAINT_"


def key_name(called: Expr | None) -> str:
    """The name of a key, made up for one that has none."""
    return folded(called) if called else f"{_UNNAMED}{uuid.uuid4()}"


class Declarations:
    """The column declarations of one table, on the connection that defines it."""

    def __init__(self, duck: duckdb.DuckDBPyConnection, name: tuple[str, str, str]) -> None:
        self._duck = duck
        self._database, *self._table = name

    def keep(self, columns: Sequence[Declared]) -> None:
        """Replace what is known of the table."""
        known = table_of(self._database)
        self._duck.execute(
            f"DELETE FROM {known} WHERE schema_name = ? AND table_name = ?", self._table
        )
        for column in columns:
            values = [column.column, column.kind, column.primary, column.unique]
            values += [column.primary_name, column.unique_name]
            self._duck.execute(
                f"INSERT INTO {known} VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [*self._table, *values]
            )

    def rename(self, name: tuple[str, str, str]) -> None:
        """Let what is known follow the table to its new name, in the same database."""
        Declarations(self._duck, name).keep(())
        self._duck.execute(
            f"""UPDATE {table_of(self._database)} SET schema_name = ?, table_name = ?
                WHERE schema_name = ? AND table_name = ?""",
            [*name[1:], *self._table],
        )

    def rename_column(self, column: str, new: str) -> None:
        """Let what is known of a column follow it to its new name."""
        self.forget(new)
        self._duck.execute(
            f"""UPDATE {table_of(self._database)} SET column_name = ?
                WHERE schema_name = ? AND table_name = ? AND column_name = ?""",
            [new, *self._table, column],
        )

    def forget(self, column: str) -> None:
        """Forget a column that is dropped."""
        self._duck.execute(
            f"""DELETE FROM {table_of(self._database)}
                WHERE schema_name = ? AND table_name = ? AND column_name = ?""",
            [*self._table, column],
        )

    def lengthen(self, column: str) -> None:
        """Forget that a column is a CHAR of one character."""
        self._duck.execute(
            f"""UPDATE {table_of(self._database)} SET kind = ''
                WHERE schema_name = ? AND table_name = ? AND column_name = ?""",
            [*self._table, column],
        )

    def read(self) -> dict[str, Declared]:
        """The declarations by column name."""
        rows = self._duck.execute(
            f"""SELECT column_name, kind, primary_key, unique_key, primary_name, unique_name
                FROM {table_of(self._database)} WHERE schema_name = ? AND table_name = ?""",
            self._table,
        ).fetchall()
        return {row[0]: Declared(*row) for row in rows}


def comment_on(
    duck: duckdb.DuckDBPyConnection, name: tuple[str, str, str], column: str, comment: str
) -> None:
    """Comment on a column, unless there is nothing to say."""
    if comment:
        place = ".".join(f'"{part}"' for part in (*name, column))
        text = exp.Literal.string(comment).sql(dialect="duckdb")
        duck.execute(f"COMMENT ON COLUMN {place} IS {text}")


def comments(duck: duckdb.DuckDBPyConnection, name: tuple[str, str, str]) -> dict[str, str]:
    """The comments of a table's columns."""
    found = duck.execute(
        """SELECT column_name, comment FROM duckdb_columns() WHERE comment IS NOT NULL
           AND database_name = ? AND schema_name = ? AND table_name = ?""",
        name,
    )
    return dict(found.fetchall())


def keys_sql(database: str) -> str:
    """The query for a row for each column of a key, without those of tables that are dropped."""
    of_kind = (
        f"""SELECT schema_name, table_name, column_name, {column}_key AS number,
                   {column}_name AS name, '{kind}' AS kind
            FROM {table_of(database)} WHERE {column}_key > 0"""
        for column, kind in (("primary", "PRIMARY KEY"), ("unique", "UNIQUE"))
    )
    return f"""SELECT * FROM ({" UNION ALL ".join(of_kind)})
               SEMI JOIN (SELECT * FROM duckdb_tables() WHERE database_name = '{database}')
               USING (schema_name, table_name)"""


def keys(
    duck: duckdb.DuckDBPyConnection, database: str, kind: str
) -> list[tuple[str, str, str, int, str]]:
    """Schema, table, column, position and name of each column of a database's keys of a kind."""
    return duck.execute(
        f"SELECT * EXCLUDE kind FROM ({keys_sql(database)}) WHERE kind = ? ORDER BY ALL", [kind]
    ).fetchall()


def of_definition(schema: Expr, *, lengths: bool = False) -> list[Declared]:
    """The columns of a CREATE TABLE as it declares them.

    Args:
        schema: The columns' definitions.
        lengths: Whether VARCHAR(n) is wanted too, which the catalog keeps of lasting tables.
    """
    found = {}
    for column in schema.expressions:
        if isinstance(column, exp.ColumnDef):
            found[folded(column.this)] = _of_column(column, lengths=lengths)
    for key in schema.find_all(exp.PrimaryKey):
        called = _called(key)
        for number, name in _numbered(key):
            column = found.get(name, Declared(name))
            found[name] = replace(column, primary=number, primary_name=called)
    for key in schema.find_all(exp.UniqueColumnConstraint):
        if isinstance(key.this, exp.Schema):
            called = _called(key)
            for number, name in _numbered(key.this):
                column = found.get(name, Declared(name))
                found[name] = replace(column, unique=number, unique_name=called)
    return [column for column in found.values() if column != Declared(column.column)]


def _called(key: Expr) -> str:
    """The name of a key of the whole table."""
    return key_name(key.parent.this if isinstance(key.parent, exp.Constraint) else None)


def _numbered(key: Expr) -> Iterator[tuple[int, str]]:
    for number, column in enumerate(key.expressions, 1):
        yield number, folded(next(iter(column.find_all(exp.Identifier))))


def _of_column(column: exp.ColumnDef, *, lengths: bool) -> Declared:
    kinds = [constraint.args.get("kind") for constraint in column.constraints]
    names = {type(c.args.get("kind")): c.this for c in column.constraints}
    primary, unique = (
        key_name(names[kind]) if kind in names else ""
        for kind in (exp.PrimaryKeyColumnConstraint, exp.UniqueColumnConstraint)
    )
    comments = [k.this.name for k in kinds if isinstance(k, exp.CommentColumnConstraint)]
    kind = column.kind
    has_name = isinstance(kind, exp.DataType) and not kind.expressions
    told = _NAMES.get(kind.this, "") if has_name else ""  # type: ignore[union-attr]
    is_char = isinstance(kind, exp.DataType) and kind.this in (_Type.CHAR, _Type.NCHAR)
    return Declared(
        folded(column.this),
        told or (_text_of(kind) if lengths or is_char else ""),
        int(bool(primary)),
        int(bool(unique)),
        primary,
        unique,
        comments[0] if comments else "",
    )


def _text_of(kind: Expr | None) -> str:
    if not isinstance(kind, exp.DataType) or kind.this not in exp.DataType.TEXT_TYPES:
        return ""
    return f"VARCHAR({kind.expressions[0].name})" if kind.expressions else ""


def folded(identifier: Expr) -> str:
    """A name as the catalog has it."""
    return identifier.name if identifier.args.get("quoted") else identifier.name.upper()
