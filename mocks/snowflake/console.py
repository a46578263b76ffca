"""The server at a glance: who is logged in, what runs, locks and ran, and how large it all is.

Unlike Snowflake's pages, this one takes no login, so it shows no password, token or bound value.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from mocks.page import document, table
from mocks.snowflake.activity import Statement
from mocks.snowflake.sessions import Session, Sessions
from mocks.snowflake.warehouse import Warehouse


def page(warehouse: Warehouse, sessions: Sessions) -> str:
    """The page, as of now."""
    opened = sessions.all()
    running, ended = warehouse.activity.running(), warehouse.activity.ended()
    sections = (
        _section("Sessions", _SESSIONS, map(_session, opened), "Nobody is logged in."),
        _section("Running", _STATEMENTS, map(_statement, running), "No statement runs."),
        _section("Locks", _LOCKS, _locks(warehouse), "No table is locked."),
        _section("Last statements", _STATEMENTS, map(_statement, ended), "None has run yet."),
        _section("Sizes", _SIZES, _sizes(warehouse), ""),
    )
    title = f"Local Snowflake: {len(opened)} sessions"
    return document(
        title, "Local Snowflake", "read-only; no Snowflake has this", "\n".join(sections)
    )


_SESSIONS = ("Session", "User", "Role", "Schema", "Transaction", "Last used")
_STATEMENTS = ("Began (UTC)", "Session", "Statement, and what DuckDB ran", "Took", "Query id")
_LOCKS = ("Table", "Session", "Transaction", "")
_SIZES = ("What", "Bytes")


def _section(name: str, titles: Sequence[str], rows: Iterable[str], none: str) -> str:
    found = list(rows)
    heads = "".join(f"<th>{title}</th>" for title in titles)
    shown = table(heads, found) if found else f'<p class="empty">{none}</p>'
    return f"<h2>{name}</h2>\n{shown}"


def _session(session: Session) -> str:
    connection = session.connection
    who, label = connection.identity, connection.transaction.label
    place = ".".join(filter(None, (connection.database, connection.schema)))
    began = f"{label.name}, since {_time(label.started_on)}" if label else ""
    used = "runs" if session.is_busy else f"{time.monotonic() - session.used_at:,.0f} s ago"
    return _cells(who.session_id, who.user, who.role or "", place, began, used)


def _statement(one: Statement) -> str:
    texts = "".join(f'<pre tabindex="0">{escape(text)}</pre>' for text in (one.text, *one.ran))
    failed = f'<p class="bad">{escape(one.error)}</p>' if one.error else ""
    now = datetime.now(UTC)
    took = (now - one.started_at).total_seconds() if one.seconds is None else one.seconds
    return (
        f"{_cells(_time(one.started_at), one.origin.identity.session_id)}"
        f'<td class="text">{texts}{failed}</td>'
        f'<td class="number aside">{took:,.3f} s</td>{_cells(one.query_id)}'
    )


def _locks(warehouse: Warehouse) -> list[str]:
    sessions = {one.transaction: one for one in list(warehouse.connections.values())}
    return [
        _cells(
            name,
            sessions[owner].identity.session_id,
            owner.label.name if owner.label else "autocommit",
            "holds" if is_held else "waits",
        )
        for name, owner, is_held in warehouse.locks.held()
        if owner in sessions
    ]


def _sizes(warehouse: Warehouse) -> list[str]:
    folder = warehouse.folder
    files = {"account": folder.account, **dict(folder.databases())}
    sizes = {name: _bytes(file) + _bytes(Path(f"{file}.wal")) for name, file in files.items()}
    stages = sum(_bytes(file) for file in folder.stages.rglob("*"))
    return [_cells(name, f"{size:,}") for name, size in (*sizes.items(), ("stages", stages))]


def _bytes(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:  # no log is left, or a file was just removed
        return 0


def _time(at: datetime) -> str:
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"


def _cells(*values: object) -> str:
    return "".join(f"<td>{escape(str(value))}</td>" for value in values)
