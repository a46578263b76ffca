"""Tasks: run by EXECUTE TASK, with those that follow, and told by TASK_HISTORY."""

import pytest

from tests.contract.snowflake.sql import Sql


@pytest.fixture
def graph(sql: Sql) -> Sql:
    """A task that takes a stream, and some that follow; ``said`` tells which ran."""
    sql("create table n (i int)")
    sql("create table said (s string)")
    sql("create stream st on table n")
    sql("""create task a warehouse = w schedule = '5 minutes' comment = 'takes st'
        when system$stream_has_data('st') as insert into said select 'a' || i from st""")
    sql("create task b after a as begin insert into said values ('b'); end")
    sql("create task c after b as insert into said values ('c')")
    sql("create task d after a, b as insert into said values ('d')")
    sql("create task e after a, c as insert into said values ('e')")
    return sql


def said(sql: Sql) -> list[str]:
    return [s for (s,) in sql("select s from said order by s")]


def runs(sql: Sql) -> list[tuple]:
    place = sql.one("select current_schema()")
    return sql("select name, state, error_code from table(information_schema.task_history()) "
               f"where schema_name = '{place}'")  # fmt: skip


def test_a_task_runs_with_those_that_follow_and_are_resumed(graph: Sql) -> None:
    for name in "bde":
        graph(f"alter task {name} resume")
    graph("insert into n values (7)")
    assert graph.one("execute task a") == "Task A is scheduled to run immediately."

    assert said(graph) == ["a7", "b", "d", "e"]  # c is suspended: e follows a alone
    assert sorted(runs(graph)) == [(name, "SUCCEEDED", None) for name in "ABDE"]
    assert graph.one("select system$stream_has_data('st')") is False


def test_a_task_whose_condition_does_not_hold_is_skipped(graph: Sql) -> None:
    graph("alter task b resume")
    graph("execute task a")

    assert (said(graph), runs(graph)) == ([], [("A", "SKIPPED", None)])


def test_what_follows_a_task_that_fails_does_not_run(graph: Sql) -> None:
    for name in "bcd":
        graph(f"alter task {name} resume")
    graph("create or replace task b after a as insert into said select 1 / 0")
    graph("alter task b resume")
    graph("insert into n values (7)")
    graph("execute task a")

    assert said(graph) == ["a7"]
    assert runs(graph) == [("B", "FAILED", "100051"), ("A", "SUCCEEDED", None)]
    message = ("select name, error_message from table(canton.information_schema.task_history("
               "task_name => 'b', result_limit => 1))")  # fmt: skip
    assert graph(message) == [("B", "Division by zero")]


def test_a_task_runs_in_its_schema_and_in_a_session_of_its_own(graph: Sql) -> None:
    place = f"canton.{graph.one('select current_schema()')}"
    graph("create task own as insert into said select current_schema()")
    graph("create temporary table said (s string)")
    graph("use schema canton.gold")
    graph(f"execute task {place}.own")

    assert graph.one("select current_schema()") == "GOLD"
    graph(f"drop table {place}.said")
    assert graph(f"select s from {place}.said") == [(place.split(".")[1],)]


def test_tasks_are_shown(graph: Sql) -> None:
    graph("alter task d resume")
    graph("show tasks in schema")
    columns = '"name", "state", "schedule", "predecessors", "condition", "comment"'
    shown = graph(f"select {columns} from table(result_scan(last_query_id()))")
    place = f"CANTON.{graph.one('select current_schema()')}"

    assert shown[0] == (
        "A", "suspended", "5 minutes", "[]", "system$stream_has_data('st')", "takes st",
    )  # fmt: skip
    assert shown[3] == ("D", "started", None, f'["{place}.A", "{place}.B"]', None, "")
    assert len(shown) == 5


@pytest.mark.parametrize(
    ("statement", "errno"),
    [
        ("create task a as select 1", 2002),
        ("create task x after nosuch as select 1", 2003),
        ("create task x schedule = 'tomorrow' as select 1", 1003),
        ("create task x schedule = '5 minutes' after a as select 1", 1003),
        ("create task x allow_overlapping_execution = true as select 1", 2),
        ("create task x", 1003),
        ("execute task b", 1003),
        ("execute task nosuch", 2003),
        ("execute task a retry last", 2),
        ("alter task a set comment = 'x'", 2),
        ("drop task a", 2),
        ("drop task nosuch", 2003),
        ("select * from table(information_schema.task_history(error_only => true))", 2),
    ],
)
def test_what_a_task_is_not(graph: Sql, statement: str, errno: int) -> None:
    assert graph.failure(statement)[0] == errno


def test_a_transaction_runs_no_task(graph: Sql) -> None:
    graph("begin")
    assert graph.failure("execute task a")[0] == 2
    graph("rollback")
    assert graph.one("drop task e") == "E successfully dropped."
    assert "already dropped" in graph.one("drop task if exists e")


def test_a_task_that_executes_itself_ends(graph: Sql) -> None:
    graph("create or replace task e as execute task e")
    graph("execute task e")

    failed, *others = sorted(runs(graph))
    assert failed == ("E", "FAILED", "000002")
    assert others == [("E", "SUCCEEDED", None)] * 15


def test_a_schedule_may_be_cron(graph: Sql) -> None:
    cron = "using cron 0 9-17 * * SUN America/Los_Angeles"
    graph(f"create or replace task e schedule = '{cron}' as select case when true then 1 end as x")
    graph("execute task e")

    assert runs(graph) == [("E", "SUCCEEDED", None)]
