"""Checks of where a new stream begins: CANTON_START_AT with two overlapping migrations."""

from datetime import timedelta

import pytest

from services.accept import position_of
from services.model import GENESIS, Position


@pytest.fixture
def client(generated):
    return generated.client(page_size=1000)


@pytest.fixture
def positions(generated):
    return [position_of(line) for line in generated.updates]


def text(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def of_migration(positions, migration_id):
    return [each.record_time for each in positions if each.migration_id == migration_id]


def first_read(client, start):
    page = next(client.pages(start, None), None)
    return page and position_of(page.lines[0])


def test_genesis_is_the_very_beginning(client, positions):
    start = client.start("genesis")
    assert (start, first_read(client, start)) == (GENESIS, positions[0])


def test_a_position_is_taken_as_it_is(client, positions):
    start = client.start(str(positions[9]))
    assert (start, first_read(client, start)) == (positions[9], positions[10])


def test_a_time_before_everything_is_of_the_first_migration(client, positions):
    at = positions[0].record_time - timedelta(days=1)
    start = client.start(text(at))
    assert (start, first_read(client, start)) == (Position(3, at), positions[0])


def test_a_time_within_a_migration_is_of_that_migration(client, positions):
    at = positions[9].record_time
    start = client.start(text(at))
    assert (start, first_read(client, start)) == (Position(3, at), positions[10])


def test_a_time_in_the_overlap_of_two_migrations_is_of_the_earlier_one(client, positions):
    old, live = of_migration(positions, 3), of_migration(positions, 4)
    overlap = [at for at in old if at > live[0]]
    assert overlap, "the mock's migrations overlap"
    start = client.start(text(overlap[0]))
    assert start == Position(3, overlap[0])
    read = [
        position_of(line)
        for page in client.pages(start, None)
        for line in page.lines
        if position_of(line).record_time > overlap[0]
    ]
    assert read == [each for each in positions if each.record_time > overlap[0]]


def test_a_time_after_the_last_update_of_a_migration_is_of_the_next_one(client, positions):
    at = of_migration(positions, 3)[-1]
    start = client.start(text(at))
    later = next(each for each in of_migration(positions, 4) if each > at)
    assert (start, first_read(client, start)) == (Position(4, at), Position(4, later))


def test_a_time_that_has_not_come_is_of_the_newest_migration(client, positions):
    at = positions[-1].record_time + timedelta(days=1)
    start = client.start(text(at))
    assert (start, first_read(client, start)) == (Position(4, at), None)


def test_a_recording_of_one_migration_begins_there(recorded):
    positions = [position_of(line) for line in recorded.updates]
    start = recorded.client().start(text(positions[0].record_time))
    assert start == positions[0]
