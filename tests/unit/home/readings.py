"""Readings as the reader prints them, for a network that has everything."""

from datetime import UTC, datetime

from local.home.place import HomePlace
from local.home.readings import Reading, Readings

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
NETWORK = "12208d9089ce"
PLACE = HomePlace("the place", {"prefect": "http://p"}, {"prefect": "http://page"})


def layer(name, **changes):
    return {
        "network": NETWORK, "layer": name, "batch_id": 2, "batch_count": 2,
        "committed_at": "2026-11-29T11:51:00Z", "consumed_batch_id": 2, "page_count": 7,
        "row_count": 6211, "reached_at": "2026-11-29T11:48:00Z", **changes,
    }  # fmt: skip


def warehouse(*layers, **changes):
    found = layers or [layer("bronze"), layer("silver"), layer("gold")]
    answer = {
        "layers": [*found], "aside": [], "problems": [], "quality": [],
        "activity": [],
        "max_age_minutes": 90,
    }  # fmt: skip
    return Reading({**answer, **changes})


def landing(page_count=7, *, is_cut=False):
    pages = {"page_count": page_count, "bytes": 8_891_434, "landed_at": "2026-11-29T11:49:00Z"}
    return Reading({"by_network": {NETWORK: pages}, "is_cut": is_cut})


def scan(**changes):
    answer = {
        "network": NETWORK, "dso_party_id": "DSO::1220", "count": 7119,
        "head": {"migration_id": 4, "record_time": "2026-11-29T12:00:00Z"},
        "clock": {"now": "2026-11-29T12:00:00Z", "speed": 1.0, "is_frozen": False},
        "faults": [], "profiles": ["calm", "storm"],
    }  # fmt: skip
    return Reading({**answer, **changes})


def run(flow, kind="COMPLETED", state="Completed"):
    return {
        "id": "run-id", "name": "wise-owl", "flow": f"canton-transactions-{flow}", "state": state,
        "kind": kind, "started_at": "2026-11-29T11:50:00Z", "seconds": 31.0,
    }  # fmt: skip


def prefect(*runs, **changes):
    answer = {
        "runs": [*runs], "schedule_count": 3, "active_schedule_count": 0, "max_age_minutes": None,
    }  # fmt: skip
    return Reading({**answer, **changes})


def asset(uri, *sources, **changes):
    return {
        "uri": uri, "at": "2026-11-29T11:51:00Z", "sources": [*sources], "network": NETWORK,
        "rows": 12, **changes,
    }  # fmt: skip


def slack(*texts):
    messages = [{"received_at": "2026-11-29T11:52:00Z", "text": text} for text in texts]
    return Reading({"count": len(texts), "messages": messages})


def everything(**changes):
    known = {
        "warehouse": warehouse(), "landing": landing(), "prefect": prefect(run("gold")),
        "scan": scan(), "slack": slack(),
    }  # fmt: skip
    return Readings({**known, **changes})
