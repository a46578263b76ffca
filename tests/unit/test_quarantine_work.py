"""The state of a page in quarantine follows from its rows and from what people did."""

from datetime import datetime, timedelta

import pytest

from services.errors import QuarantineRefused
from services.landing import landing_key, pack, quarantine_key
from services.quarantine_work import (
    SHOWN_BYTES,
    SHOWN_LINES,
    detail,
    discard,
    entries,
    find,
    report,
    short_entries,
    waiting,
)
from tests.fakes import FakeLanding, FakeWarehouse
from tests.updates import NETWORK, line, place, transaction

OTHER = "0123456789ab"
KEY = landing_key(NETWORK, place(0))
LINE = line(transaction(number=2))
ASIDE = quarantine_key(pack([LINE]))
START = datetime(2026, 11, 29, 12, 0, 0, 250_000)  # noqa: DTZ001 -- TIMESTAMP_NTZ


def at(minute):
    return START + timedelta(minutes=minute)


def row(minute, **values):
    """A row of what was set aside: by default a line of a landed page, which breaks a rule."""
    return {
        "network": NETWORK, "object_key": KEY, "revision_key": None, "quarantine_key": ASIDE,
        "line_count": 3, "kept_count": 2, "rule": "a_rule", "reason": "a_rule (error): 1 of 3",
        "created_at": at(minute), **values,
    }  # fmt: skip


def broken_page(minute, **values):
    return row(
        minute, object_key=None, quarantine_key="quarantine/ab", line_count=None, kept_count=None,
        rule=None, reason="page after genesis: cut off\nhttp://scan sent it", **values,
    )  # fmt: skip


def release(minute, **values):
    return row(minute, revision_key="canton/r1", reason="released: a_rule", **values)


def act(minute, what, **values):
    return {
        "network": NETWORK, "object_key": KEY, "quarantine_key": ASIDE, "act": what,
        "reason": None, "updates": [], "acted_by": "ada@laptop", "acted_at": at(minute), **values,
    }  # fmt: skip


def of_page(minute, what):
    return act(minute, what, object_key=None, quarantine_key="quarantine/ab")


def warehouse(rows, acts=(), loaded=()):
    return FakeWarehouse(
        {
            "ops.quarantine": list(rows),
            "ops.quarantine_acts": list(acts),
            "ops.batches": [{"object_key": key} for key in loaded],
        }
    )


@pytest.mark.parametrize(
    ("rows", "acts", "loaded", "state"),
    [
        ([row(0)], [], [], "waits"),
        ([row(0), row(60)], [], [KEY], "loaded"),
        ([row(0), release(1)], [act(1, "release")], [], "released"),
        ([row(0), release(1)], [act(1, "release"), act(2, "discard")], [], "discarded"),
        ([row(0), release(1), release(3)], [act(2, "discard")], [], "discarded"),
        (
            [row(0), release(1), row(3, quarantine_key="quarantine/2")],
            [act(2, "discard")], [], "waits",
        ),
        (
            [row(0), release(1), release(4, quarantine_key="quarantine/1+2")],
            [act(2, "discard")], [], "released",
        ),
        ([broken_page(0)], [], [], "refused"),
        ([broken_page(0)], [of_page(1, "discard")], [], "discarded"),
        ([broken_page(0), broken_page(2)], [of_page(1, "discard")], [], "refused"),
    ],
)  # fmt: skip
def test_the_state_of_a_page(rows, acts, loaded, state):
    known = warehouse(rows, acts, loaded)
    (entry,) = entries(known)
    assert (entry.state, entry.first_seen_at) == (state, at(0))
    assert bool(waiting(known)) == (state not in {"loaded", "discarded"})


def test_people_see_the_rule_or_else_the_first_line_of_the_reason():
    rows = short_entries(entries(warehouse([row(0), broken_page(1), broken_page(2)])))
    assert rows == [
        {
            "state": "waits", "layer": "bronze", "key": KEY, "lines": 1, "why": "a_rule",
            "first_seen_at": at(0).replace(microsecond=0),
        },
        {
            "state": "refused", "layer": "landing", "key": "quarantine/ab", "lines": None,
            "why": "page after genesis: cut off", "first_seen_at": at(1).replace(microsecond=0),
        },
    ]  # fmt: skip
    two = short_entries(entries(warehouse([row(0), broken_page(1, network=OTHER)])))
    assert [one["network"] for one in two] == [NETWORK, OTHER]


def test_a_page_is_found_by_its_key_and_by_its_key_in_quarantine():
    known = warehouse([row(0), broken_page(1)])
    assert [find(known, key).key for key in (KEY, ASIDE, "quarantine/ab")] == [
        KEY, KEY, "quarantine/ab",
    ]  # fmt: skip
    with pytest.raises(QuarantineRefused, match="canton/x is not in quarantine: "):
        find(known, "canton/x")


def test_of_a_page_that_two_networks_refused_the_one_that_waits_is_found():
    known = warehouse([broken_page(0), broken_page(1, network=OTHER)], [of_page(2, "discard")])
    assert find(known, "quarantine/ab").network == OTHER


def test_a_payload_is_shown_as_far_as_people_read_it():
    landing = FakeLanding()
    long = b"x" * (SHOWN_BYTES + 1)
    lines = [long, *(b"%d" % number for number in range(SHOWN_LINES))]
    first, last = pack(lines[:2]), pack(lines)
    for content in (first, last):
        landing.keep(quarantine_key(content), content)
    rows = [
        row(0, quarantine_key=quarantine_key(first)),
        release(1, quarantine_key=quarantine_key(last)),
    ]
    acts = [act(1, "release"), act(2, "discard", reason="why", quarantine_key="quarantine/x")]
    (entry,) = entries(warehouse(rows, acts))
    found = detail(landing, entry)
    shown = ["x" * SHOWN_BYTES + "… (2,001 bytes)", *map(str, range(SHOWN_LINES - 1))]
    assert (found["payload"], found["payload_count"]) == (shown, SHOWN_LINES + 1)
    keys = f"{quarantine_key(first)}, {quarantine_key(last)}"
    assert list(report(found)) == [
        f"{KEY}: released",
        f"network {NETWORK}, bronze, first seen 2026-11-29 12:00:00 UTC",
        "a_rule (error): 1 of 3",
        "released: a_rule",
        f"payload, 10 of 11, from {keys}:",
        *shown,
        "2026-11-29 12:01:00 UTC: release by ada@laptop",
        "2026-11-29 12:02:00 UTC: discard by ada@laptop: why",
    ]


def test_a_broken_page_is_shown_as_it_came_and_can_be_discarded():
    landing, known = (
        FakeLanding({"quarantine/ab": b"<html>\xff\x1b[2J"}),
        warehouse([broken_page(0)]),
    )
    found = detail(landing, find(known, "quarantine/ab"))
    assert found["payload"] == ["<html>\ufffd\ufffd[2J"], "no terminal obeys it"
    assert list(report(found))[-1] == "nobody has acted on it"

    assert discard(landing, known, "quarantine/ab", "the proxy's page", "ada@laptop") is None
    ((_, values),) = known.executed
    assert values == {
        "network": NETWORK, "object_key": None, "quarantine_key": "quarantine/ab",
        "act": "discard", "reason": "the proxy's page", "updates": "[]", "by": "ada@laptop",
    }  # fmt: skip
