"""COPY INTO a table from files on a stage, and TRUNCATE, which forgets what was loaded.

https://docs.snowflake.com/en/sql-reference/sql/copy-into-table
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import duckdb
import pyarrow as pa
from fakesnow import transforms
from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake import copy_rows, copy_sources, stage_files, stages, statements, unload
from mocks.snowflake.copy_options import CopyOptions, copy_options
from mocks.snowflake.declared_columns import folded
from mocks.snowflake.errors import StatementFailed, does_not_exist, invalid, unsupported
from mocks.snowflake.load_history import LoadedFile, LoadHistory
from mocks.snowflake.results import Result, rows, status
from mocks.snowflake.translation import from_duckdb

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session

_COLUMNS = {
    "file": "VARCHAR",
    "status": "VARCHAR",
    "rows_parsed": "BIGINT",
    "rows_loaded": "BIGINT",
    "error_limit": "BIGINT",
    "errors_seen": "BIGINT",
    "first_error": "VARCHAR",
    "first_error_line": "BIGINT",
    "first_error_character": "BIGINT",
    "first_error_column_name": "VARCHAR",
}
NOTHING_NEW = "Copy executed with 0 files processed."


@dataclass(frozen=True)
class Copy:
    """A COPY INTO, resolved: where from, what, how."""

    target: exp.Expression
    name: tuple[str, str, str]
    columns: list[str]
    """The names of the columns that are loaded."""
    stage: str
    """The URL, or folder, of the stage."""
    url: str
    """The place of the files on the stage."""
    select: exp.Select | None
    options: CopyOptions


def run(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """Load files that the table hasn't loaded yet; one row of the answer each.

    Files named in FILES that were loaded before are told as LOAD_SKIPPED, files found by prefix
    aren't told at all; with nothing to tell, the answer is one row that says so.

    Raises:
        StatementFailed: A file is missing or can't be read, or an option isn't exact here.
    """
    expression = _bound(expression, params)
    if unload.is_unload(expression):
        return unload.run(cursor, expression)
    copy = _resolve(cursor, cast("exp.Copy", expression))
    if copy.options.validation_mode:
        return cursor.session.transaction.read(lambda: _validate(cursor, copy))
    result = cursor.session.transaction.write(lambda: _load_all(cursor, copy))
    if copy.options.purge:
        stage_files.remove(cursor.session, _urls(cursor, copy))
    return result


def _bound(expression: Expr, params: MutableParams | None) -> Expr:
    """The statement with its bound values: of the table's name, and of options."""
    if not params:
        return expression
    expression = expression.transform(lambda e: transforms.identifier(e, params), copy=False)
    for option in expression.args.get("params") or []:
        if isinstance(option.args.get("expression"), exp.Placeholder) and params:
            option.set("expression", exp.convert(params.pop(0)))
    return expression


def _resolve(cursor: "Cursor", expression: exp.Copy) -> Copy:
    session = cursor.session
    if not expression.args.get("kind"):
        raise unsupported("COPY … TO")
    name = statements.name_parts(statements.target_table(expression), session)
    reference, select = _source(expression)
    options = copy_options(expression)
    stage = stages.url_of(session, reference.partition("/")[0], _qualified(name))
    url = stages.url_of(session, reference, _qualified(name))
    if options.purge and (stages.is_external(url) or session.transaction.is_open):
        where = "an external stage" if stages.is_external(url) else "a transaction"
        raise unsupported(f"PURGE = TRUE of {where}")
    file_format = stages.resolve_format(session, options.file_format, reference)
    _refuse_binaries(session, name, file_format or {})
    options = replace(options, file_format=file_format)
    if not session.column_names(name):
        raise does_not_exist("Table", ".".join(name))
    columns = _columns(expression.this, session, name)
    is_csv = str((file_format or {}).get("TYPE", "CSV")).upper() == "CSV"
    if is_csv and select is None and _of_type("JSON", session, name) & set(columns):
        raise unsupported("a field of a CSV in a VARIANT column", "COPY … FROM (SELECT …) casts it")
    return Copy(expression.this, name, columns, stage, url, select, options)


def _refuse_binaries(
    session: "Session", name: tuple[str, str, str], file_format: Mapping[str, object]
) -> None:
    """BINARY_FORMAT matters for columns of that type alone, which are read as HEX here."""
    written = str(file_format.get("BINARY_FORMAT", "HEX")).upper()
    if written != "HEX" and _of_type("BLOB", session, name):
        raise unsupported(f"BINARY_FORMAT = {written} for a BINARY column")


def _of_type(kind: str, session: "Session", name: tuple[str, str, str]) -> set[str]:
    """The columns of a table that DuckDB has in a type."""
    is_temporary = ".".join(name) in session.temporary_tables
    found = session.duck.execute(
        """SELECT column_name FROM duckdb_columns()
           WHERE data_type = ? AND database_name = ? AND schema_name = ? AND table_name = ?""",
        [kind, *(("temp", "main", name[2]) if is_temporary else name)],
    ).fetchall()
    return {column for (column,) in found}


def _columns(target: Expr, session: "Session", name: tuple[str, str, str]) -> list[str]:
    if isinstance(target, exp.Schema):
        columns = target.expressions
        return [folded(column) for column in columns]
    return session.column_names(name)


def _qualified(name: tuple[str, str, str]) -> exp.Table:
    return exp.table_(name[2], db=name[1], catalog=name[0], quoted=True)


def _source(expression: exp.Copy) -> tuple[str, exp.Select | None]:
    if not expression.args["files"]:
        raise unsupported("COPY INTO without FROM", "name the table's stage: FROM @%table")
    source = expression.args["files"][0]
    select = source.this if isinstance(source, exp.Subquery) else None
    table = select.args["from_"].this if isinstance(select, exp.Select) else source
    reference = table.this.name if isinstance(table.this, exp.Expression) else str(table.this)
    reference = reference.strip("'")
    if not reference.startswith("@"):
        raise unsupported("COPY INTO from a location that is no stage")
    if isinstance(select, exp.Select):
        for name, clause in select.args.items():
            if clause and name not in ("expressions", "from_", "kind"):
                raise unsupported(f"{name.strip('_').upper()} in the SELECT of COPY INTO")
    return reference, select if isinstance(select, exp.Select) else None


def _load_all(cursor: "Cursor", copy: Copy) -> Result:
    history = LoadHistory(cursor.session.duck, copy.name)
    source = copy_sources.source(copy.options.file_format)
    told: list[tuple] = []
    urls = list(_urls(cursor, copy))
    kept_as = {url: stage_files.kept_name(cursor.session, url) for url in urls}
    loaded_before = history.digests(list(kept_as.values()))
    for url in urls:
        cursor.session.stop_if_canceled()
        content = stage_files.content(cursor.session, url)
        digest = hashlib.sha256(content).hexdigest()
        if digest in loaded_before.get(kept_as[url], ()) and not copy.options.force:
            if copy.options.files:
                told.append(_skipped(stage_files.name(cursor.session, url)))
            continue
        file = stage_files.file(cursor.session, url, content)
        loaded = copy_rows.load(cursor, source, file, copy)
        if loaded.count or not loaded.faults:
            places = kept_as[url], url.removeprefix(copy.stage).lstrip("/")
            history.add(_loaded(places, digest, len(content), loaded, copy.options))
        told.append(_told(stage_files.name(cursor.session, url), loaded, copy.options))
    if not told:
        return status(NOTHING_NEW, rowcount=0)
    return rows(tuple(_COLUMNS), told, tuple(_COLUMNS.values()))


def _loaded(
    places: tuple[str, str], digest: str, size: int, loaded: copy_rows.Loaded, options: CopyOptions
) -> LoadedFile:
    return LoadedFile(
        *places,
        digest,
        size,
        loaded.count,
        loaded.parsed,
        _error_limit(loaded, options),
        [(fault.error.message, fault.line) for fault in loaded.faults],
    )


def _error_limit(loaded: copy_rows.Loaded, options: CopyOptions) -> int:
    """The number of faults with which a file is not loaded."""
    if options.on_error.startswith("SKIP_FILE_"):
        return int(options.on_error.rpartition("_")[2])
    return loaded.parsed if options.on_error == "CONTINUE" else 1


def _told(file: str, loaded: copy_rows.Loaded, options: CopyOptions) -> tuple:
    """A file's row of the answer."""
    limit = _error_limit(loaded, options)
    if not loaded.faults:
        return (file, "LOADED", loaded.parsed, loaded.count, limit, 0, *[None] * 4)
    state = "PARTIALLY_LOADED" if loaded.count else "LOAD_FAILED"
    first = loaded.faults[0]
    counts = (loaded.parsed, loaded.count, limit, len(loaded.faults))
    return (file, state, *counts, first.error.message, first.line, None, None)


def _validate(cursor: "Cursor", copy: Copy) -> Result:
    """VALIDATION_MODE: the first rows, or what is wrong with the files; nothing is loaded."""
    if copy.select is not None:
        raise invalid("VALIDATION_MODE and a COPY with a transformation exclude each other")
    source = copy_sources.source(copy.options.file_format)
    urls = _urls(cursor, copy)
    if not copy.options.validation_mode.endswith("_ROWS"):
        for url in urls:
            _check(cursor, source, url, copy)
        return rows(list(_ERRORS), [], list(_ERRORS.values()))
    wanted = int(copy.options.validation_mode.split("_")[1])
    parts, types = [], ()
    for url in urls:
        if sum(part.num_rows for part in parts) < wanted or not parts:
            file = stage_files.file(cursor.session, url)
            part, types = copy_rows.validate(cursor, source, file, copy)
            parts.append(part)
    table = pa.concat_tables(parts).slice(0, wanted) if parts else pa.table({})
    return Result(table, types, table.num_rows)


def _check(cursor: "Cursor", source: copy_sources.Source, url: str, copy: Copy) -> None:
    try:
        copy_rows.validate(cursor, source, stage_files.file(cursor.session, url), copy)
    except (StatementFailed, duckdb.Error) as error:
        failed = from_duckdb(error) if isinstance(error, duckdb.Error) else error
        raise unsupported(
            f"VALIDATION_MODE = {copy.options.validation_mode} of a file with errors",
            failed.message,
        ) from error


_ERRORS = {
    "ERROR": "VARCHAR", "FILE": "VARCHAR", "LINE": "BIGINT", "CHARACTER": "BIGINT",
    "BYTE_OFFSET": "BIGINT", "CATEGORY": "VARCHAR", "CODE": "BIGINT", "SQL_STATE": "VARCHAR",
    "COLUMN_NAME": "VARCHAR", "ROW_NUMBER": "BIGINT", "ROW_START_LINE": "BIGINT",
    "REJECTED_RECORD": "VARCHAR",
}  # fmt: skip


def _skipped(file: str) -> tuple:
    return (file, "LOAD_SKIPPED", 0, 0, None, 1, "File was loaded before.", None, None, None)


def _urls(cursor: "Cursor", copy: Copy) -> list[str]:
    if copy.options.files:
        folder = copy.url if copy.url.endswith("/") else f"{copy.url}/"
        found = [folder + file for file in copy.options.files]
    else:
        found = stage_files.urls_under(cursor.session, copy.url)
    if copy.options.pattern is None:
        return found
    return stage_files.matching(found, copy.url, copy.options.pattern)


def run_truncate(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """TRUNCATE TABLE: the rows go, and with them the memory of the files they came from."""
    session = cursor.session

    def truncate() -> Result:
        is_missing = not session.has_table(
            statements.name_parts(expression.expressions[0], session)
        )
        if expression.args.get("exists") and is_missing:
            return status()
        expression.set("exists", None)  # DuckDB has no such clause
        for table in expression.expressions:
            LoadHistory(session.duck, statements.name_parts(table, session)).forget()
        return cursor.run_steps(expression, params)

    return session.transaction.write(
        truncate, locking=statements.locked_tables(expression, session)
    )
