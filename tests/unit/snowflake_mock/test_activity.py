"""Checks of what is kept of statements for the console's page."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from mocks.snowflake.activity import (
    KEPT,
    KEPT_IDS,
    LONGEST,
    MOST_CHARACTERS,
    MOST_TEXTS,
    Activity,
    Origin,
    note,
)
from mocks.snowflake.errors import StatementFailed

SESSION = Origin()


def ran(activity: Activity, text: str, *sql: str) -> None:
    with activity.statement(text, SESSION):
        for one in sql:
            note(one)


def fail(activity: Activity, text: str, sql: str) -> None:
    with activity.statement(text, SESSION):
        note(sql)
        raise StatementFailed(1003, "42000", f"unexpected {text}")


def test_a_statement_runs_and_then_has_run() -> None:
    activity = Activity()
    with activity.statement("select 1", SESSION):
        (running,) = activity.running()
        assert (running.origin, running.text, running.seconds) == (SESSION, "select 1", None)
        assert activity.ended() == []
        note("SELECT 1")

    assert (activity.running(), activity.ended()) == ([], [running])
    assert (running.ran, running.seconds is None) == (["SELECT 1"], False)


def test_a_failure_is_kept_with_its_statement() -> None:
    activity = Activity()
    with pytest.raises(StatementFailed):
        fail(activity, "select x", "SELECT X")

    assert activity.ended()[0].error == "001003 (42000): unexpected select x"


def test_what_a_block_runs_is_noted_with_the_statement_within_it() -> None:
    activity = Activity()
    with activity.statement("begin select 1; end", SESSION):
        ran(activity, "select 1", "SELECT 1")
        note("SELECT 2")
    note("SELECT 3")  # of no statement

    assert [(one.text, one.ran) for one in activity.ended()] == [
        ("begin select 1; end", ["SELECT 2"]),
        ("select 1", ["SELECT 1"]),
    ]


def run_many(activity: Activity) -> None:
    for number in range(6000):
        ran(activity, f"select {number}")


def test_a_statement_that_ends_meanwhile_is_told_once() -> None:
    activity, told = Activity(), []
    interval = sys.getswitchinterval()
    sys.setswitchinterval(5e-4)
    try:
        with ThreadPoolExecutor(4) as pool:
            running = [pool.submit(run_many, activity) for _ in range(4)]
            while not all(one.done() for one in running):
                told.append([one.query_id for one in activity.latest()])
    finally:
        sys.setswitchinterval(interval)

    assert [ids for ids in told if len(set(ids)) < len(ids)] == []
    assert len(activity.latest()) == KEPT_IDS


def test_a_bounded_part_is_kept() -> None:
    activity = Activity()
    for number in range(KEPT + 3):
        ran(activity, f"select {number}", *["x" * (MOST_CHARACTERS + 9)] * (MOST_TEXTS + 2))

    newest, *_, oldest = activity.ended()
    assert (newest.text, oldest.text) == (f"select {KEPT + 2}", "select 3")
    assert newest.ran == ["x" * MOST_CHARACTERS + "…"] * MOST_TEXTS


def test_of_an_error_the_beginning_is_kept() -> None:
    activity = Activity()
    with pytest.raises(StatementFailed), activity.statement("select v::int from t", SESSION):
        raise StatementFailed(100038, "22018", "x" * LONGEST)

    (failed,) = activity.latest()
    assert failed.error_message == "x" * (MOST_CHARACTERS - len("100038 (22018): ")) + "…"


@pytest.mark.parametrize(
    "text",
    [
        "create user u password = 'hunter2'",
        "alter user u set PASSWORD='hunter2' comment = 'hunter2'",
        'create user u password = "hunter2"',
        "create user u password=$$hunter2$$",
        "create stage s credentials = (aws_key_id = 'k' aws_secret_key = 'hunter2')",
        "create secret s type = generic_string secret_string = 'hunter2'",
        "set api_token = 'hunter2'",
        """insert into t select parse_json('{"password": "hunter2"}')""",
        "call login(password => 'hunter2')",
        "execute immediate 'create user u password = ''hunter2'''",
    ],
)
def test_a_secret_is_kept_nowhere(text: str) -> None:
    activity = Activity()
    with pytest.raises(StatementFailed):
        fail(activity, text, "INSERT INTO users VALUES ('hunter2')")

    (one,) = activity.ended()
    assert "hunter2" not in repr(one)
    assert (one.text.split()[0], one.ran, one.error) == (text.split(maxsplit=1)[0], [], "001003")


def test_of_a_very_long_statement_the_beginning_is_kept_alone() -> None:
    activity = Activity()
    text = f"insert into t values {'(1), ' * LONGEST}; -- password = 'hunter2'"
    with pytest.raises(StatementFailed):
        fail(activity, text, "INSERT INTO t VALUES ('hunter2')")

    (one,) = activity.ended()
    assert (one.text, one.ran, one.error) == (text[:MOST_CHARACTERS] + "…", [], "001003")


def test_columns_that_are_named_so_are_no_secrets() -> None:
    activity = Activity()
    text = "select strtok('a b', ' '), token_id from t where instrument = 'x'"
    ran(activity, text, "SELECT 1")

    assert (activity.ended()[0].text, activity.ended()[0].ran) == (text, ["SELECT 1"])
