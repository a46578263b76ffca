"""One file's rows into the table of a COPY: ``INSERT INTO table SELECT … FROM the file``."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
from sqlglot import Expr, exp

from mocks.snowflake import activity
from mocks.snowflake.copy_sources import METADATA, File, Rows, Source
from mocks.snowflake.dialect import pipeline
from mocks.snowflake.errors import UNSUPPORTED, StatementFailed, unsupported
from mocks.snowflake.translation import from_duckdb

if TYPE_CHECKING:
    from mocks.snowflake.copy_into import Copy
    from mocks.snowflake.session import Cursor

ROWS = "_copied_rows"
_NUMBER = "METADATA$FILE_ROW_NUMBER"
_METADATA = frozenset(
    {"METADATA$FILENAME", _NUMBER, "METADATA$FILE_LAST_MODIFIED", "METADATA$START_SCAN_TIME"}
)


@dataclass(frozen=True)
class Fault:
    """The error of a row that can't be loaded, and the line on which the row begins."""

    line: int
    error: StatementFailed


@dataclass(frozen=True)
class Loaded:
    """The result of loading one file."""

    parsed: int
    count: int
    faults: tuple[Fault, ...] = ()


def load(cursor: "Cursor", source: Source, file: File, copy: "Copy") -> Loaded:
    """Insert a file's rows, by ON_ERROR all of them or those that can be.

    Raises:
        StatementFailed: A row can't be loaded, and ON_ERROR is ABORT_STATEMENT.
    """
    rows = _read(source, file, copy)
    if copy.options.on_error != "ABORT_STATEMENT":
        return _load_good(cursor, source, file, copy, rows)
    for _, error in sorted(rows.faults.items()):
        raise error
    with cursor.session.temporary_rows(ROWS, with_metadata(rows.table, file)) as duck:
        try:
            insert = pipeline.rewrite(_insert(copy, source, rows.table), cursor.session, None)
            sql = insert.sql(dialect="duckdb", copy=False)
            activity.note(sql)
            (count,) = duck.execute(sql).fetchall()[0]
        except duckdb.Error:
            source.explain(file)
            raise
    return Loaded(rows.table.num_rows, count)


def validate(
    cursor: "Cursor", source: Source, file: File, copy: "Copy"
) -> tuple[pa.Table, tuple[str, ...]]:
    """The rows as the table would have them, with DuckDB's types; nothing is loaded.

    Raises:
        StatementFailed: A row can't be loaded.
    """
    rows = _read(source, file, copy)
    for _, error in sorted(rows.faults.items()):
        raise error
    session = cursor.session
    with (
        session.temporary_rows(ROWS, with_metadata(rows.table, file)),
        session.probe() as duck,
    ):
        insert = pipeline.rewrite(_insert(copy, source, rows.table), session, None)
        duck.begin()
        try:
            duck.execute(f"{insert.sql(dialect='duckdb')} RETURNING *")
            types = tuple(str(column[1]) for column in duck.description or ())
            return duck.to_arrow_table(), types
        except duckdb.Error:
            source.explain(file)
            raise
        finally:
            duck.rollback()


def _read(source: Source, file: File, copy: "Copy") -> Rows:
    if copy.select is not None:
        return source.read(file)
    if copy.options.match_by_column_name != "NONE":
        ignores_case = copy.options.match_by_column_name == "CASE_INSENSITIVE"
        return source.by_name(file, ignores_case=ignores_case)
    return source.read(file, len(copy.columns))


def _load_good(cursor: "Cursor", source: Source, file: File, copy: "Copy", rows: Rows) -> Loaded:
    session = cursor.session
    if ".".join(copy.name) in session.temporary_tables:
        raise unsupported(f"ON_ERROR = {copy.options.on_error} into a temporary table")
    insert = _insert(copy, source, rows.table)
    total = rows.table.num_rows
    with session.temporary_rows(ROWS, with_metadata(rows.table, file)) as duck:
        checked = insert.copy()
        number = exp.column(_NUMBER, quoted=True)
        between = exp.Between(this=number, low=exp.Placeholder(), high=exp.Placeholder())
        checked.expression.where(between, copy=False)
        sql = pipeline.rewrite(checked, session, None).sql(dialect="duckdb", copy=False)
        activity.note(sql)
        faults = dict(rows.faults)
        with session.probe() as probe:
            faults |= {
                number - 1: error
                for first, last in _runs(total, faults)
                for number, error in _refused(probe, sql, first, last)
            }
        told = tuple(Fault(rows.line(index), error) for index, error in sorted(faults.items()))
        if _is_skipped(copy.options.on_error, len(faults)):
            return Loaded(total, 0, told)
        count = 0
        for first, last in _runs(total, faults):
            count += duck.execute(sql, [first, last]).fetchall()[0][0]
    return Loaded(total, count, told)


def _is_skipped(on_error: str, faults: int) -> bool:
    """ON_ERROR = SKIP_FILE leaves a file out for one fault, SKIP_FILE_n for n of them."""
    if not on_error.startswith("SKIP_FILE"):
        return False
    return faults >= int(on_error.removeprefix("SKIP_FILE").removeprefix("_") or 1)


def _runs(total: int, faults: Iterable[int]) -> list[tuple[int, int]]:
    """First and last number of each run of rows without a fault; they count from 1."""
    ends = [-1, *sorted(faults), total]
    pairs = itertools.pairwise(ends)
    return [(before + 2, after) for before, after in pairs if before + 1 < after]


def _refused(
    duck: duckdb.DuckDBPyConnection, sql: str, first: int, last: int
) -> list[tuple[int, StatementFailed]]:
    """The rows that DuckDB refuses, found by halves; nothing is kept.

    Raises:
        StatementFailed: Snowflake would take a row, which is no fault of the file's.
    """
    duck.begin()
    try:
        duck.execute(sql, [first, last]).fetchall()
    except duckdb.Error as error:
        failure = from_duckdb(error)
    else:
        return []
    finally:
        duck.rollback()
    if failure.errno == UNSUPPORTED:
        raise failure
    if first == last:
        return [(first, failure)]
    middle = (first + last) // 2
    return [*_refused(duck, sql, first, middle), *_refused(duck, sql, middle + 1, last)]


def with_metadata(table: pa.Table, file: File) -> pa.Table:
    """The rows of a file with the columns METADATA$…."""
    count = table.num_rows
    modified = file.modified and file.modified.astimezone(UTC).replace(tzinfo=None)
    now = datetime.now(UTC)
    for name, values in {
        "METADATA$FILENAME": pa.array([file.path] * count, pa.string()),
        _NUMBER: pa.array(range(1, count + 1), pa.int64()),
        "METADATA$FILE_LAST_MODIFIED": pa.array([modified] * count, pa.timestamp("us")),
        "METADATA$START_SCAN_TIME": pa.array([now] * count, pa.timestamp("us", "UTC")),
    }.items():
        table = table.append_column(name, values)
    return table


def _insert(copy: "Copy", source: Source, table: pa.Table) -> exp.Insert:
    target = copy.target.copy()
    if copy.select is not None:
        select = exp.select(*(column.copy() for column in copy.select.expressions))
        columns = resolved(select, source, table).expressions
    elif copy.options.match_by_column_name == "NONE":
        columns = source.whole_row(table)
    else:
        target, columns = _matched(copy, source, table)
    rows = exp.table_(ROWS, quoted=True)
    return exp.Insert(this=target, expression=exp.select(*columns).from_(rows))


def resolved(select: Expr, source: Source, table: pa.Table) -> Expr:
    """A SELECT with the file's own columns in place of ``$1`` and ``$1:path``.

    Raises:
        StatementFailed: 2 for a column METADATA$… that isn't answered here.
    """
    for parameter in list(select.find_all(exp.Parameter)):
        if not parameter.name.isdigit():
            continue  # a session's variable
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
        if name.startswith(METADATA) and name not in _METADATA:
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


def _matched(copy: "Copy", source: Source, table: pa.Table) -> tuple[Expr, list[Expr]]:
    """The table with the names of its columns, and the file's columns of the same names."""
    ignores_case = copy.options.match_by_column_name == "CASE_INSENSITIVE"
    wanted = [name.upper() if ignores_case else name for name in copy.columns]
    there = set(table.column_names)
    columns = [source.named(name) if name in there else exp.null() for name in wanted]
    named = [exp.to_identifier(name, quoted=True) for name in copy.columns]
    table_ = copy.target.this if isinstance(copy.target, exp.Schema) else copy.target
    return exp.Schema(this=table_.copy(), expressions=named), columns
