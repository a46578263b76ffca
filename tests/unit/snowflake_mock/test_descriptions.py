"""Checks of what is remembered of queries' columns, and for how long."""

from collections.abc import Callable

import duckdb
import pytest

from mocks.snowflake import descriptions
from mocks.snowflake.descriptions import Columns, Descriptions

A: Columns = [("A", "INTEGER")]
B: Columns = [("A", "VARCHAR")]


def telling(columns: Columns) -> Callable[[], Columns]:
    return lambda: columns


@pytest.fixture
def known() -> Descriptions:
    found = Descriptions()
    found.of("query", telling(A))
    return found


@pytest.mark.parametrize(
    "text",
    [
        "select 1",
        "\n INSERT into t select 1",
        "With a as (select 1) select * from a",
        "begin",
        "alter  session set X = 1",
    ],
)
def test_what_defines_nothing_leaves_what_is_known(known: Descriptions, text: str) -> None:
    with known.beside(text):
        assert known.of("query", telling(B)) == A
    assert known.of("query", telling(B)) == A
    assert known.of("another query", telling(B)) == B


@pytest.mark.parametrize(
    "text", ["create table t (a int)", "alter table t add b int", "call p()", "selection"]
)
def test_what_may_define_something_lets_all_be_forgotten(known: Descriptions, text: str) -> None:
    with known.beside(text):
        assert [known.of("query", telling(told)) for told in (B, A, B)] == [B, A, B]
        with known.beside("select 1"):
            assert known.of("query", telling(A)) == A
    assert known.of("query", telling(B)) == B


def test_one_that_fails_lets_all_be_forgotten_too(known: Descriptions) -> None:
    with pytest.raises(ZeroDivisionError), known.beside("drop table t"):
        raise ZeroDivisionError
    assert known.of("query", telling(B)) == B


def test_what_was_asked_before_a_definition_is_not_remembered_after_it(known: Descriptions) -> None:
    def ask_meanwhile() -> Columns:
        with known.beside("create table t (a int)"):
            return A

    assert known.of("slow query", ask_meanwhile) == A
    assert known.of("slow query", telling(B)) == B


def test_an_error_is_not_remembered(known: Descriptions) -> None:
    def fail() -> Columns:
        raise duckdb.BinderException

    with pytest.raises(duckdb.BinderException):
        known.of("bad query", fail)
    assert known.of("bad query", telling(A)) == A


def test_of_too_many_all_are_forgotten_and_the_next_are_kept(
    known: Descriptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(descriptions, "_KEPT", 2)
    for query in ("second", "third"):
        known.of(query, telling(A))

    assert [known.of(query, telling(B)) for query in ("third", "second")] == [A, B]
