"""ALTER COLUMN … SET DATA TYPE: what Snowflake allows, which is little.

A text may become longer, a NUMBER have another precision; all else is an error.
https://docs.snowflake.com/en/sql-reference/sql/alter-table-column
"""
# ruff: noqa: S608 -- names of our own tables and of the statement; values are bound

import re
from typing import TYPE_CHECKING

import duckdb
from sqlglot import Expr, exp

from mocks.snowflake import clones, describe_table, statements
from mocks.snowflake.declared_columns import Declarations, comment_on, comments, folded
from mocks.snowflake.errors import compilation, unsupported

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor

Name = tuple[str, str, str]
_Type = exp.DataType.Type
_MOST = 16777216
_NUMBER = re.compile(r"NUMBER\((\d+),(\d+)\)")
_TEXT = re.compile(r"VARCHAR\((\d+)\)")
_TOLD = {
    **dict.fromkeys((_Type.FLOAT, _Type.DOUBLE), "FLOAT"),
    **dict.fromkeys((_Type.TIMESTAMP, _Type.TIMESTAMPNTZ), "TIMESTAMP_NTZ(9)"),
    _Type.TIMESTAMPLTZ: "TIMESTAMP_LTZ(9)", _Type.TIMESTAMPTZ: "TIMESTAMP_TZ(9)",
    _Type.BOOLEAN: "BOOLEAN", _Type.DATE: "DATE", _Type.TIME: "TIME(9)", _Type.ARRAY: "ARRAY",
    _Type.OBJECT: "OBJECT", _Type.VARIANT: "VARIANT", _Type.BINARY: "BINARY(8388608)",
}  # fmt: skip
_CHANGED = "_changed_table"


def change(cursor: "Cursor", table: exp.Table, action: exp.AlterColumn) -> bool:
    """Tell whether a change of a column's type is done with; DuckDB does it otherwise.

    Raises:
        StatementFailed: 2108, or 40050 for a shorter text.
    """
    described = statements.parse("DESCRIBE TABLE t")
    described.set("this", table.copy())
    found = describe_table.run(cursor, described, None).table.to_pylist()
    column = folded(action.this)
    kinds = {row["name"]: row["type"] for row in found}
    if column not in kinds:
        raise compilation(904, "42000", f"invalid identifier '{column}'")
    old, new = kinds[column], spelled(action.args["dtype"])
    if old == new:
        return True
    told = f"cannot change column {column} from type {old} to {new}"
    texts = [_TEXT.fullmatch(kind) for kind in (old, new)]
    if texts[0] and texts[1]:
        length, wanted = (int(text[1]) for text in texts if text)
        if wanted < length:
            why = "because reducing the byte-length of varchar is not supported."
            raise compilation(40050, "22000", f"{told} {why}")
        _lengthen(cursor, statements.name_parts(table, cursor.session), column, wanted)
        return True
    numbers = [_NUMBER.fullmatch(kind) for kind in (old, new)]
    if not numbers[0] or not numbers[1] or numbers[0][2] != numbers[1][2]:
        raise compilation(2108, "22000", told)
    return False


def spelled(kind: exp.DataType) -> str:
    """A type as DESCRIBE tells it."""
    sizes = [int(size.name) for size in kind.expressions if isinstance(size.this, exp.Literal)]
    if kind.this in exp.DataType.TEXT_TYPES:
        one = 1 if kind.this in (_Type.CHAR, _Type.NCHAR) else _MOST
        return f"VARCHAR({sizes[0] if sizes else one})"
    if kind.this in exp.DataType.INTEGER_TYPES:
        return "NUMBER(38,0)"
    if kind.this == _Type.DECIMAL:
        precision, scale = [*sizes, *(38, 0)[len(sizes) :]]
        return f"NUMBER({precision},{scale})"
    if kind.this not in _TOLD:
        raise unsupported(f"SET DATA TYPE {kind.sql(dialect='snowflake')}")
    return _TOLD[kind.this]


def _lengthen(cursor: "Cursor", name: Name, column: str, length: int) -> None:
    """Make the table anew: DuckDB neither changes nor drops the check of a length."""
    session = cursor.session
    if ".".join(name) in session.temporary_tables:
        raise unsupported("SET DATA TYPE of a temporary table's column")
    duck = session.duck
    definition = clones.definition(duck, name)
    for check in list(definition.find_all(exp.CheckColumnConstraint)):
        limit = check.find(exp.LTE)
        checked = limit.find(exp.Column) if limit else None
        if limit and checked and checked.name == column:
            limit.set("expression", exp.Literal.number(length))

    def lengthen() -> None:
        _make_anew(duck, name, definition)
        Declarations(duck, name).lengthen(column)

    session.transaction.at_once(lengthen)
    duck.execute(_LENGTH, [*name, column, length, min(4 * length, _MOST)])


def add(duck: duckdb.DuckDBPyConnection, name: Name, columns: list[exp.ColumnDef]) -> None:
    """Add columns, as DuckDB defines them, in the transaction that runs."""
    if any(column.find(exp.CheckColumnConstraint) for column in columns):
        definition = clones.definition(duck, name)
        definition.this.set("expressions", [*definition.this.expressions, *columns])
        return _make_anew(duck, name, definition)
    for column in columns:
        duck.execute(f"ALTER TABLE {_place(name)} ADD COLUMN {column.sql(dialect='duckdb')}")
    return None


def _make_anew(duck: duckdb.DuckDBPyConnection, name: Name, definition: Expr) -> None:
    """Make a table anew, with its rows: DuckDB neither adds, changes nor drops a check."""
    noted = comments(duck, name)
    old, new = _place(name), _place((*name[:2], _CHANGED))
    listed = duck.execute(f"SELECT * FROM {old} LIMIT 0").description or ()
    columns = ", ".join(_quoted(column) for column, *_ in listed)
    clones.rename(definition, (*name[:2], _CHANGED))
    for step in (
        definition.sql(dialect="duckdb"),
        f"INSERT INTO {new} ({columns}) SELECT * FROM {old}",
        f"DROP TABLE {old}",
        f"ALTER TABLE {new} RENAME TO {_quoted(name[2])}",
    ):
        duck.execute(step)
    for of, comment in noted.items():
        comment_on(duck, name, of, comment)


def _place(name: Name) -> str:
    return ".".join(map(_quoted, name))


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect="duckdb")


_LENGTH = """
    INSERT OR REPLACE INTO _fs_global._fs_information_schema._fs_columns_ext
    VALUES (?, ?, ?, ?, ?, ?)
"""
