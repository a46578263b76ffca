"""CREATE and DROP TABLE, ALTER TABLE RENAME: what is kept of a table goes where the table goes."""

from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Expr, exp, parse_one

from mocks.snowflake import foreign_keys, statements
from mocks.snowflake.declared_columns import Declarations, Declared, of_definition
from mocks.snowflake.dialect.temporary import is_temporary
from mocks.snowflake.errors import does_not_exist, unsupported
from mocks.snowflake.load_history import LoadHistory
from mocks.snowflake.results import Result, status

if TYPE_CHECKING:
    from mocks.snowflake.connection import LocalConnection
    from mocks.snowflake.cursor import LocalCursor


def run_create(cursor: "LocalCursor", expression: Expr, params: MutableParams | None) -> Result:
    """CREATE TABLE; only a table that is really made has loaded nothing."""
    session = cursor.session
    name = statements.name_parts(statements.target_table(expression), session)
    declared = _declared(expression)
    is_kept = bool(expression.args.get("exists")) and session.has_table(name)
    is_defined = isinstance(expression.this, exp.Schema)
    keys = foreign_keys.of_definition(expression.this, name, session) if is_defined else []

    def create() -> Result:
        if is_kept:
            return status(f"{name[2]} already exists, statement succeeded.")
        result = _clone(cursor, expression, name) or cursor.run_steps(expression, params)
        LoadHistory(session.duck, name).forget()
        if not is_temporary(expression):
            Declarations(session.duck, name).keep(declared)
            foreign_keys.keep(session.duck, name, keys)
            for column in declared:
                _comment(session, name, column)
        return result

    return session.transaction.define(create)


def _declared(expression: Expr) -> list[Declared]:
    is_defined = isinstance(expression.this, exp.Schema)
    return of_definition(expression.this) if is_defined else []


def _comment(session: "LocalConnection", name: tuple[str, str, str], column: Declared) -> None:
    if column.comment:
        place = ".".join(f'"{part}"' for part in (*name, column.column))
        text = exp.Literal.string(column.comment).sql(dialect="duckdb")
        session.duck.execute(f"COMMENT ON COLUMN {place} IS {text}")


_COPY_LENGTHS = """
    INSERT OR REPLACE INTO _fs_global._fs_information_schema._fs_columns_ext
    SELECT ?, ?, ?, ext_column_name, ext_character_maximum_length, ext_character_octet_length
    FROM _fs_global._fs_information_schema._fs_columns_ext
    WHERE ext_table_catalog = ? AND ext_table_schema = ? AND ext_table_name = ?
"""


def _clone(cursor: "LocalCursor", expression: Expr, name: tuple[str, str, str]) -> Result | None:
    """CREATE TABLE … CLONE: the definition with its defaults, and the rows."""
    clone = expression.args.get("clone")
    if not isinstance(clone, exp.Clone) or not isinstance(clone.this, exp.Table):
        return None
    session = cursor.session
    source = statements.name_parts(clone.this, session)
    found = session.duck.execute(
        """SELECT sql FROM duckdb_tables()
           WHERE database_name = ? AND schema_name = ? AND table_name = ?""",
        source,
    ).fetchone()
    if found is None:
        raise does_not_exist("Table", ".".join(source))
    definition = parse_one(found[0], read="duckdb")
    target = statements.target_table(definition)
    for part, value in zip(("catalog", "db", "this"), name, strict=True):
        target.set(part, exp.to_identifier(value, quoted=True))
    definition.set("replace", bool(expression.args.get("replace")))
    definition.args.pop("exists", None)
    session.duck.execute(definition.sql(dialect="duckdb"))
    here, there = (".".join(f'"{part}"' for part in parts) for parts in (name, source))
    session.duck.execute(f"INSERT INTO {here} SELECT * FROM {there}")  # noqa: S608 -- names alone
    session.duck.execute(_COPY_LENGTHS, [*name, *source])
    return status(f"Table {name[2]} successfully created.")


def run_drop(cursor: "LocalCursor", expression: Expr, params: MutableParams | None) -> Result:
    """DROP TABLE."""
    session = cursor.session
    targets = expression.args.get("tables") or [expression.this]
    if len(targets) > 1:
        raise unsupported("DROP TABLE of several tables")
    name = statements.name_parts(targets[0], session)
    is_temporary_table = ".".join(name) in session.temporary_tables

    def drop() -> Result:
        is_there = session.has_table(name) or session.has_table(("temp", "main", name[2]))
        if expression.args.get("exists") and not is_there:
            return status(f"Drop statement executed successfully ({name[2]} already dropped).")
        result = cursor.run_steps(expression, params)
        if session.local.has_schema(name[0], None) and not is_temporary_table:
            LoadHistory(session.duck, name).forget()
            foreign_keys.keep(session.duck, name, ())
        return result

    return session.transaction.define(drop)


_RENAME = """
    UPDATE _fs_global._fs_information_schema._fs_{}_ext
    SET ext_table_catalog = ?, ext_table_schema = ?, ext_table_name = ?
    WHERE ext_table_catalog = ? AND ext_table_schema = ? AND ext_table_name = ?
"""


def is_rename(expression: Expr) -> bool:
    """Tell whether a statement gives a table another name."""
    is_of_table = isinstance(expression, exp.Alter) and expression.args.get("kind") == "TABLE"
    return is_of_table and expression.find(exp.AlterRename) is not None


def run_rename(cursor: "LocalCursor", expression: Expr, params: MutableParams | None) -> Result:
    """ALTER TABLE … RENAME TO: what the definition declares follows."""
    session = cursor.session
    name = statements.name_parts(expression.this, session)
    new = statements.name_parts(expression.args["actions"][0].this, session)
    is_temporary_table = ".".join(name) in session.temporary_tables

    def rename() -> Result:
        result = cursor.run_steps(expression, params)
        if is_temporary_table:
            return result
        Declarations(session.duck, name).rename(new)
        foreign_keys.rename(session.duck, name, new)
        for told in ("columns", "tables"):
            session.duck.execute(_RENAME.format(told), [*new, *name])
        return result

    return session.transaction.define(rename)
