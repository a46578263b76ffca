"""One file's rows into the table of a COPY: ``INSERT INTO table SELECT … FROM the file``."""

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
from sqlglot import Expr, exp

from mocks.snowflake.copy_sources import File, Source
from mocks.snowflake.dialect import pipeline
from mocks.snowflake.errors import unsupported

if TYPE_CHECKING:
    from mocks.snowflake.copy_into import Copy
    from mocks.snowflake.cursor import LocalCursor

ROWS = "_copied_rows"
_METADATA = frozenset({"METADATA$FILENAME", "METADATA$FILE_ROW_NUMBER"})


def load(cursor: "LocalCursor", source: Source, file: File, copy: "Copy") -> int:
    """Insert a file's rows; how many they are."""
    table = source.read(file)
    with cursor.session.temporary_rows(ROWS, _with_metadata(table, file)) as duck:
        try:
            insert = pipeline.rewrite(_insert(copy, source, table), cursor.session, None)
            (count,) = duck.execute(insert.sql(dialect="duckdb")).fetchall()[0]
        except duckdb.Error:
            source.explain(file)
            raise
    return count


def _with_metadata(table: pa.Table, file: File) -> pa.Table:
    numbers = pa.array(range(1, table.num_rows + 1), pa.int64())
    names = pa.array([file.path] * table.num_rows, pa.string())
    table = table.append_column("METADATA$FILENAME", names)
    return table.append_column("METADATA$FILE_ROW_NUMBER", numbers)


def _insert(copy: "Copy", source: Source, table: pa.Table) -> exp.Insert:
    if copy.select is None:
        columns = _matched(copy, source, table)
    else:
        select = exp.select(*(column.copy() for column in copy.select.expressions))
        columns = _resolved(select, source, table).expressions
    rows = exp.table_(ROWS, quoted=True)
    return exp.Insert(this=copy.target.copy(), expression=exp.select(*columns).from_(rows))


def _resolved(select: exp.Select, source: Source, table: pa.Table) -> exp.Select:
    """The COPY's SELECT over the file's own columns."""
    for parameter in list(select.find_all(exp.Parameter)):
        number = int(parameter.name)
        node = parameter.parent if isinstance(parameter.parent, exp.Column) else parameter
        path = _path(node)
        column = source.column(number, path, table) if path else None
        if column is not None:
            _extraction(node).replace(column)
        else:
            node.replace(source.column(number, "", table))
    for column in select.find_all(exp.Column):
        name = column.name.upper()
        if name.startswith("METADATA$") and name not in _METADATA:
            raise unsupported(name)
    return select


def _path(node: Expr) -> str:
    """The first name of ``$1:name``; empty for ``$1`` alone."""
    if not isinstance(node.parent, exp.JSONExtract) or node.arg_key != "this":
        return ""
    key = node.parent.expression.find(exp.JSONPathKey)
    return str(key.this) if key is not None else ""


def _extraction(node: Expr) -> Expr:
    return node.parent if isinstance(node.parent, exp.JSONExtract) else node


def _matched(copy: "Copy", source: Source, table: pa.Table) -> list[Expr]:
    """Without a SELECT: the whole row, or the columns of the same names."""
    if copy.options.match_by_column_name == "NONE":
        return source.whole_row(table)
    if not isinstance(copy.target, exp.Schema):
        raise unsupported("MATCH_BY_COLUMN_NAME without a list of columns")
    ignores_case = copy.options.match_by_column_name == "CASE_INSENSITIVE"
    names = {name.upper() if ignores_case else name: name for name in table.column_names}
    wanted = [c.name if c.args.get("quoted") else c.name.upper() for c in copy.target.expressions]
    return [
        exp.column(names[name], quoted=True) if name in names else exp.null()
        for name in (w.upper() if ignores_case else w for w in wanted)
    ]
