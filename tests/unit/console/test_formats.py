"""State of other revisions: one rule, and one line that refuses."""

import pytest

import mocks
from local.console.formats import (
    StateBroken,
    StateRefused,
    refusal_in,
    refuse_other_format,
    this_revision,
    way_out,
)
from services.errors import STATE_REFUSED
from tests.clone import ROOT


@pytest.mark.parametrize(
    ("found", "kind", "told"),
    [
        (5, StateRefused, "the state was written by a newer version (format 5, this one knows 4)"),
        (
            1,
            StateRefused,
            "the state was written by an older version (format 1, this one knows 4)",
        ),
        ("x", StateBroken, "the state is broken: its format is 'x', which is no number"),
        (None, StateBroken, "the state is broken: its format is None, which is no number"),
        (True, StateBroken, "the state is broken: its format is True, which is no number"),
    ],
)
def test_any_other_format_is_refused(found, kind, told):
    with pytest.raises(StateRefused) as refused:
        refuse_other_format(found, 4, "the state")
    assert (type(refused.value), str(refused.value)) == (kind, told)


def test_the_format_of_this_revision_is_taken():
    refuse_other_format(4, 4, "the state")


def test_the_way_out_names_the_revision_that_used_it_last():
    refused = StateRefused("it is newer")
    told = way_out(refused, used_by="0123abcd", here="this one", reset="make reset")
    assert told == (
        "it is newer. It is left as it is: update this clone (git pull), go on with revision"
        " 0123abcd, which used it last (git checkout 0123abcd), or start over (make reset)"
    )


@pytest.mark.parametrize("used_by", ["", "this one"])
def test_no_revision_is_named_that_helps_nobody(used_by):
    refused = StateRefused("it is newer")
    told = way_out(refused, used_by=used_by, here="this one", reset="make reset")
    assert told == (
        "it is newer. It is left as it is: update this clone (git pull), or start over (make reset)"
    )


def test_what_is_broken_is_broken_for_every_revision():
    refused = StateBroken("it is cut")
    told = way_out(refused, used_by="0123abcd", here="this one", reset="make reset")
    assert told == "it is cut. It is left as it is; to start over: make reset"


def test_without_git_there_is_no_revision(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert this_revision() == ""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert this_revision() == ""


@pytest.mark.parametrize(
    ("line", "kind", "told"),
    [
        ("scan: state refused: format 3", StateRefused, "format 3"),
        (
            "alembic.util.exc.CommandError: Can't locate revision identified by 'ffffffffffff'",
            StateRefused,
            (
                "Prefect's database is of a newer Prefect: this one doesn't know its revision"
                " ffffffffffff"
            ),
        ),
        (
            "sqlalchemy.exc.DatabaseError: (sqlite3.DatabaseError) file is not a database",
            StateBroken,
            "Prefect's database is broken: file is not a database",
        ),
    ],
)
def test_a_refusal_is_found_among_the_last_lines(line, kind, told):
    refused = refusal_in(["starting", line, "Application startup failed. Exiting."])
    assert (type(refused), str(refused)) == (kind, told)


def test_other_last_words_are_no_refusal():
    assert refusal_in(["MemoryError", "killed"]) is None


@pytest.mark.parametrize("file", ["docker/localstack/s3_disk.py", "docker/postgres/entrypoint"])
def test_all_services_begin_a_refusal_alike(file):
    assert mocks.STATE_REFUSED == STATE_REFUSED
    assert f'"{STATE_REFUSED}' in (ROOT / file).read_text()
