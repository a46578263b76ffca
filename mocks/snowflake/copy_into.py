"""COPY INTO a table from files on a stage, and TRUNCATE, which forgets what was loaded.

https://docs.snowflake.com/en/sql-reference/sql/copy-into-table
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from fakesnow.params import MutableParams
from fakesnow.transforms.file_format import lookup_file_format
from sqlglot import Expr, exp

from mocks.snowflake import copy_rows, copy_sources, stages, statements
from mocks.snowflake.copy_options import CopyOptions, FormatOptions, copy_options
from mocks.snowflake.errors import StatementFailed, unsupported
from mocks.snowflake.load_history import LoadedFile, LoadHistory
from mocks.snowflake.results import Result, rows, status

if TYPE_CHECKING:
    from mocks.snowflake.cursor import LocalCursor

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
    url: str
    select: exp.Select | None
    options: CopyOptions


def run(cursor: "LocalCursor", expression: Expr, _: MutableParams | None) -> Result:
    """Load files that the table hasn't loaded yet; one row of the answer each.

    Files named in FILES that were loaded before are told as LOAD_SKIPPED, files found by prefix
    aren't told at all; with nothing to tell, the answer is one row that says so.

    Raises:
        StatementFailed: A file is missing or can't be read, or an option isn't exact here.
    """
    copy = _resolve(cursor, cast("exp.Copy", expression))
    return cursor.session.transaction.write(lambda: _load_all(cursor, copy))


def _resolve(cursor: "LocalCursor", expression: exp.Copy) -> Copy:
    session = cursor.session
    table = statements.target_table(expression) if expression.args.get("kind") else None
    if table is None or not isinstance(table.this, exp.Identifier | exp.Anonymous):
        raise unsupported("COPY INTO a stage or location")
    name = statements.name_parts(table, session)
    reference, select = _source(expression)
    options = copy_options(expression)
    url = stages.url_of(session, reference, _qualified(name))
    file_format = _format(cursor, options.file_format, reference)
    return Copy(expression.this, name, url, select, replace(options, file_format=file_format))


def _format(
    cursor: "LocalCursor", given: FormatOptions | None, reference: str
) -> FormatOptions | None:
    """The COPY's own format, over the named one that it refers to; or the stage's."""
    session = cursor.session
    if given is None:
        given = stages.default_format(session, reference)
    if not given or "FORMAT_NAME" not in given:
        return given
    options = dict(given)
    name = str(options.pop("FORMAT_NAME"))
    return {**lookup_file_format(session.duck, name, session.database, session.schema), **options}


def _qualified(name: tuple[str, str, str]) -> exp.Table:
    return exp.table_(name[2], db=name[1], catalog=name[0], quoted=True)


def _source(expression: exp.Copy) -> tuple[str, exp.Select | None]:
    source = expression.args["files"][0]
    select = source.this if isinstance(source, exp.Subquery) else None
    table = select.args["from_"].this if isinstance(select, exp.Select) else source
    reference = table.this.name if isinstance(table.this, exp.Expression) else str(table.this)
    reference = reference.strip("'")
    if not reference.startswith("@"):
        raise unsupported("COPY INTO from a location that is no stage")
    return reference, select if isinstance(select, exp.Select) else None


def _load_all(cursor: "LocalCursor", copy: Copy) -> Result:
    history = LoadHistory(cursor.session.duck, copy.name)
    source = copy_sources.source(copy.options.file_format)
    told: list[tuple] = []
    urls = list(_urls(cursor, copy))
    loaded_before = history.digests(urls)
    for url in urls:
        cursor.session.stop_if_canceled()
        content = _read(cursor, url)
        digest = hashlib.sha256(content).hexdigest()
        if digest in loaded_before.get(url, ()) and not copy.options.force:
            if copy.options.files:
                told.append(_skipped(_told_as(cursor, url)))
            continue
        file = copy_sources.File(_path(cursor, url), content)
        count = copy_rows.load(cursor, source, file, copy)
        history.add(LoadedFile(url, digest, count))
        told.append((_told_as(cursor, url), "LOADED", count, count, 1, 0, *[None] * 4))
    if not told:
        return status(NOTHING_NEW, rowcount=0)
    return rows(tuple(_COLUMNS), told, tuple(_COLUMNS.values()))


def _skipped(file: str) -> tuple:
    return (file, "LOAD_SKIPPED", 0, 0, None, 1, "File was loaded before.", None, None, None)


def _urls(cursor: "LocalCursor", copy: Copy) -> Iterator[str]:
    if copy.options.files:
        folder = copy.url if copy.url.endswith("/") else f"{copy.url}/"
        yield from (folder + file for file in copy.options.files)
    elif copy.url.startswith("s3://"):
        yield from (found.url for found in cursor.session.local.objects.list(copy.url))
    else:
        stages_folder = cursor.session.local.folder.stages
        found = sorted(str(p) for p in stages_folder.rglob("*") if p.is_file())
        yield from (path for path in found if path.startswith(copy.url))


def _read(cursor: "LocalCursor", url: str) -> bytes:
    if url.startswith("s3://"):
        return cursor.session.local.objects.read(url)
    file = Path(url)
    is_staged = file.resolve().is_relative_to(cursor.session.local.folder.stages.resolve())
    if not is_staged or not file.is_file():  # FILES = ('../…') is no file of the stage
        told = _told_as(cursor, url) if is_staged else url.rpartition("/")[2]
        raise StatementFailed(91016, "22000", f"Remote file '{told}' was not found.")
    return file.read_bytes()


def _told_as(cursor: "LocalCursor", url: str) -> str:
    """The file as results name it: its URL on an external stage."""
    if url.startswith("s3://"):
        return url
    return stages.internal_name(cursor.session.local.folder.stages, Path(url))


def _path(cursor: "LocalCursor", url: str) -> str:
    """METADATA$FILENAME: relative to the bucket, or to the internal stage."""
    if url.startswith("s3://"):
        return url.removeprefix("s3://").partition("/")[2]
    told = stages.internal_name(cursor.session.local.folder.stages, Path(url))
    return told if "/%" in url else told.partition("/")[2]


def run_truncate(cursor: "LocalCursor", expression: Expr, params: MutableParams | None) -> Result:
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
