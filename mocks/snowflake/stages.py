"""Stages: named places of files, on S3 (external) or in the data folder (internal)."""
# ruff: noqa: S608 -- names of our own tables; values are bound

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from fakesnow import transforms
from fakesnow.copy_into import stage_url_from_var
from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake import file_formats, leftovers, statements
from mocks.snowflake.copy_options import FormatOptions, format_options
from mocks.snowflake.errors import already_exists, does_not_exist, invalid, unsupported
from mocks.snowflake.results import Result, dropped, status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mocks.snowflake.session import Cursor, Session


_STAGES = "_fs_global._fs_information_schema._fs_stages"
_FORMATS = "_fs_global._fs_information_schema._local_stage_formats"
_FILE_FORMATS = "_fs_global._fs_information_schema._fs_file_formats"
USER_STAGE = "@~, the stage of a user"
_WHERE = "WHERE database_name = ? AND schema_name = ? AND name = ?"
CATALOG_SQL = f"""
CREATE TABLE IF NOT EXISTS {_FORMATS} (
    database_name VARCHAR, schema_name VARCHAR, name VARCHAR, options VARCHAR
);
"""


@dataclass(frozen=True)
class StagedFile:
    """A file as LIST shows it."""

    name: str
    size: int
    md5: str
    last_modified: datetime


def run_create(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """CREATE [OR REPLACE] STAGE [IF NOT EXISTS].

    Raises:
        StatementFailed: 2002 when it exists, 2003 when its schema doesn't.
    """
    session = cursor.session
    expression = expression.transform(lambda e: transforms.identifier(e, params), copy=False)
    name = statements.name_parts(statements.target_table(expression), session)
    options = _options(expression)

    def create() -> Result:
        if not session.local.has_schema(name[0], name[1]):
            raise does_not_exist("Schema", ".".join(name[:2]))
        exists = session.duck.execute(f"SELECT 1 FROM {_STAGES} {_WHERE}", name).fetchone()
        if exists and not expression.args.get("replace"):
            if expression.args.get("exists"):
                return status(f"{name[2]} already exists, statement succeeded.")
            raise already_exists(name[2])
        _replace(session, name, options)
        return status(f"Stage area {name[2]} successfully created.")

    return session.transaction.define(create)


def _options(expression: Expr) -> dict[str, object]:
    found: dict[str, object] = {}
    properties = expression.args.get("properties")
    for item in properties.expressions if properties else ():
        if isinstance(item, exp.FileFormatProperty):
            given = format_options(item.expressions)
            file_formats.check(given)
            found["FILE_FORMAT"] = given
        elif type(item) is exp.Property and isinstance(item.args["value"], exp.Literal | exp.Var):
            found[item.name.upper()] = item.args["value"].name
        elif isinstance(item, exp.SchemaCommentProperty):
            found["COMMENT"] = item.name
    url = str(found.get("URL", ""))
    if url.startswith(_OTHER_CLOUDS):
        raise unsupported(f"a stage at {url.partition(':')[0]}://", "S3 alone")
    if url and not is_external(url):
        raise invalid(f"invalid URL prefix found in: '{url}'")
    return found  # credentials and directory tables mean nothing here


_OTHER_CLOUDS = ("gcs://", "azure://", "s3gov://", "s3china://", "s3compat://")


def _replace(session: "Session", name: tuple[str, str, str], options: dict[str, object]) -> None:
    url = str(options.get("URL", ""))
    duck = session.duck
    duck.execute(f"DELETE FROM {_STAGES} {_WHERE}", name)
    leftovers.remove_files(session, *name)
    duck.execute(
        f"""INSERT INTO {_STAGES} (created_on, has_credentials, has_encryption_key, owner,
            owner_role_type, directory_enabled, database_name, schema_name, name, url, comment,
            type, cloud, storage_integration)
            VALUES (now(), 'N', 'N', 'SYSADMIN', 'ROLE', 'N', ?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            *name,
            url,
            str(options.get("COMMENT", "")),
            "EXTERNAL" if url else "INTERNAL",
            "AWS" if url else None,
            options.get("STORAGE_INTEGRATION"),
        ],
    )
    duck.execute(f"DELETE FROM {_FORMATS} {_WHERE}", name)
    if file_format := options.get("FILE_FORMAT"):
        text = msgspec.json.encode(file_format).decode()
        duck.execute(f"INSERT INTO {_FORMATS} VALUES (?, ?, ?, ?)", [*name, text])


def is_external(url: str) -> bool:
    """Tell whether a stage or file is in a bucket, and not in the server's own folder."""
    return url.startswith("s3://")


def holds(session: "Session", place: Path) -> bool:
    """Tell whether a path leads into the folder of stages, without `..` and through no link."""
    folder = session.local.folder.stages
    is_straight = ".." not in place.parts[len(folder.parts) :]
    return is_straight and place.resolve().is_relative_to(folder.resolve())


def default_format(session: "Session", reference: str) -> dict[str, object] | None:
    """The file format that a stage was created with."""
    name = parts_of(session, reference)
    found = session.duck.execute(f"SELECT options FROM {_FORMATS} {_WHERE}", name).fetchall()
    return msgspec.json.decode(found[0][0]) if found else None


def named_format(session: "Session", name: str) -> dict[str, object]:
    """The options of a file format.

    Raises:
        StatementFailed: 2003 when there is no such format.
    """
    parts = statements.name_parts(statements.named(name), session)
    sql = f"SELECT options FROM {_FILE_FORMATS} {_WHERE}"
    found = session.duck.execute(sql, parts).fetchall()
    if not found:
        raise does_not_exist("File format", ".".join(parts))
    return msgspec.json.decode(found[0][0])


def resolve_format(
    session: "Session", given: FormatOptions | None, reference: str
) -> FormatOptions | None:
    """The statement's own format, over the named one that it refers to; or the stage's."""
    if given is None:
        given = default_format(session, reference)
    options = dict(given or {})
    if "FORMAT_NAME" in options:
        name = str(options.pop("FORMAT_NAME"))
        options = {**named_format(session, name), **options}
    file_formats.check(options)
    return options or given


def run_drop(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """DROP STAGE [IF EXISTS]."""
    session = cursor.session
    table = statements.dropped(expression)
    name = statements.name_parts(table, session)

    def drop() -> Result:
        sql = f"DELETE FROM {_STAGES} {_WHERE} RETURNING name"
        was_there = bool(session.duck.execute(sql, name).fetchall())
        if not was_there and not expression.args.get("exists"):
            raise does_not_exist("Stage", ".".join(name))
        session.duck.execute(f"DELETE FROM {_FORMATS} {_WHERE}", name)
        leftovers.remove_files(session, *name)
        return dropped(name[2], was_there=was_there)

    return session.transaction.define(drop)


def run_drop_format(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """DROP FILE FORMAT [IF EXISTS]."""
    session = cursor.session
    table = statements.dropped(expression)
    name = statements.name_parts(table, session)

    def drop() -> Result:
        sql = f"DELETE FROM {_FILE_FORMATS} {_WHERE} RETURNING name"
        was_there = bool(session.duck.execute(sql, name).fetchall())
        if not was_there and not expression.args.get("exists"):
            raise does_not_exist("File format", ".".join(name))
        return dropped(name[2], was_there=was_there)

    return session.transaction.define(drop)


def url_of(session: "Session", reference: str, target: exp.Table) -> str:
    """Return the S3 URL or local folder of a stage reference like ``@bronze.landing/prefix/``.

    Raises:
        StatementFailed: 2003 when there is no such stage.
    """
    parts_of(session, reference)
    return stage_url_from_var(
        reference.removeprefix("@"),
        session.duck,
        session.database,
        session.schema,
        session.table_stages,
        target,
    )


def parts_of(session: "Session", reference: str) -> tuple[str, str, str]:
    """Database, schema and name of the stage of a reference; a table's begins with ``_``."""
    parts = reference.removeprefix("@").partition("/")[0]
    if parts == "~":
        raise unsupported(USER_STAGE)
    if not parts:
        raise does_not_exist("Stage", "@")
    return statements.name_parts(statements.named(parts.replace("%", "_")), session)


def files_under(session: "Session", url: str) -> "Iterator[StagedFile]":
    """Files whose place begins so, by name; external ones by their URL."""
    if is_external(url):
        for found in session.local.objects.list(url):
            yield StagedFile(found.url, found.size, found.etag, found.last_modified)
        return
    yield from _local_files(session.local.folder.stages, url)


def _local_files(stages: Path, prefix: str) -> "Iterator[StagedFile]":
    for path in sorted(stages.rglob("*")):
        if path.is_file() and str(path).startswith(prefix):
            content = path.read_bytes()
            modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
            yield StagedFile(internal_name(stages, path), len(content), md5, modified)


def internal_name(stages: Path, path: Path) -> str:
    """A file on an internal stage as results name it: ``stage/path``, or ``path`` of a table's."""
    _, _, stage, *rest = path.relative_to(stages).parts
    return "/".join(rest if stage.startswith("%") else [stage.lower(), *rest])
