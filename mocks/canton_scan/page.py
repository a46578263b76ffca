"""The node's page: its ledger, its faults and the last requests, refreshed by itself."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from mocks.canton_scan.clock import Micros, instant_text
from mocks.canton_scan.faults import Board, Kind
from mocks.canton_scan.history import History, Position
from mocks.canton_scan.journal import Entry, Journal, get_requests
from mocks.canton_scan.ledger import Ledger
from mocks.page import POLICY, document, table

_LATENESS = {Kind.SLOW: "late", Kind.LAGGING: "behind"}


@dataclass(frozen=True)
class Growth:
    """The growth of a ledger: updates per second of its clock, and the speed of that clock."""

    rate: float
    speed: float
    is_frozen: bool


@dataclass(frozen=True)
class View:
    """The state that the page shows; `growth` is None for a recording, which doesn't grow."""

    dso_party_id: str
    count: int
    head: Position
    now: Micros
    growth: Growth | None
    faults: Sequence[Mapping[str, Any]]
    count_by_status: Mapping[str, int]
    requests: Sequence[Entry]


def collect(history: History, board: Board, journal: Journal) -> View:
    """Collect the current state that the page shows."""
    return View(
        dso_party_id=history.dso_party_id,
        count=history.count(),
        head=history.head(),
        now=history.now(),
        growth=_growth(history) if isinstance(history, Ledger) else None,
        faults=board.describe(),
        count_by_status=journal.count_by_status(),
        requests=journal.entries(),
    )


def _growth(ledger: Ledger) -> Growth:
    clock = ledger.clock()
    return Growth(ledger.rate(), clock.speed, clock.is_frozen)


async def get_page(request: Request) -> Response:
    """The node at a glance, for people."""
    state = request.app.state
    view = collect(state.history, state.board, state.journal)
    return HTMLResponse(render(view), headers=POLICY)


ROUTES = [Route("/", get_page), Route("/_mock/requests", get_requests)]


def render(view: View) -> str:
    """The page."""
    return document(
        f"Canton Scan: {view.count:,} updates",
        "Canton Scan",
        "mock of a Super Validator's node",
        f"{_ledger(view)}\n{_faults(view.faults)}\n{_requests(view)}",
    )


def _ledger(view: View) -> str:
    facts = {
        "Updates": f"{view.count:,}",
        "Migration": str(view.head.migration_id),
        "Newest update": _date_and_time(view.head.record_time),
        "Clock": f"{_date_and_time(view.now)}{_pace(view.growth)}",
        "Rate": f"{view.growth.rate:.4g} a second" if view.growth else "none, updates are replayed",
        "DSO party": html.escape(view.dso_party_id),
    }
    items = "\n".join(f"<div><dt>{name}</dt><dd>{fact}</dd></div>" for name, fact in facts.items())
    return f"<dl>\n{items}\n</dl>"


def _pace(growth: Growth | None) -> str:
    if growth is None or (growth.speed == 1 and not growth.is_frozen):
        return ""
    words = "frozen" if growth.is_frozen else f"{growth.speed:.4g} times as fast"
    return f' <span class="warn">{words}</span>'


def _faults(faults: Sequence[Mapping[str, Any]]) -> str:
    standing = [fault for fault in faults if fault["stands"]]
    rows = [
        f'<td class="warn">{html.escape(fault["kind"])}</td>'
        f'<td class="text">{html.escape(_conditions(fault))}</td>'
        f'<td class="number">met {fault["fired"]:,} times</td>'
        for fault in standing
    ]
    ended = len(faults) - len(standing)
    heading = f"<h2>Faults <small>{f'{ended} ended' if ended else ''}</small></h2>"
    none = '<p class="empty">None stands. <code>./pipeline faults storm</code> lets some stand.</p>'
    return f"{heading}\n{table('', rows) if rows else none}"


def _conditions(fault: Mapping[str, Any]) -> str:
    """Describe in words which requests a fault affects, and when."""
    chance = fault["probability"]
    words = ["every request" if chance == 1 else f"{chance * 100:.3g}% of requests"]
    if fault["path"]:
        words[0] += f" to {fault['path']}"
    if fault["kind"] in _LATENESS:
        words.append(f"{fault['seconds']:g} s {_LATENESS[fault['kind']]}")
    if fault["times"]:
        words.append(f"{fault['times']:,} times at most")
    if fault["ttl_seconds"]:
        words.append(f"stands for {fault['ttl_seconds']:g} s")
    return ", ".join(words)


def _requests(view: View) -> str:
    counts = view.count_by_status.items()
    summary = " · ".join(f"{_answer(status)}: {count:,}" for status, count in counts)
    heading = f"<h2>Requests <small>{summary}</small></h2>"
    titles = (
        "<th>Time (UTC)</th><th>Client</th><th></th><th>Path</th><th>Status</th>"
        '<th class="number">Took</th><th class="number">Sent</th>'
    )
    rows = [_request(entry) for entry in view.requests]
    none = '<p class="empty">Nobody has asked for anything yet.</p>'
    return f"{heading}\n{table(titles, rows) if rows else none}"


def _request(entry: Entry) -> str:
    answer = _answer("none" if entry.status is None else str(entry.status))
    cut = ", cut off" if entry.status is not None and not entry.is_whole else ""
    return (
        f'<td><time datetime="{entry.received_at}">{entry.received_at[11:23]}</time></td>'
        f'<td class="aside">{html.escape(entry.client)}</td>'
        f"<td>{html.escape(entry.method)}</td>"
        f'<td class="text">{html.escape(entry.path)}</td>'
        f'<td class="{_alarm(entry)}">{answer}{cut}</td>'
        f'<td class="number aside">{entry.milliseconds:,.1f} ms</td>'
        f'<td class="number aside">{entry.body_bytes:,} B</td>'
    )


def _answer(status: str) -> str:
    return "no answer" if status == "none" else status


def _alarm(entry: Entry) -> str:
    if entry.status is None or entry.status >= 500 or not entry.is_whole:
        return "bad"
    return "warn" if entry.status >= 400 else ""


def _date_and_time(at: Micros) -> str:
    text = instant_text(at)
    return f'<time datetime="{text}">{text[:10]} {text[11:23]} UTC</time>'
