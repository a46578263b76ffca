"""Records are written once, read back as they were, and lead back step by step."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cloud.infra.digest import digest
from cloud.plan.records import Record, Records, new_name
from deployments.registered import Registered
from local.console.errors import CommandFailed
from tests.cloud.test_plan import RECORD, STATE

GRAPH = '{"resources": []}'


@pytest.fixture
def records(tmp_path):
    return Records("prod", tmp_path)


def record(day: int, rollback_of: str | None = None) -> Record:
    name = new_name(datetime(2026, 11, day, 10, 15, tzinfo=UTC))
    return replace(RECORD, name=name, rollback_of=rollback_of, graph=digest(GRAPH))


def test_a_record_is_read_as_it_was_written(records):
    registered = Registered(
        pools={"p": {"base_job_template": {"a": [1, None]}}}, limits={"tag:scan": 2}
    )
    written = replace(record(1), registered=registered, state=STATE)
    file = records.write(written, GRAPH)
    assert file.name == "20261101T101500Z.json"
    assert records.newest() == written
    assert records.graph_text(written) == GRAPH


def test_a_record_is_never_written_over(records):
    records.write(record(1), GRAPH)
    with pytest.raises(FileExistsError):
        records.write(record(1), GRAPH)


def test_the_graph_is_kept_once(records):
    records.write(record(1), GRAPH)
    records.write(record(2), GRAPH)
    assert len(list(records.folder.glob("graph-*"))) == 1
    assert records.names() == ["20261101T101500Z", "20261102T101500Z"]


def test_a_graph_that_was_changed_is_refused(records):
    written = record(1)
    records.write(written, GRAPH)
    next(records.folder.glob("graph-*")).write_text("{}")
    with pytest.raises(CommandFailed, match="git restore"):
        records.graph_text(written)


def test_a_rollback_leads_one_step_back_each_time(records):
    first, second, third = (record(day) for day in (1, 2, 3))
    for one in (first, second, third):
        records.write(one, GRAPH)
    assert records.before(third) == second
    back = record(4, rollback_of=second.name)
    records.write(back, GRAPH)
    assert records.before(back) == first
    with pytest.raises(CommandFailed, match="nothing was deployed before"):
        records.before(first)


def test_an_unknown_record_is_refused_with_those_that_there_are(records):
    records.write(record(1), GRAPH)
    with pytest.raises(CommandFailed, match="the newest records are: 20261101T101500Z"):
        records.read("yesterday")


def test_a_record_of_another_version_is_refused(records):
    file = records.write(record(1), GRAPH)
    file.write_text(file.read_text().replace('"commit"', '"revision"'))
    with pytest.raises(CommandFailed, match="commit"):
        records.newest()
