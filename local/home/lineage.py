"""The way of the data as the page draws it: a node for each place that data rests in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from local.home import words
from local.home.graph import Written, sources_of, written_in
from local.home.readings import LANDING, PREFECT, SCAN, WAREHOUSE, Reading, Readings
from services.catalog import LAYERS

GOOD, BUSY, WARN, BAD, QUIET = "good", "busy", "warn", "bad", "quiet"
_ABOUT = {
    "bronze": "one row per update, as received",
    "silver": "one row per movement and side",
    "gold": "one row per account and minute",
}
_UNDER_WAY, _FAILED = {"RUNNING", "PENDING", "CANCELLING"}, {"FAILED", "CRASHED"}


@dataclass(frozen=True)
class State:
    """The state of a node: a kind, which has a color, and the word that means the same."""

    kind: str
    word: str


@dataclass(frozen=True)
class Node:
    """A place that data rests in.

    Attributes:
        name: What it is called.
        about: What it holds.
        state: How it stands.
        count: How much it holds, with its unit.
        facts: More, by name.
        lag: How far it is behind the node before; empty where that is unknown.
        problem: Why nothing is known of it.
        sources: The nodes that it is made from, by name.
        written: What was last written there.
    """

    name: str
    about: str
    state: State
    count: str = ""
    facts: Sequence[tuple[str, str]] = ()
    lag: str = ""
    problem: str = ""
    sources: Sequence[str] = ()
    written: Sequence[Written] = ()

    @property
    def written_ago(self) -> str:
        """The age of the newest write there, in words."""
        return max(self.written, key=lambda one: one.at).ago


@dataclass(frozen=True)
class Layer:
    """A layer of one network: its row of the reading, and how old its data is.

    Attributes:
        row: See `local.home.sources.read_warehouse`; empty where no batch was committed.
        pending: Batches of the layer before that it did not consume.
        age: How old its newest data is; None without any.
        limit: How old it may be.
    """

    name: str
    row: Mapping[str, Any]
    pending: int
    age: timedelta | None
    limit: timedelta

    @property
    def is_stale(self) -> bool:
        """Tell whether its data is older than it may be; a limit of zero allows any age."""
        return bool(self.limit) and self.age is not None and self.age > self.limit


def layers(readings: Readings, network: str, now: datetime) -> list[Layer]:
    """The layers of a network in their order; none where the warehouse was not read."""
    warehouse = readings[WAREHOUSE].answer
    if warehouse is None:
        return []
    rows = {row["layer"]: row for row in warehouse["layers"] if row["network"] == network}
    limit = timedelta(minutes=_limit(warehouse, readings[PREFECT].answer))
    found: list[Layer] = []
    for name in LAYERS:
        row = rows.get(name, {})
        before = rows.get(LAYERS[LAYERS.index(name) - 1], {}) if name != LAYERS[0] else {}
        pending = (before.get("batch_id") or 0) - (row.get("consumed_batch_id") or 0)
        reached = words.instant(row.get("reached_at"))
        age = now - reached if reached else None
        found.append(Layer(name, row, pending if before else 0, age, limit))
    return found


def _limit(warehouse: Mapping[str, Any], prefect: Mapping[str, Any] | None) -> int:
    configured = (prefect or {}).get("max_age_minutes")
    return warehouse["max_age_minutes"] if configured is None else configured


def nodes(readings: Readings, network: str, known: Sequence[Layer], now: datetime) -> list[Node]:
    """Scan, landing zone, bronze, silver and gold, and what else Prefect's events name."""
    by_name = {layer.name: layer for layer in known}
    prefect = readings[PREFECT].answer or {}
    runs, assets = prefect.get("runs", ()), prefect.get("assets", ())
    warehouse = readings[WAREHOUSE]
    found = [
        _scan(readings, network, now),
        _landing(readings[LANDING], network, by_name.get("bronze"), now),
        *(
            _layer(by_name[name], newest_run(runs, name), readings, now)
            if name in by_name
            else Node(name, _ABOUT[name], _silent(warehouse), problem=warehouse.problem)
            for name in LAYERS
        ),
    ]
    drawn = {node.name: node for node in found}
    return [
        replace(
            drawn.get(name, Node(name, "", State(QUIET, "not read here"))),
            sources=sources,
            written=written_in(assets, name, network, now),
        )
        for name, sources in sources_of(assets).items()
    ]


def newest_run(runs: Sequence[Mapping[str, Any]], layer: str) -> Mapping[str, Any] | None:
    """The newest of these runs that builds a layer."""
    return next((run for run in runs if run["flow"].endswith(f"-{layer}")), None)


def _silent(reading: Reading) -> State:
    return State(BAD, "no answer") if reading.problem else State(QUIET, "reading…")


def _scan(readings: Readings, network: str, now: datetime) -> Node:
    about = "the ledger's updates, page by page"
    if SCAN not in readings:
        return Node("Scan", about, State(QUIET, "not read here"))
    reading = readings[SCAN]
    if reading.answer is None:
        return Node("Scan", about, _silent(reading), problem=reading.problem)
    answer = reading.answer
    if answer["network"] != network:
        return Node("Scan", about, State(QUIET, "of another network"))
    faults = len(answer["faults"])
    state = State(WARN, words.counted(faults, "fault")) if faults else State(GOOD, "answers")
    head = words.instant(answer["head"]["record_time"])
    facts = [("newest", words.ago(head, now))]
    facts.append(("migration", str(answer["head"]["migration_id"])))
    return Node("Scan", about, state, words.counted(answer["count"], "update"), facts)


def _landing(reading: Reading, network: str, bronze: Layer | None, now: datetime) -> Node:
    about = "pages as objects, never changed"
    if reading.answer is None:
        return Node("S3", about, _silent(reading), problem=reading.problem)
    answer = reading.answer["by_network"].get(network)
    if answer is None:
        return Node("S3", about, State(QUIET, "empty"))
    count = (
        f"{words.counted(answer['page_count'], 'page')}{'+' if reading.answer['is_cut'] else ''}"
    )
    facts = [
        ("last page", words.ago(words.instant(answer["landed_at"]), now)),
        ("size", words.size(answer["bytes"])),
    ]
    loaded = (bronze.row.get("page_count") or 0) if bronze else answer["page_count"]
    waiting = answer["page_count"] - loaded
    if waiting <= 0 or reading.answer["is_cut"]:
        return Node("S3", about, State(GOOD, "answers"), count, facts)
    return Node("S3", about, State(BUSY, f"{waiting:,} not loaded"), count, facts)


def _layer(layer: Layer, run: Mapping[str, Any] | None, readings: Readings, now: datetime) -> Node:
    row = layer.row
    facts = [
        ("last commit", words.ago(words.instant(row.get("committed_at")), now)),
        ("batches", f"{row.get('batch_count') or 0:,}"),
    ]
    return Node(
        layer.name,
        _ABOUT[layer.name],
        _state(layer, run),
        words.counted(row.get("row_count") or 0, "row"),
        facts if row else (),
        _lag(layer, readings) if row else "",
    )


def _state(layer: Layer, run: Mapping[str, Any] | None) -> State:
    kind = run["kind"] if run else ""
    checks = (
        (kind in _UNDER_WAY, State(BUSY, "running")),
        (kind in _FAILED, State(BAD, "last run failed")),
        (not layer.row, State(QUIET, "empty")),
        (layer.pending > 0, State(WARN, f"{words.counted(layer.pending, 'batch')} behind")),
        (layer.is_stale, State(WARN, "stale")),
    )
    return next((state for holds, state in checks if holds), State(GOOD, "current"))


def _lag(layer: Layer, readings: Readings) -> str:
    if layer.name != LAYERS[0]:
        return f"{words.counted(layer.pending, 'batch')} behind" if layer.pending else "level"
    scan = readings[SCAN].answer
    reached = words.instant(layer.row.get("reached_at"))
    if scan is None or reached is None or scan["network"] != layer.row["network"]:
        return ""
    head = words.instant(scan["head"]["record_time"])
    behind = (head - reached).total_seconds() if head else 0
    return f"{words.span(behind)} behind the Scan" if behind >= 1 else "level"
