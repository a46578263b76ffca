"""CREATE TABLE … CLONE and … LIKE: another table's definition, with its rows or without them.

https://docs.snowflake.com/en/sql-reference/sql/create-table
"""

from typing import TYPE_CHECKING

import duckdb
from sqlglot import Expr, exp, parse_one

from mocks.snowflake import foreign_keys, identities, statements
from mocks.snowflake.declared_columns import Declarations, comment_on, comments
from mocks.snowflake.dialect.temporary import is_temporary
from mocks.snowflake.errors import does_not_exist, unsupported
from mocks.snowflake.results import Result, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor

Name = tuple[str, str, str]
_COPY_LENGTHS = """
    INSERT OR REPLACE INTO _fs_global._fs_information_schema._fs_columns_ext
    SELECT ?, ?, ?, ext_column_name, ext_character_maximum_length, ext_character_octet_length
    FROM _fs_global._fs_information_schema._fs_columns_ext
    WHERE ext_table_catalog = ? AND ext_table_schema = ? AND ext_table_name = ?
"""


def make(cursor: "Cursor", expression: Expr, name: Name) -> Result | None:
    """Make the table with defaults, lengths, keys and comments; None if it is no such statement.

    Raises:
        StatementFailed: 2003 without the other table, 2 for a temporary one.
    """
    like, clone = expression.find(exp.LikeProperty), expression.args.get("clone")
    other = like or clone
    if not isinstance(other, exp.LikeProperty | exp.Clone) or not isinstance(other.this, exp.Table):
        return None
    session = cursor.session
    source = statements.name_parts(other.this, session)
    if is_temporary(expression) or ".".join(source) in session.temporary_tables:
        raise unsupported("CLONE and LIKE of temporary tables", "CREATE TABLE … AS SELECT")
    duck = session.duck
    made = definition(duck, source)
    rename(made, name)
    identities.renew(duck, made, source, name, goes_on=like is None)
    made.set("replace", bool(expression.args.get("replace")))
    duck.execute(made.sql(dialect="duckdb"))
    if like is None:
        copy_rows(duck, source, name)
    copy_lengths(duck, source, name)
    copy_declared(duck, source, name)
    return status(f"Table {name[2]} successfully created.")


def copy_rows(duck: duckdb.DuckDBPyConnection, source: Name, name: Name) -> None:
    """Give a table that is new the rows of another one."""
    here, there = (".".join(f'"{part}"' for part in parts) for parts in (name, source))
    duck.execute(f"INSERT INTO {here} SELECT * FROM {there}")  # noqa: S608 -- names alone


def copy_lengths(duck: duckdb.DuckDBPyConnection, source: Name, name: Name) -> None:
    """Give it the other's lengths of texts, which the account's database keeps."""
    duck.execute(_COPY_LENGTHS, [*name, *source])


def copy_declared(duck: duckdb.DuckDBPyConnection, source: Name, name: Name) -> None:
    """Give it the other's keys, types and comments of columns."""
    Declarations(duck, name).keep(list(Declarations(duck, source).read().values()))
    foreign_keys.copy(duck, source, name)
    for column, comment in comments(duck, source).items():
        comment_on(duck, name, column, comment)


def definition(duck: duckdb.DuckDBPyConnection, name: Name) -> Expr:
    """The CREATE TABLE of a table, as DuckDB keeps it.

    Raises:
        StatementFailed: 2003 when there is no such table.
    """
    found = duck.execute(
        """SELECT sql FROM duckdb_tables()
           WHERE database_name = ? AND schema_name = ? AND table_name = ?""",
        name,
    ).fetchall()
    if not found:
        raise does_not_exist("Table", ".".join(name))
    made = parse_one(found[0][0], read="duckdb")
    made.args.pop("exists", None)
    return made


def rename(made: Expr, name: Name) -> None:
    """Let a CREATE TABLE make a table of this name."""
    target = statements.target_table(made)
    for part, value in zip(("catalog", "db", "this"), name, strict=True):
        target.set(part, exp.to_identifier(value, quoted=True))
