"""Quarantine as people work it: pages that wait, and what becomes of them.

People work on pages: several runs may have stopped at the same page, with a row of
``ops.quarantine`` each. An entry is a page with all of its rows and acts.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.adapters.snowflake import Session, Warehouse
from services.errors import QuarantineRefused
from services.landing import unpack
from services.ports import LandingStore
from services.quarantine import Act, Release, record_act, refuse_loaded, release_page

Row = dict[str, Any]

OPEN = ("waits", "refused", "released")
SHOWN_LINES, SHOWN_BYTES = 10, 2000  # of a payload, and of each of its lines


@dataclass(frozen=True)
class Entry:
    """A page that is in quarantine, or some of whose lines are.

    Attributes:
        network: Whose page it is.
        key: What people name it by: the landed page's own key, else the key in quarantine.
        rows: Its rows of ``ops.quarantine``, oldest first; one at least.
        acts: Its rows of ``ops.quarantine_acts``, oldest first.
        is_loaded: Whether the page is in bronze as it was landed: its rule was repaired.
    """

    network: str
    key: str
    rows: Sequence[Row]
    acts: Sequence[Row]
    is_loaded: bool

    @property
    def state(self) -> str:
        """The page's state, in a word.

        `waits`: landed and not loaded, until its lines are released or discarded. `refused`: never
        landed; the next run requests it again. `released`: its lines are set aside, and missing in
        bronze. `discarded`: that is for good. `loaded`: nothing of it is missing.
        """
        last = self.rows[-1]
        discards = [
            one["acted_at"]
            for one in self.acts
            if (one["act"], one["quarantine_key"]) == ("discard", last["quarantine_key"])
        ]
        # A broken page that the Scan sends once more is news; lines are set aside once.
        if discards and (last["object_key"] or discards[-1] >= last["created_at"]):
            return "discarded"
        if last["revision_key"]:
            return "released"
        if self.is_loaded:
            return "loaded"
        return "waits" if last["object_key"] else "refused"

    @property
    def first_seen_at(self) -> datetime:
        """The time of the first row, UTC without a zone."""
        return self.rows[0]["created_at"]

    def summary(self) -> Row:
        """The entry as a row, with the values of its last row."""
        last = self.rows[-1]
        has_counts = last["line_count"] is not None
        return {
            "state": self.state,
            "network": self.network,
            "layer": "bronze" if last["object_key"] else "landing",
            "key": self.key,
            "lines": last["line_count"] - last["kept_count"] if has_counts else None,
            "rule": last["rule"],
            "reason": last["reason"],
            "first_seen_at": self.first_seen_at,
        }


def has_acts(session: Session) -> bool:
    """Tell whether the tables hold acts; those of an earlier version don't."""
    return bool(session.query("show tables like 'QUARANTINE_ACTS' in schema ops"))


def refuse_without_acts(session: Session) -> None:
    """Raise `QuarantineRefused` where an earlier version made the tables."""
    if not has_acts(session):
        raise QuarantineRefused(
            "an earlier version made these tables: make run or make up brings them up, in the"
            " cloud python -m services migrate"
        )


def entries(session: Session) -> list[Entry]:
    """All that ever stood in quarantine, oldest first."""
    return _entries(
        _by_page(session.query(_ROWS.format(only=""))),
        _by_page(session.query(_ACTS)),
        session.query(_LOADED.format(only="")),
    )


def undecided(session: Session, network: str) -> list[Entry]:
    """A network's entries that wait or were refused, oldest first; of their acts, the discards.

    One statement where nothing is set aside but what was released, however much that is.
    """
    of = {"network": network}
    if not (rows := _by_page(session.query(_ROWS.format(only=_NOT_RELEASED), of))):
        return []
    discards = _by_page(session.query(_DISCARDS, of))
    loaded = session.query(_LOADED.format(only="and b.network = %(network)s"), of)
    found = _entries(rows, discards, loaded)
    return [entry for entry in found if entry.state in {"waits", "refused"}]


Pages = dict[tuple[str, str], list[Row]]


def _entries(rows: Pages, acts: Pages, loaded: Sequence[Row]) -> list[Entry]:
    keys = {row["object_key"] for row in loaded}
    return [
        Entry(network, key, found, acts.get((network, key), ()), key in keys)
        for (network, key), found in rows.items()
    ]


# Of rows of the same time, a release is the later one; of acts, a discard.
_ROWS = """select network, object_key, revision_key, quarantine_key, line_count, kept_count,
        rule, reason, created_at
    from ops.quarantine {only} order by created_at, revision_key nulls first"""

_NOT_RELEASED = """where network = %(network)s
    qualify last_value(revision_key) over (
        partition by coalesce(object_key, quarantine_key)
        order by created_at, revision_key nulls first
        rows between unbounded preceding and unbounded following) is null"""

_ACTS = """select network, object_key, quarantine_key, act, reason, updates, acted_by, acted_at
    from ops.quarantine_acts order by acted_at, act desc"""

_DISCARDS = """select network, object_key, quarantine_key, act, acted_at
    from ops.quarantine_acts where network = %(network)s and act = 'discard' order by acted_at"""

_LOADED = """select distinct q.object_key
    from ops.batches b join ops.quarantine q
        on q.network = b.network and array_contains(q.object_key::variant, b.object_keys)
    where b.layer = 'bronze' {only}"""


def _by_page(rows: Sequence[Row]) -> Pages:
    found: Pages = defaultdict(list)
    for row in rows:
        found[row["network"], row["object_key"] or row["quarantine_key"]].append(row)
    return dict(found)


def waiting(session: Session) -> list[Entry]:
    """The entries that people have to decide on, oldest first."""
    return [entry for entry in entries(session) if entry.state in OPEN]


def find(session: Session, key: str) -> Entry:
    """The entry with this key, or with something at this key in quarantine.

    Raises:
        QuarantineRefused: There is none.
    """
    found = [
        entry
        for entry in entries(session)
        if key in {entry.key, *(row["quarantine_key"] for row in entry.rows)}
    ]
    if not found:
        raise QuarantineRefused(f"{key} is not in quarantine: ./pipeline quarantine lists what is")
    return max(found, key=lambda entry: entry.state in OPEN)  # two networks may refuse the same


def find_for(session: Session, act: Literal["release", "discard"], key: str) -> Entry:
    """The entry with this key, if it can be released or discarded.

    Raises:
        QuarantineRefused: There is none, or nothing is left to decide.
    """
    entry = find(session, key)
    if act == "release":
        refuse_loaded(session, entry.key)
    elif entry.state not in OPEN:
        raise QuarantineRefused(
            f"{entry.key} is {entry.state} already: ./pipeline quarantine {entry.key} shows it"
        )
    return entry


def short_entries(found: Sequence[Entry]) -> list[Row]:
    """Entries for people: what fits a line."""
    has_networks = len({entry.network for entry in found}) > 1
    return [
        {
            "state": row["state"],
            **({"network": row["network"]} if has_networks else {}),
            "layer": row["layer"],
            "key": row["key"],
            "lines": row["lines"],
            "why": row["rule"] or row["reason"].partition("\n")[0],
            "first_seen_at": row["first_seen_at"].replace(microsecond=0),
        }
        for row in (entry.summary() for entry in found)
    ]


def detail(landing: LandingStore, entry: Entry) -> Row:
    """An entry with its payload, as far as it is shown, and its acts.

    Raises:
        LandingRefused: The payload is gone.
    """
    keys = list(dict.fromkeys(row["quarantine_key"] for row in entry.rows))
    contents = [landing.read(key) for key in keys]
    if entry.rows[-1]["object_key"]:
        lines = [unpack(one, key) for one, key in zip(contents, keys, strict=True)]
        contents = list(dict.fromkeys(line for some in lines for line in some))
    return {
        **entry.summary(),
        "reasons": list(dict.fromkeys(row["reason"] for row in entry.rows)),
        "payload_keys": keys,
        "payload_count": len(contents),
        "payload": [_cut(one) for one in contents[:SHOWN_LINES]],
        "acts": [
            {name: act[name] for name in ("act", "acted_by", "acted_at", "reason", "updates")}
            for act in entry.acts
        ],
    }


def _cut(content: bytes) -> str:
    text = content[:SHOWN_BYTES].decode(errors="replace")
    # A page may hold anything, and a terminal obeys some of it.
    shown = "".join(one if one.isprintable() or one in "\n\t" else "\ufffd" for one in text)
    return shown if len(content) <= SHOWN_BYTES else f"{shown}… ({len(content):,} bytes)"


def report(found: Row) -> Iterator[str]:
    """A `detail`, in lines for people."""
    yield f"{found['key']}: {found['state']}"
    yield f"network {found['network']}, {found['layer']}, first seen {_utc(found['first_seen_at'])}"
    yield from found["reasons"]
    shown, count = len(found["payload"]), found["payload_count"]
    yield f"payload, {shown} of {count}, from {', '.join(found['payload_keys'])}:"
    yield from found["payload"]
    for act in found["acts"]:
        because = f": {act['reason']}" if act["reason"] else ""
        yield f"{_utc(act['acted_at'])}: {act['act']} by {act['acted_by']}{because}"
    if not found["acts"]:
        yield "nobody has acted on it"


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def discard(
    landing: LandingStore, warehouse: Warehouse, key: str, reason: str, by: str | None = None
) -> Release | None:
    """Give up what stands in quarantine, for good; of a page that waits, release the rest.

    Its updates stay out of bronze, and `make verify` expects them to.

    Args:
        landing: Where the page stands.
        warehouse: Where the act is written down.
        key: The page, as `waiting` has it, or its key in quarantine.
        reason: Why it may be missing.
        by: Who decides; see `Act`.

    Returns:
        The release of a page that waited.

    Raises:
        QuarantineRefused: It isn't in quarantine, or nothing of it waits.
        QualityFailed: The page waits, and no line of it breaks a rule any more: it can be loaded.
    """
    with warehouse.session() as session:
        entry = find_for(session, "discard", key)
    last = entry.rows[-1]
    release = release_page(landing, warehouse, entry.key, by) if entry.state == "waits" else None
    kept_key = release.quarantine_key if release else last["quarantine_key"]
    lines = unpack(landing.read(kept_key), kept_key) if last["object_key"] else []
    act = Act(entry.network, "discard", kept_key, last["object_key"], reason, by)
    with warehouse.session() as session:
        record_act(session, act, lines)
    return release
