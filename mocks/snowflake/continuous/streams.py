"""Streams: what changed in a table since a statement that wrote rows last read it.

https://docs.snowflake.com/en/user-guide/streams-intro
"""

import contextlib
import re
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake import result_scan, statements
from mocks.snowflake.continuous import changes
from mocks.snowflake.continuous.changes import Log
from mocks.snowflake.continuous.definitions import DynamicTable, Path, Stream
from mocks.snowflake.continuous.guard import changed_tables
from mocks.snowflake.continuous.listing import NAME, dropped, path_of, shown
from mocks.snowflake.errors import already_exists, does_not_exist, invalid, unsupported
from mocks.snowflake.results import Result, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session

_CREATE = re.compile(
    rf"""create\s+(?P<replace>or\s+replace\s+)?stream\s+(?P<exists>if\s+not\s+exists\s+)?
    (?P<name>{NAME})\s+on\s+(?P<kind>[a-z ]+?)\s+(?P<table>{NAME})(?P<options>.*?);?\s*""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_OPTION = re.compile(
    r"\s*(append_only|show_initial_rows|comment)\s*=\s*(true|false|'(?:[^']|'')*')", re.IGNORECASE
)
_HAS_DATA = "SYSTEM$STREAM_HAS_DATA"
_WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.MultitableInserts)
_OF_NAMES = {"this", "db", "catalog", "alias", "joins"}
_READS = (exp.Query, *_WRITES)
_LOGGED = (*_WRITES, exp.TruncateTable, exp.Copy)
_COLUMNS = {
    "created_on": "TIMESTAMP", "name": "VARCHAR", "database_name": "VARCHAR",
    "schema_name": "VARCHAR", "owner": "VARCHAR", "comment": "VARCHAR", "table_name": "VARCHAR",
    "source_type": "VARCHAR", "base_tables": "VARCHAR", "type": "VARCHAR", "stale": "VARCHAR",
    "mode": "VARCHAR", "stale_after": "TIMESTAMP", "invalid_reason": "VARCHAR",
    "owner_role_type": "VARCHAR",
}  # fmt: skip
_TABLE = """
    SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND schema_name = ? AND table_name = ?
"""


def create(cursor: "Cursor", text: str) -> Result:
    """CREATE STREAM … ON TABLE.

    Raises:
        StatementFailed: 2 for what isn't answered here, 2003 without the table, 2002 for a name
        that is taken.
    """
    asked = _CREATE.fullmatch(text)
    if asked is None:
        raise invalid("syntax error: CREATE STREAM name ON TABLE name")
    if asked["kind"].upper() != "TABLE":
        raise unsupported(f"streams on {asked['kind'].upper()}")
    given = {name.upper(): value for name, value in _OPTION.findall(asked["options"])}
    if rest := _OPTION.sub("", asked["options"]).strip():
        raise unsupported(f"CREATE STREAM … {rest}")
    session = cursor.session
    path, table = path_of(asked["name"], session), path_of(asked["table"], session)
    stream = Stream(
        path,
        table,
        is_append_only=given.get("APPEND_ONLY", "").upper() == "TRUE",
        comment=given.get("COMMENT", "")[1:-1].replace("''", "'"),
    )
    known = session.local.definitions
    if asked["exists"] and known.find(Stream, path):
        return status(f"{path[2]} already exists, statement succeeded.")
    if session.has_table(path) or (known.find(Stream, path) and not asked["replace"]):
        raise already_exists(path[2])
    if any(one.path != path and _folded(one.path) == _folded(path) for one in known.of(Stream)):
        raise unsupported("streams whose names differ by case alone")
    _refuse_table(session, path[0], table)
    with_rows = given.get("SHOW_INITIAL_ROWS", "").upper() == "TRUE"
    log = _log(session, stream)
    known.keep(session, stream, after=lambda: log.create(with_rows=with_rows))
    return status(f"Stream {path[2]} successfully created.")


def _folded(path: Path) -> str:
    return ".".join(f'"{part}"' for part in path).casefold()


def _refuse_table(session: "Session", database: str, table: Path) -> None:
    name = ".".join(table)
    if table[0] != database:
        raise unsupported("streams on tables of another database")
    if name in session.temporary_tables or session.local.definitions.find(DynamicTable, table):
        raise unsupported("streams on temporary and dynamic tables")
    if session.duck.execute(_TABLE, table).fetchone() is None:
        if session.has_table(table):
            raise unsupported("streams on views")
        raise does_not_exist("Table", name)
    others = [c for c in session.local.connections.values() if c is not session]
    if any(other.transaction.has_begun for other in others):
        raise unsupported("CREATE STREAM while a transaction is open that has written")


def drop(cursor: "Cursor", text: str) -> Result:
    """DROP STREAM."""
    session = cursor.session

    def with_log(stream: Stream) -> None:
        session.local.definitions.drop(session, stream, after=_log(session, stream).drop)

    return dropped(session, text, Stream, with_log)


def show(cursor: "Cursor", text: str) -> Result:
    """SHOW STREAMS."""
    found = []
    for stream in cursor.session.local.definitions.of(Stream):
        database, schema, name = stream.path
        table, mode = ".".join(stream.table), "APPEND_ONLY" if stream.is_append_only else "DEFAULT"
        row = (
            stream.created_at.replace(tzinfo=None), name, database, schema, "SYSADMIN",
            stream.comment, table, "Table", table, "DELTA", "false", mode, None, "N/A", "ROLE",
        )  # fmt: skip
        found.append((stream.path, row))
    return shown(cursor.session, text, _COLUMNS, found)


def ends(session: "Session") -> dict[Path, list[int]]:
    """The end of each stream by now, for a transaction that begins: the numbers of statements."""
    streams = session.local.definitions.of(Stream)
    return {stream.path: _log(session, stream).statements() for stream in streams}


@contextlib.contextmanager
def followed(session: "Session", expression: Expr) -> Generator[None]:
    """Give a statement the rows of the streams that it reads, and streams what it changes.

    Raises:
        StatementFailed: 2 for what neither is a query nor writes rows, and names a stream.
    """
    known = session.local.definitions.of(Stream)
    if not known or isinstance(expression, exp.Show | exp.Use):
        yield
        return
    read = [(node, stream) for node in expression.find_all(exp.Table)
            if (stream := _of_node(session, node)) is not None]  # fmt: skip
    _refuse_other(session, expression, [node for node, _ in read])
    _answer_has_data(session, expression)
    if not isinstance(expression, _LOGGED):
        with _lent(session, read):
            yield
        return
    changed = {statements.name_parts(table, session) for table in changed_tables(expression)}
    written = [stream for stream in known if stream.table in changed]
    if not (read or written):
        yield
        return
    databases = {path[0] for path in (*changed, *(stream.path for _, stream in read))}
    if read and len(databases) > 1:
        raise unsupported("writing rows of a stream into another database")
    inserts_alone = isinstance(expression, exp.Insert | exp.Copy | exp.MultitableInserts)
    inserts_alone = inserts_alone and not expression.args.get("overwrite")

    @contextlib.contextmanager
    def around() -> Generator[None]:
        with contextlib.ExitStack() as stack:
            ends = stack.enter_context(_lent(session, read))
            for table in {stream.table for stream in written}:
                logs = [_log(session, one) for one in written if one.table == table]
                stack.enter_context(changes.logged(logs, inserts_alone=inserts_alone))
            yield
        for stream, numbers in ends:
            _log(session, stream).forget(numbers)

    locks = sorted({".".join(stream.path) for _, stream in read})
    with session.transaction.accompanied(around, locks):
        yield


def _of_node(session: "Session", node: exp.Table) -> Stream | None:
    if not isinstance(node.this, exp.Identifier) or not (session.database or node.catalog):
        return None
    if not (session.schema or node.db) or statements.is_of_query(node):
        return None
    return session.local.definitions.find(Stream, statements.name_parts(node, session))


def _refuse_other(session: "Session", expression: Expr, nodes: Sequence[exp.Table]) -> None:
    if nodes and not isinstance(expression, _READS):
        raise unsupported(f"{expression.key.upper()} of a stream", "INSERT INTO … SELECT reads it")
    for node in nodes:
        if others := [name for name in node.args if node.args[name] and name not in _OF_NAMES]:
            raise unsupported(f"{others[0].upper()} of a stream", "a query of it can stand there")
    if any(table is node for table in changed_tables(expression) for node in nodes):
        raise invalid("a stream is read, and changes with its table alone")
    known = session.local.definitions.of(Stream)
    if isinstance(expression, exp.Drop | exp.Alter | exp.Create):
        for table in changed_tables(expression):
            if statements.name_parts(table, session) in {stream.table for stream in known}:
                raise unsupported(
                    f"{expression.key.upper()} of a table with a stream", "DROP STREAM first"
                )


def _answer_has_data(session: "Session", expression: Expr) -> None:
    for call in list(expression.find_all(exp.Anonymous)):
        if call.name.upper() == _HAS_DATA:
            name = call.expressions[0] if len(call.expressions) == 1 else None
            if not isinstance(name, exp.Literal):
                raise invalid(f"{_HAS_DATA} takes the name of a stream as a text")
            stream = session.local.definitions.get(Stream, path_of(name.name, session))
            call.replace(exp.Boolean(this=_read(session, stream)[1].rowcount > 0))


@contextlib.contextmanager
def _lent(
    session: "Session", read: Sequence[tuple[exp.Table, Stream]]
) -> Generator[list[tuple[Stream, list[int]]]]:
    """Write the rows of streams in place of their names; yield how far each goes."""
    ends = []
    with contextlib.ExitStack() as stack:
        for number, (node, stream) in enumerate(read):
            numbers, result = session.transaction.read(lambda one=stream: _read(session, one))
            name = f"_stream_{number}"
            rows = stack.enter_context(result_scan.typed_rows(session, result, name))
            alias = node.args.get("alias") or exp.TableAlias(this=node.this.copy())
            joins = node.args.get("joins")
            node.replace(exp.Subquery(this=rows, alias=alias.copy(), joins=joins))
            ends.append((stream, numbers))
        yield ends


def _read(session: "Session", stream: Stream) -> tuple[list[int], Result]:
    """The end of a stream, and its changes: the same ones throughout a transaction.

    Nobody else can move its offset meanwhile: a transaction that reads a stream locks it.
    """
    transaction, log = session.transaction, _log(session, stream)
    if not transaction.is_open:
        numbers = log.statements()
        return numbers, log.changes(numbers)
    transaction.hold(".".join(stream.path))
    numbers = transaction.stream_ends.setdefault(stream.path, log.statements())
    rows = transaction.stream_rows
    if stream.path not in rows:
        rows[stream.path] = log.changes(numbers)
    return numbers, rows[stream.path]


def _log(session: "Session", stream: Stream) -> Log:
    return Log(session.duck, stream.path, stream.table, stream.is_append_only)
