"""CREATE, DROP, RENAME and SWAP of tables: what is kept of a table goes where the table goes."""
# ruff: noqa: S608 -- names of our own tables; values are bound

import contextlib
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

import duckdb
import snowflake.connector.errors
from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake import clones, column_defaults, foreign_keys, leftovers, statements
from mocks.snowflake.declared_columns import (
    Declarations,
    Declared,
    comment_on,
    of_definition,
)
from mocks.snowflake.dialect.temporary import is_temporary
from mocks.snowflake.errors import already_exists, invalid_column_list, unsupported
from mocks.snowflake.load_history import LoadHistory
from mocks.snowflake.results import Result, dropped, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session

Name = tuple[str, str, str]


def run_create(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """CREATE TABLE; only a table that is really made has loaded nothing."""
    session = cursor.session
    name = statements.name_parts(statements.target_table(expression), session)
    declared = _declared(expression)
    is_kept = bool(expression.args.get("exists")) and is_there(session, name)
    is_defined = isinstance(expression.this, exp.Schema)
    keys = foreign_keys.of_definition(expression.this, name, session) if is_defined else []

    def create() -> Result:
        if is_kept:
            return status(f"{name[2]} already exists, statement succeeded.")
        cursor.check_db_and_schema(expression)
        for column in expression.this.find_all(exp.ColumnDef) if is_defined else ():
            column_defaults.check(session, column)
        cloned = clones.make(cursor, expression, name)
        with _somewhere(session, name):
            made = cloned or _make_filled(cursor, expression, name, params)
            result = made or cursor.run_steps(expression, params)
        LoadHistory(session.duck, name).forget()
        if cloned is None and not is_temporary(expression):
            _forget_other_comment(session, expression, name)
            Declarations(session.duck, name).keep(declared)
            foreign_keys.keep(session.duck, name, keys)
            for column in declared:
                comment_on(session.duck, name, column.column, column.comment)
        return result

    return session.transaction.define(create)


@contextlib.contextmanager
def _somewhere(session: "Session", name: Name) -> Iterator[None]:
    """A current schema where there is none: fakesnow makes no temporary table without one."""
    database = session.database
    if session.schema:
        yield
        return
    session.use(*name[:2])
    try:
        yield
    finally:
        session.leave()
        if database:
            session.use(database, None)


def _make_filled(
    cursor: "Cursor", expression: Expr, name: Name, params: MutableParams | None
) -> Result | None:
    """CREATE TABLE (columns with types) AS query: the rows first, so that nothing is half made.

    Raises:
        StatementFailed: 2026 for another number of columns; whatever a row doesn't fit into.
    """
    query, schema = expression.args.get("expression"), expression.this
    is_typed = isinstance(schema, exp.Schema) and schema.find(exp.ColumnDef) is not None
    if not is_typed or not isinstance(query, exp.Query):
        return None
    own = f"_FILLED_{secrets.token_hex(8).upper()}"
    rows = exp.table_(own, db=name[1], catalog=name[0], quoted=True)
    empty = expression.copy()
    empty.set("expression", None)
    first = exp.Create(this=schema.copy(), kind="TABLE")
    first.this.set("this", rows.copy())
    first.set("properties", exp.Properties(expressions=[exp.TemporaryProperty()]))
    cursor.run_steps(first, None)
    try:
        cursor.run_steps(exp.Insert(this=rows.copy(), expression=query.copy()), params)
        result = cursor.run_steps(empty, None)
        cursor.run_steps(exp.Insert(this=schema.this.copy(), expression=_all_of(rows)), None)
    except snowflake.connector.errors.ProgrammingError as error:
        if "values were supplied" not in str(error):
            raise
        raise invalid_column_list() from error
    finally:
        cursor.run_steps(exp.Drop(tables=[rows.copy()], kind="TABLE"), None)
    return result


def _all_of(table: exp.Table) -> exp.Select:
    return exp.select("*").from_(table.copy())


def _declared(expression: Expr) -> list[Declared]:
    is_defined = isinstance(expression.this, exp.Schema)
    return of_definition(expression.this) if is_defined else []


def run_drop(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """DROP TABLE."""
    session = cursor.session
    targets = expression.args.get("tables") or [expression.this]
    if len(targets) > 1:
        raise unsupported("DROP TABLE of several tables")
    name = statements.name_parts(targets[0], session)
    is_temporary_table = ".".join(name) in session.temporary_tables

    def drop() -> Result:
        if expression.args.get("exists") and not is_there(session, name):
            return dropped(name[2], was_there=False)
        result = cursor.run_steps(expression, params)
        if session.local.has_schema(name[0], None) and not is_temporary_table:
            LoadHistory(session.duck, name).forget()
            foreign_keys.keep(session.duck, name, ())
            leftovers.remove_files(session, *name[:2], f"%{name[2]}")
        return result

    return session.transaction.define(drop)


def is_there(session: "Session", name: Name) -> bool:
    """Tell whether a table or view exists, be it temporary."""
    return session.has_table(name) or ".".join(name) in session.temporary_tables


def run_create_view(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """CREATE VIEW: the comment of another view that had its name is gone."""
    session = cursor.session
    name = statements.name_parts(statements.target_table(expression), session)

    def create() -> Result:
        if expression.args.get("exists") and is_there(session, name):
            return status(f"{name[2]} already exists, statement succeeded.")
        result = cursor.run_steps(expression, params)
        _forget_other_comment(session, expression, name)
        return result

    return session.transaction.define(create)


def _forget_other_comment(session: "Session", expression: Expr, name: Name) -> None:
    """Forget the comment of what had the name before."""
    properties = expression.args.get("properties")
    given = properties.expressions if properties else ()
    if not any(isinstance(one, exp.SchemaCommentProperty) for one in given):
        leftovers.forget_comment(session, name)


_KEPT = "_fs_global._fs_information_schema._fs_{}_ext"
_NAMED = "ext_table_catalog = ?, ext_table_schema = ?, ext_table_name = ?"
_OF = _NAMED.replace(",", " AND")


def is_rename(expression: Expr) -> bool:
    """Tell whether a statement gives a table another name."""
    is_of_table = isinstance(expression, exp.Alter) and expression.args.get("kind") == "TABLE"
    return is_of_table and expression.find(exp.AlterRename) is not None


def run_rename(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """ALTER TABLE … RENAME TO: what is declared and what was loaded follows."""
    session = cursor.session
    name = statements.name_parts(expression.this, session)
    new = statements.name_parts(expression.args["actions"][0].this, session)
    is_temporary_table = ".".join(name) in session.temporary_tables
    if session.has_table(new):
        raise already_exists(new[2])

    def rename() -> Result:
        result = cursor.run_steps(expression, params)
        if is_temporary_table:
            session.temporary_tables[".".join(new)] = session.temporary_tables.pop(".".join(name))
            return result
        _follow(session.duck, name, new)
        _follow_in_account(session.duck, name, new)
        return result

    return session.transaction.define(rename)


def _follow(duck: duckdb.DuckDBPyConnection, name: Name, new: Name) -> None:
    """Let what the table's database keeps of it follow it to its new name."""
    Declarations(duck, name).rename(new)
    foreign_keys.rename(duck, name, new)
    LoadHistory(duck, name).rename(new)


def _follow_in_account(duck: duckdb.DuckDBPyConnection, name: Name, new: Name) -> None:
    """Let lengths and the table's comment follow it too, which the account's database keeps."""
    for told in ("columns", "tables"):
        duck.execute(f"DELETE FROM {_KEPT.format(told)} WHERE {_OF}", new)
        duck.execute(f"UPDATE {_KEPT.format(told)} SET {_NAMED} WHERE {_OF}", [*new, *name])


def is_swap(expression: Expr) -> bool:
    """Tell whether a statement gives two tables each other's name."""
    return isinstance(expression, exp.Alter) and expression.find(exp.SwapTable) is not None


def run_swap(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """ALTER TABLE … SWAP WITH: what is declared and what was loaded goes with the rows.

    Raises:
        StatementFailed: 2003 without one of the tables, 2 for temporary ones and another schema.
    """
    session, duck = cursor.session, cursor.session.duck
    name = statements.name_parts(expression.this, session)
    other = statements.name_parts(expression.args["actions"][0].this, session)
    if expression.args.get("exists") and not session.has_table(name):
        return status()
    _refuse_swap(session, name, other)
    between = (*name[:2], f"_SWAPPED_{secrets.token_hex(8)}")
    renames = ((name, between), (other, name), (between, other))

    def swap() -> None:
        for old, new in renames:
            place = ".".join(f'"{part}"' for part in old)
            duck.execute(f'ALTER TABLE {place} RENAME TO "{new[2]}"')
            _follow(duck, old, new)

    def swap_all() -> Result:
        session.transaction.at_once(swap)
        for old, new in renames:
            _follow_in_account(duck, old, new)
        return status()

    return session.transaction.define(swap_all)


def _refuse_swap(session: "Session", name: Name, other: Name) -> None:
    if name[:2] != other[:2] or name == other:
        raise unsupported("SWAP WITH a table of another schema, or itself")
    if session.temporary_tables.keys() & {".".join(name), ".".join(other)}:
        raise unsupported("SWAP WITH of temporary tables")
    for table in (name, other):
        clones.definition(session.duck, table)  # fails without it
