"""The files on stages: found, read, removed, selected from.

https://docs.snowflake.com/en/sql-reference/sql/remove,
https://docs.snowflake.com/en/user-guide/querying-stage
"""

import contextlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake import copy_rows, copy_sources, stages
from mocks.snowflake.copy_options import FormatOptions
from mocks.snowflake.errors import StatementFailed, invalid, unsupported
from mocks.snowflake.results import Result, rows, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session

_PLACE, _PATTERN = r"(?P<place>@\S+|'@[^']*')", r"(\s+pattern\s*=\s*'(?P<pattern>[^']*)')?"
_REMOVE = re.compile(_PLACE + _PATTERN, re.IGNORECASE)
_FOLDER, _PARALLEL = r"(?P<folder>file://\S+|'file://[^']*')", r"(\s+parallel\s*=\s*\d+)?"
_GET = re.compile(rf"{_PLACE}\s+{_FOLDER}{_PARALLEL}{_PATTERN}{_PARALLEL}", re.IGNORECASE)


def urls_under(session: "Session", url: str) -> list[str]:
    """The URLs, or paths, of a stage's files that begin so."""
    if stages.is_external(url):
        return [found.url for found in session.local.objects.list(url)]
    folder = session.local.folder.stages
    found = sorted(str(p) for p in folder.rglob("*") if p.is_file())
    return [path for path in found if path.startswith(url)]


def matching(urls: Sequence[str], place: str, pattern: str) -> list[str]:
    """Those whose whole path below a place matches a regular expression.

    Raises:
        StatementFailed: 2201 for one that is none.
    """
    try:
        wanted = re.compile(pattern)
    except re.error as error:
        raise StatementFailed(2201, "42601", f"Invalid regular expression: '{pattern}'") from error
    return [url for url in urls if wanted.fullmatch(url[len(place) :].lstrip("/"))]


def content(session: "Session", url: str) -> bytes:
    """A file's bytes.

    Raises:
        StatementFailed: 91016 when there is no such file on a stage.
    """
    if stages.is_external(url):
        return session.local.objects.read(url)
    place = Path(url)
    is_staged = stages.holds(session, place)
    if not is_staged or not place.is_file():  # FILES = ('../…') is no file of the stage
        told = name(session, url) if is_staged else url.rpartition("/")[2]
        raise StatementFailed(91016, "22000", f"Remote file '{told}' was not found.")
    return place.read_bytes()


def file(session: "Session", url: str, read: bytes | None = None) -> copy_sources.File:
    """A file with what METADATA$… tell of it; its content may have been read already."""
    held = content(session, url) if read is None else read
    modified = None if stages.is_external(url) else Path(url).stat().st_mtime
    at = None if modified is None else datetime.fromtimestamp(modified, UTC)
    return copy_sources.File(_path(session, url), held, at)


def name(session: "Session", url: str) -> str:
    """The file as results name it: its URL on an external stage."""
    if stages.is_external(url):
        return url
    return stages.internal_name(session.local.folder.stages, Path(url))


def kept_name(session: "Session", url: str) -> str:
    """The file as LOAD_HISTORY names it: no other stage has a file of that name."""
    return url.removeprefix(f"{session.local.folder.stages}/")


def _path(session: "Session", url: str) -> str:
    """METADATA$FILENAME: relative to the bucket, or to the internal stage."""
    if stages.is_external(url):
        return url.removeprefix("s3://").partition("/")[2]
    told = name(session, url)
    return told if "/%" in url else told.partition("/")[2]


def remove(session: "Session", urls: Sequence[str]) -> None:
    """Delete files of internal stages.

    Raises:
        StatementFailed: 2 for one of an external stage, whose files are not the emulator's.
    """
    for url in urls:
        if stages.is_external(url):
            raise unsupported("REMOVE of an external stage's files")
        place = Path(url)
        if stages.holds(session, place):
            place.unlink(missing_ok=True)


def run_list(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """LIST @stage/path [PATTERN = '…'].

    Raises:
        StatementFailed: 2003 when there is no such stage.
    """
    session = cursor.session
    reference = expression.this.name.strip("'")
    pattern = expression.args.get("pattern")
    url = stages.url_of(session, reference, table_of(session, reference))
    found = [
        (f.name, f.size, f.md5, f"{f.last_modified:%a, %d %b %Y %H:%M:%S} GMT")
        for f in stages.files_under(session, url)
    ]
    if pattern is not None:
        kept = set(_matching_names([name for name, *_ in found], pattern.name))
        found = [row for row in found if row[0] in kept]
    names = ("name", "size", "md5", "last_modified")
    return rows(names, found, ("VARCHAR", "BIGINT", "VARCHAR", "VARCHAR"))


def is_get(expression: Expr) -> bool:
    """Tell whether a statement is GET."""
    return isinstance(expression, exp.Command) and str(expression.this).upper() == "GET"


def run_get(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """GET @stage/path file://folder [PATTERN = '…']: the client fetches the files.

    https://docs.snowflake.com/en/sql-reference/sql/get
    """
    found = _GET.fullmatch(_text(expression))
    if found is None:
        raise invalid("syntax error: GET @stage[/path] file://folder [PATTERN = '…']")
    session = cursor.session
    urls = _listed(session, found["place"].strip("'"), found["pattern"])
    if any(stages.is_external(url) for url in urls):
        raise unsupported("GET of an external stage's files")
    folder = session.local.folder.stages
    cursor.download = {
        "command": "DOWNLOAD",
        "src_locations": [name(session, url) for url in urls],
        "localLocation": found["folder"].strip("'").removeprefix("file://"),
        "parallel": 4,
        "download_paths": [str(Path(url).relative_to(folder)) for url in urls],
    }
    return status()


def is_remove(expression: Expr) -> bool:
    """Tell whether a statement is REMOVE, or RM."""
    return isinstance(expression, exp.Command) and str(expression.this).upper() in ("REMOVE", "RM")


def run_remove(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """REMOVE @stage/path [PATTERN = '…']: a row for each file that is gone."""
    found = _REMOVE.fullmatch(_text(expression))
    if found is None:
        raise invalid("syntax error: REMOVE @stage[/path] [PATTERN = '…']")
    session = cursor.session
    urls = _listed(session, found["place"].strip("'"), found["pattern"])
    told = [(name(session, url), "removed") for url in urls]
    remove(session, urls)
    return rows(("name", "result"), told, ("VARCHAR", "VARCHAR"))


def _text(command: Expr) -> str:
    said = command.expression
    return (said.name if isinstance(said, Expr) else str(said)).strip()


def _listed(session: "Session", reference: str, pattern: str | None) -> list[str]:
    """The files of a reference whose names, as LIST has them, match a pattern."""
    urls = urls_under(session, stages.url_of(session, reference, table_of(session, reference)))
    if pattern is None:
        return urls
    kept = set(_matching_names([name(session, url) for url in urls], pattern))
    return [url for url in urls if name(session, url) in kept]


def _matching_names(names: Sequence[str], pattern: str) -> list[str]:
    if not pattern.startswith(".*"):
        raise unsupported(f"PATTERN = '{pattern}'", "begin it with .*")
    return matching(names, "", pattern)


def table_of(session: "Session", reference: str) -> exp.Table:
    """The table whose own stage a reference like ``@%t`` means; of no meaning for any other."""
    database, schema, stage = stages.parts_of(session, reference)
    return exp.table_(stage.removeprefix("_"), db=schema, catalog=database, quoted=True)


def sources(expression: Expr) -> list[exp.Table]:
    """The stages that a query reads."""
    if isinstance(expression, exp.Copy | exp.Put):
        return []
    return [t for t in expression.find_all(exp.Table) if _reference(t).startswith("@")]


def _reference(table: exp.Table) -> str:
    named = table.this
    return named.name.strip("'") if isinstance(named, exp.Var | exp.Literal) else ""


@contextlib.contextmanager
def as_tables(cursor: "Cursor", expression: Expr) -> Iterator[None]:
    """Give a query rows of files in place of the stages that it reads, in place."""
    with contextlib.ExitStack() as lent:
        for number, table in enumerate(sources(expression)):
            made = f"_stage_rows_{number}"
            read, source = _all_rows(cursor.session, table)
            select = table.find_ancestor(exp.Select)
            if select is None or select.args.get("joins") or table.find_ancestor(exp.Lateral):
                raise unsupported("a stage beside other tables in a FROM", "read it in a subquery")
            copy_rows.resolved(select, source, read)
            lent.enter_context(cursor.session.temporary_rows(made, read))
            alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier("_STAGE"))
            table.replace(exp.Table(this=exp.to_identifier(made, quoted=True), alias=alias))
        yield


def _all_rows(session: "Session", table: exp.Table) -> tuple[pa.Table, copy_sources.Source]:
    reference = _reference(table)
    url = stages.url_of(session, reference, table_of(session, reference))
    urls = urls_under(session, url)
    if (pattern := table.args.get("pattern")) is not None:
        urls = matching(urls, url, pattern.name)
    source = copy_sources.source(stages.resolve_format(session, _given_format(table), reference))
    parts = []
    for place in urls:
        staged = file(session, place)
        parts.append(copy_rows.with_metadata(source.read(staged).table, staged))
    if not parts:
        nothing = copy_sources.File("", b"")
        parts = [copy_rows.with_metadata(pa.table({"$1": pa.array([], pa.string())}), nothing)]
    return pa.concat_tables(parts, promote_options="default"), source


def _given_format(table: exp.Table) -> FormatOptions | None:
    named = table.args.get("format")
    if named is None:
        return None
    text = named.name if isinstance(named, exp.Literal) else named.sql(dialect="snowflake")
    return {"FORMAT_NAME": text}
