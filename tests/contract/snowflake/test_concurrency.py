"""Many sessions at once: nothing lost, nothing seen half, nobody stuck."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.contract.snowflake.sql import Sql

NewSql = Callable[..., Sql]
ROUNDS = 8


def test_loaders_writers_and_readers_agree(sql: Sql, new_sql: NewSql) -> None:
    sql("create table events (loader int, n int)")
    sql("create table counts (name string, n int)")
    sql("insert into counts values ('total', 0)")

    def load(loader: int, session: Sql) -> None:
        for _ in range(ROUNDS):
            session("begin")
            assert session.count("update counts set n = n + 100 where name = 'total'") == 1
            session(
                f"""insert into events
                    select {loader}, seq4() from table(generator(rowcount => 100))"""
            )
            session("commit")

    def read(session: Sql) -> list[tuple[int, int]]:
        return [
            session.one("select (select count(*) from events), (select n from counts)")
            for _ in range(ROUNDS * 3)
        ]

    with ThreadPoolExecutor() as pool:
        loads = [pool.submit(load, n, new_sql()) for n in range(3)]
        reads = [pool.submit(read, new_sql()) for _ in range(2)]
        seen = [pair for future in reads for pair in future.result(60)]
        for future in loads:
            future.result(60)

    assert all(events == total for events, total in seen)
    expected = 3 * ROUNDS * 100
    assert sql.one("select (select count(*) from events), (select n from counts)") == (
        expected,
        expected,
    )


def test_one_session_may_be_used_by_several_threads(sql: Sql) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: sql.one(f"select {n}"), range(40)))

    assert answers == list(range(40))
