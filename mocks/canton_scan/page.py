"""The node at a glance: its ledger, its faults and who asked for what, refreshed by itself."""

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

_POLICY = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
_LATENESS = {Kind.SLOW: "late", Kind.LAGGING: "behind"}
_STYLE = """
:root { color-scheme: light dark; font: 15px/1.46 system-ui, sans-serif; background: Canvas;
  --quiet: light-dark(#666, #999); --warn: light-dark(#8a5a00, #e8b04a);
  --bad: light-dark(#b3261e, #ff8a80); }
body { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline;
  gap: 0 1rem; border-bottom: 1px solid #8884; padding-bottom: .5rem; }
h1 { font-size: 1.25rem; margin: 0; }
h2 { font-size: 1rem; margin: 1.8rem 0 .3rem; }
h2 small, header p, dt, th, .empty { color: var(--quiet); font-size: .85rem; font-weight: normal; }
header p, .empty, dl, dd { margin: 0; }
dl { display: flex; flex-wrap: wrap; gap: .8rem 2.4rem; padding-top: .9rem; }
dd { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem 1rem .25rem 0; vertical-align: top; }
td { border-top: 1px solid #8882; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
td.text { white-space: normal; overflow-wrap: anywhere; width: 99%; }
.number { text-align: right; }
.warn { color: var(--warn); }
.bad { color: var(--bad); }
@media (max-width: 45rem) {
  thead { display: none; }
  tr { display: flex; flex-wrap: wrap; gap: 0 .8rem; border-top: 1px solid #8882;
    padding: .3rem 0; }
  td { border: 0; padding: 0; }
  td.text { width: auto; flex: 1 0 100%; order: 1; }
  td.aside { order: 2; color: var(--quiet); font-size: .85rem; }
}
"""


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
    return HTMLResponse(render(view), headers=_POLICY)


ROUTES = [Route("/", get_page), Route("/_mock/requests", get_requests)]


def render(view: View) -> str:
    """The page."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="3">
<title>Canton Scan: {view.count:,} updates</title>
<style>{_STYLE}</style>
</head>
<body>
<header><h1>Canton Scan</h1><p>mock of a Super Validator's node</p></header>
<main>
{_ledger(view)}
{_faults(view.faults)}
{_requests(view)}
</main>
</body>
</html>
"""


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
    return f"{heading}\n{_table('', rows) if rows else none}"


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
    return f"{heading}\n{_table(titles, rows) if rows else none}"


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


def _table(titles: str, rows: Sequence[str]) -> str:
    head = f"<thead><tr>{titles}</tr></thead>\n" if titles else ""
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table>\n{head}<tbody>\n{body}\n</tbody>\n</table>"


def _date_and_time(at: Micros) -> str:
    text = instant_text(at)
    return f'<time datetime="{text}">{text[:10]} {text[11:23]} UTC</time>'
