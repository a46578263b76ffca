from datetime import UTC, datetime

import pytest

from services.errors import NetworkMismatch, PageRefused
from services.model import Position
from tests.updates import (
    SCAN_URL,
    SYNCHRONIZER,
    line,
    page_body,
    place,
    reassignment,
    record_time,
    transaction,
)

NOW = datetime(2025, 12, 10, 16, 23, tzinfo=UTC)


def body_of(*updates):
    return page_body(*(line(update) for update in updates))


def without(name):
    return {key: value for key, value in transaction(number=1).items() if key != name}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "truncated", id="nothing"),
        pytest.param(b"<html>Bad gateway</html>", "malformed", id="HTML"),
        pytest.param(b"{}", "transactions", id="no transactions"),
        pytest.param(b'{"transactions":null}', "array", id="null for transactions"),
        pytest.param(b'{"transactions":[1]}', "object", id="a number for an update"),
        pytest.param(body_of(transaction(number=1))[:-40], "truncated|malformed", id="cut off"),
        pytest.param(body_of(transaction(number=1)) + b"{}", "malformed", id="more behind it"),
        pytest.param(
            body_of(transaction(x="é")).replace(b"\\u00e9", b"\xe9"), "utf-8", id="Latin 1"
        ),
        pytest.param(body_of(transaction()).replace(b'""', b"[" * 9999), "recursion", id="deep"),
        pytest.param(body_of(without("update_id")), "update_id", id="no id"),
        pytest.param(body_of({**transaction(), "update_id": ""}), "no id", id="an empty id"),
        pytest.param(body_of(without("record_time")), "record_time", id="no time"),
        pytest.param(body_of(without("migration_id")), "migration", id="no migration"),
        pytest.param(body_of({**reassignment(), "event": {}}), "migration_id", id="nor in event"),
        pytest.param(body_of(transaction(migration_id="4")), "int", id="a text for a migration"),
        pytest.param(
            body_of(transaction(migration_id=2**63)), "<= 9223372036854775807", id="beyond 64 bits"
        ),
        pytest.param(body_of(transaction(migration_id=-1)), "come after", id="below genesis"),
        pytest.param(body_of(transaction(record_time="now")), "isoformat", id="no such time"),
        pytest.param(
            body_of(transaction(record_time="2025-12-10T17:23:00+01:00")), "UTC", id="another zone"
        ),
        pytest.param(
            body_of(transaction(record_time="2025-12-10T16:23:00.1234567Z")),
            "finer than a microsecond",
            id="nanoseconds",
        ),
        pytest.param(
            page_body(line(transaction()).replace(b",", b",\n", 1)), "line break", id="line feed"
        ),
        pytest.param(
            page_body(line(transaction()).replace(b",", b",\r", 1)), "line break", id="return"
        ),
        pytest.param(
            body_of(transaction(number=2), transaction(number=1)), "come after", id="out of order"
        ),
        pytest.param(
            body_of(transaction(number=1), transaction(number=2, record_time=record_time(1))),
            "come after",
            id="two at one position",
        ),
        pytest.param(
            body_of(
                transaction(number=1), {**transaction(number=1), "record_time": record_time(2)}
            ),
            "comes twice",
            id="an id that comes twice",
        ),
        pytest.param(
            body_of(transaction(number=1), transaction(number=2, migration_id=3)),
            "come after",
            id="an earlier migration",
        ),
    ],
)
def test_an_answer_that_may_not_be_landed_is_refused_with_its_reason(accept, body, reason):
    with pytest.raises(PageRefused, match=reason) as refused:
        accept(body)
    assert (refused.value.body, refused.value.source_url) == (body, SCAN_URL)
    assert str(refused.value).startswith("page after genesis: ")


@pytest.mark.parametrize("number", [4, 5])
def test_a_page_that_starts_at_or_before_the_position_is_refused(accept, number):
    after = place(5)
    with pytest.raises(PageRefused, match=f"page after {after}: update at .* does not come after"):
        accept(body_of(transaction(number=number), transaction(number=6)), after=after)


def test_more_updates_than_were_asked_for_are_refused(accept):
    updates = [transaction(number=number) for number in range(3)]
    with pytest.raises(PageRefused, match="3 updates where 2 were asked for"):
        accept(body_of(*updates), page_size=2)


OTHER = "other-domain::1220" + "0" * 64


@pytest.mark.parametrize(
    ("synchronizers", "known"),
    [
        pytest.param([SYNCHRONIZER, OTHER], None, id="within a page"),
        pytest.param([OTHER], SYNCHRONIZER, id="against the one known"),
        pytest.param([SYNCHRONIZER, OTHER], SYNCHRONIZER, id="both"),
    ],
)
def test_a_second_synchronizer_is_refused_by_name(accept, synchronizers, known):
    updates = [
        transaction(number=number, synchronizer_id=synchronizer_id)
        for number, synchronizer_id in enumerate(synchronizers)
    ]
    with pytest.raises(NetworkMismatch, match=f"{SYNCHRONIZER}, {OTHER}") as refused:
        accept(body_of(*updates), synchronizer_id=known)
    assert not refused.value.retryable


@pytest.mark.parametrize(
    ("at", "is_refused"),
    [
        ("2025-12-10T16:33:00.000000Z", False),
        ("2025-12-10T16:33:00.000001Z", True),
        ("2100-12-10T16:23:00Z", True),
        ("9999-12-31T23:59:59.999999Z", True),
    ],
)
def test_an_update_from_the_future_is_refused_with_both_clocks(accept, at, is_refused):
    body = body_of(transaction(record_time=at))
    assert accept(body).lines == (line(transaction(record_time=at)),), "a simulated clock's"
    if not is_refused:
        assert accept(body, now=NOW) == accept(body)
        return
    with pytest.raises(PageRefused) as refused:
        accept(body, now=NOW)
    assert f"update at 4/{at[:19]}" in refused.value.reason
    assert "is from the future: here it is 2025-12-10T16:23:00Z." in refused.value.reason
    assert "Is this machine's clock right?" in refused.value.reason


def test_a_position_in_the_future_is_refused_though_nothing_comes_after_it(accept):
    """One that was loaded before such updates were refused; its pages stay empty for good."""
    position = Position.parse("4/2026-12-10T16:23:00Z")
    assert accept(body_of(), after=position) is None, "a simulated clock's"
    with pytest.raises(PageRefused, match=r"update at 4/2026-12-10.* is from the future"):
        accept(body_of(), after=position, now=NOW)


def test_one_update_from_the_future_is_enough_wherever_it_stands(accept):
    body = body_of(
        transaction(number=1, migration_id=3, record_time="2026-12-10T16:23:00Z"),
        transaction(number=2, migration_id=4),
    )
    with pytest.raises(PageRefused, match="update at 3/2026-12-10"):
        accept(body, now=NOW)
