"""The view of the home page, computed from the readings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.home import words
from local.home.lineage import BAD, BUSY, GOOD, QUIET, WARN, Layer, Node, State, layers, nodes
from local.home.place import HomePlace
from local.home.readings import DASHBOARD, PREFECT, SCAN, WAREHOUSE, Reading, Readings

_KINDS = {
    "COMPLETED": GOOD, "RUNNING": BUSY, "PENDING": BUSY, "CANCELLING": BUSY, "PAUSED": WARN,
    "FAILED": BAD, "CRASHED": BAD,
}  # fmt: skip
_PAGES = (
    ("dashboard", "Dashboard"), ("prefect", "Prefect"), ("slack", "Slack inbox"),
    ("scan", "Mocked Scan"), ("snowflake", "Local Snowflake"),
)  # fmt: skip
_TITLES = {
    "warehouse": "The warehouse", "landing": "S3", "prefect": "Prefect", "scan": "The mocked Scan",
    "slack": "The Slack inbox", "dashboard": "The dashboard",
}  # fmt: skip


@dataclass(frozen=True)
class Freshness:
    """The age of a layer's newest data by the clock of `View.now`, and the greatest age allowed.

    Attributes:
        age: Empty where the data is from later than now: `lead` tells by how much.
        share: The age as a share of the limit, 1 at most.
    """

    layer: str
    state: State
    reached_at: datetime | None
    age: str
    lead: str
    limit: str
    share: float
    committed_at: datetime | None


@dataclass(frozen=True)
class Run:
    """A flow run, with its page at Prefect."""

    name: str
    flow: str
    state: State
    started_at: datetime | None
    seconds: str
    url: str


@dataclass(frozen=True)
class Bar:
    """A minute's updates: where its bar stands in the chart, and how high it is, of 100."""

    x: int
    height: float
    count: int
    label: str


@dataclass(frozen=True)
class View:
    """The whole page.

    Attributes:
        network: The network whose data is shown; empty where there is none yet.
        networks: All networks of the warehouse.
        status: How it stands, in a sentence.
        problems: Sources that do not answer, each with the reason.
        is_planned: The nodes are as planned: Prefect answers, and has no event of them.
    """

    place: HomePlace
    readings: Readings
    now: datetime
    network: str
    networks: Sequence[str]
    status: State
    problems: Sequence[tuple[str, str]]
    nodes: Sequence[Node]
    is_planned: bool
    freshness: Sequence[Freshness]
    runs: Sequence[Run]
    bars: Sequence[Bar]
    notice: str = ""

    @property
    def links(self) -> list[tuple[str, str]]:
        """The other pages: address and title; the dashboard's for as long as it runs."""
        is_up = (self.readings[DASHBOARD].answer or {}).get("is_up", False)
        return [
            (self.place.pages[name], title)
            for name, title in _PAGES
            if name in self.place.pages and (name != DASHBOARD or is_up)
        ]

    @property
    def clock_lead(self) -> str:
        """The lead of the ledger's clock over this machine's; empty below a minute."""
        clock = (self.readings[SCAN].answer or {}).get("clock")
        shown = words.instant(clock["now"]) if clock else None
        return words.ahead((shown - self.now).total_seconds()) if shown else ""

    @property
    def most_updates(self) -> str:
        """The highest bar's count."""
        return f"{max(bar.count for bar in self.bars):,}"

    def reading(self, source: str) -> Reading:
        """A source's reading."""
        return self.readings[source]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Rows of the warehouse's reading that are about the network."""
        answer = self.readings[WAREHOUSE].answer or {}
        return [row for row in answer.get(name, ()) if row["network"] == self.network]


def view(
    place: HomePlace, readings: Readings, network: str, now: datetime, notice: str = ""
) -> View:
    """Work out the page.

    Args:
        place: Whose page it is.
        readings: What is known.
        network: The network that was asked for; empty for the Scan's own, or else the first.
        now: The time that ages are counted to.
        notice: What came of the last act of the person who looks.
    """
    networks = _networks(readings)
    shown = network if network in networks else _first(readings, networks)
    known = layers(readings, shown, now)
    drawn = nodes(readings, shown, known, now)
    problems = [
        (_TITLES[name], one.problem) for name, one in readings.by_source.items() if one.problem
    ]
    return View(
        place=place,
        readings=readings,
        now=now,
        network=shown,
        networks=networks,
        status=_status(readings, drawn),
        problems=problems,
        nodes=drawn,
        is_planned=(readings[PREFECT].answer or {}).get("assets") == [],
        freshness=[_freshness(layer) for layer in known],
        runs=_runs(readings, place.pages.get(PREFECT, "")),
        bars=_bars(readings, shown),
        notice=notice,
    )


def utc_now() -> datetime:
    """Now."""
    return datetime.now(UTC)


def _networks(readings: Readings) -> list[str]:
    answer = readings[WAREHOUSE].answer or {}
    return sorted({row["network"] for row in answer.get("layers", ())})


def _first(readings: Readings, networks: Sequence[str]) -> str:
    served = (readings[SCAN].answer or {}).get("network", "")
    return served if served or not networks else networks[0]


def _status(readings: Readings, drawn: Sequence[Node]) -> State:
    """The worst of the nodes, and which they are."""
    if readings.is_pending:
        return State(QUIET, "Reading…")
    for kind in (BAD, WARN, BUSY):
        if found := [node for node in drawn if node.state.kind == kind]:
            states = "; ".join(f"{node.name}: {node.state.word}" for node in found)
            return State(kind, f"{states[0].upper()}{states[1:]}")
    if all(node.state.kind == QUIET for node in drawn[2:]):
        return State(QUIET, "No data yet")
    return State(GOOD, "All layers are current")


def _freshness(layer: Layer) -> Freshness:
    limit = layer.limit.total_seconds()
    age = layer.age.total_seconds() if layer.age is not None else None
    if age is None:
        state = State(QUIET, "empty")
    else:
        state = State(WARN, "stale") if layer.is_stale else State(GOOD, "fresh")
    lead = words.ahead(-age) if age is not None and age < 0 else ""
    return Freshness(
        layer=layer.name,
        state=state,
        reached_at=words.instant(layer.row.get("reached_at")),
        age=words.NOTHING if age is None else "" if lead else words.span(age),
        lead=lead,
        limit=words.span(limit) if limit else "none",
        share=min(1.0, max(0.0, (age or 0) / limit)) if limit else 0.0,
        committed_at=words.instant(layer.row.get("committed_at")),
    )


def _runs(readings: Readings, page: str) -> list[Run]:
    return [_run(run, page) for run in (readings[PREFECT].answer or {}).get("runs", ())]


def _run(run: Mapping[str, Any], page: str) -> Run:
    return Run(
        name=run["name"],
        flow=run["flow"].removeprefix("canton-transactions-"),
        state=State(_KINDS.get(run["kind"], QUIET), run["state"]),
        started_at=words.instant(run["started_at"]),
        seconds=words.span(run["seconds"]),
        url=f"{page}/runs/flow-run/{run['id']}",
    )


def _bars(readings: Readings, network: str) -> list[Bar]:
    answer = readings[WAREHOUSE].answer or {}
    rows = [row for row in answer.get("activity", ()) if row["network"] == network]
    most = max((row["update_count"] for row in rows), default=0) or 1
    return [
        Bar(
            number,
            round(100 * row["update_count"] / most, 1),
            row["update_count"],
            f"{row['minute_at'][11:16]}: {words.counted(row['update_count'], 'update')}",
        )
        for number, row in enumerate(rows)
    ]
