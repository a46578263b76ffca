"""``create function … language python``: what handlers get, what becomes of what they return."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.snowflake.readme import in_one_line
from tests.contract.snowflake.sql import Sql

NewSql = Callable[..., Sql]


def define(
    sql: Sql, signature: str, body: str, *, clauses: str = "", create: str = "create or replace"
) -> list[tuple]:
    return sql(
        f"""{create} function {signature} language python runtime_version = '3.11'
            handler = 'handler' {clauses} as $${body}$$"""
    )


SHAPE = """
def handler(value):
    return f"{type(value).__name__} {value}" if not hasattr(value, "is_sql_null") else "SQL NULL"
"""


@pytest.mark.parametrize(
    ("kind", "argument", "seen"),
    [
        ("variant", "parse_json('{\"a\": [1, 2.5, \"x\", null, true]}')", "dict {'a': [1, 2.5, 'x', None, True]}"),  # noqa: E501
        ("variant", "parse_json('null')", "NoneType None"),
        ("variant", "null", "SQL NULL"),
        ("variant", "'text'::variant", "str text"),
        ("variant", "'text'", "str text"),
        ("variant", "5", "int 5"),
        ("array", "array_construct(1, 'a')", "list [1, 'a']"),
        ("array", "null", "NoneType None"),
        ("object", "object_construct('a', 1)", "dict {'a': 1}"),
        ("string", "'x'", "str x"),
        ("string", "null", "NoneType None"),
        ("number(38,0)", "12345678901234567890123456789012345678", "int 12345678901234567890123456789012345678"),  # noqa: E501
        ("number(38,10)", "1.5", "Decimal 1.5000000000"),
        ("float", "1.5", "float 1.5"),
        ("boolean", "true", "bool True"),
        ("date", "'2025-12-10'::date", "date 2025-12-10"),
        ("timestamp_ntz", "'2025-12-10 16:23:25.721430'::timestamp_ntz", "datetime 2025-12-10 16:23:25.721430"),  # noqa: E501
    ],
)  # fmt: skip
def test_an_argument_arrives_as_snowflake_maps_it(
    sql: Sql, kind: str, argument: str, seen: str
) -> None:
    define(sql, f"shape(value {kind}) returns string", SHAPE)

    assert sql.one(f"select shape({argument})") == seen


@pytest.mark.parametrize(
    ("kind", "value", "answer"),
    [
        ("variant", "{'b': 1, 'a': [None, 'é', 1.5]}", '{"a":[null,"é",1.5],"b":1}'),
        ("variant", "None", None),
        ("array", "[1, {'x': 'y'}]", '[1,{"x":"y"}]'),
        ("array", "[]", "[]"),
        ("object", "{'a': 1}", '{"a":1}'),
        ("string", "'x'", "x"),
        ("number(38,0)", "10 ** 37", 10**37),
        ("boolean", "False", False),
        ("float", "0.5", 0.5),
    ],
)
def test_what_a_handler_returns_is_the_value(sql: Sql, kind: str, value: str, answer: Any) -> None:
    define(sql, f"f() returns {kind}", f"\ndef handler():\n    return {value}\n")

    result = sql.one("select f()")
    assert (in_one_line(result) if isinstance(result, str) else result) == answer


def test_a_returned_number_is_rounded_half_away_from_zero(sql: Sql) -> None:
    define(
        sql,
        "f(sign int) returns number(38,10)",
        "\nfrom decimal import Decimal as D\ndef handler(sign):\n    return sign * D('5e-11')\n",
    )

    assert [str(n) for n in sql.one("select f(1), f(-1)")] == ["1E-10", "-1E-10"]


MOVEMENTS = """
import json
from decimal import Decimal

def total(amounts):
    return str(sum(map(Decimal, amounts)))

def handler(raw):
    return [{"leg": n, "cc": cc, "all": total(raw["cc"])} for n, cc in enumerate(raw["cc"])]
"""


def test_rows_of_a_function_can_be_inserted_through_flatten(sql: Sql, schema: str) -> None:
    define(sql, "movements(raw variant) returns array", MOVEMENTS)
    sql("create table raw (id int, payload variant)")
    sql('insert into raw select 1, parse_json(\'{"cc": ["1.5", "0E-10"]}\')')
    sql("insert into raw select 2, parse_json('{\"cc\": []}')")
    sql("create table legs (id int, leg int, cc number(38,10), total number(38,10), place int)")
    inserted = sql.count(
        f"""insert into legs
            select r.id, m.value:leg::int, m.value:cc::number(38,10), m.value:all::number(38,10),
                   m.index
            from raw r, lateral flatten(input => canton.{schema}.movements(r.payload)) m"""
    )

    assert inserted == 2
    rows = sql("select id, leg, cc::string, total::string, place from legs order by leg")
    assert rows == [
        (1, 0, "1.5000000000", "1.5000000000", 0),
        (1, 1, "0.0000000000", "1.5000000000", 1),
    ]


def test_names_resolve_as_snowflake_resolves_them(sql: Sql, schema: str) -> None:
    define(sql, f"canton.{schema}.one() returns int", "\ndef handler():\n    return 1\n")
    query = f"select one(), {schema}.one(), canton.{schema}.one(), {schema.lower()}.ONE()"

    assert sql.one(query) == (1, 1, 1, 1)
    sql("use schema canton.gold")
    assert sql.one(f"select {schema}.one()") == 1
    assert sql.failure("select one()")[0] == 2140
    assert sql.failure(f"select {schema}.one(5)") == (
        2140,
        (
            f"SQL compilation error:\nUnknown function CANTON.{schema}.ONE. "
            "(mocks/snowflake/README.md, 'Refused')"
        ),
    )


def test_functions_are_told_apart_by_how_many_arguments_they_take(sql: Sql) -> None:
    define(sql, "f(a int) returns string", "\ndef handler(a):\n    return 'one'\n", create="create")
    define(sql, "f(a int, b int) returns string", "\ndef handler(a, b):\n    return 'two'\n")

    assert sql.one("select f(1), f(1, 2)") == ("one", "two")


def test_all_sessions_see_a_function_at_once(sql: Sql, new_sql: NewSql) -> None:
    other = new_sql()
    define(sql, "f() returns int", "\ndef handler():\n    return 1\n")
    assert other.one("select f()") == 1
    define(sql, "f() returns int", "\ndef handler():\n    return 2\n")
    assert other.one("select f()") == 2
    sql("drop function f()")

    assert other.failure("select f()")[0] == 2140


def test_create_and_drop_answer_as_for_other_objects(sql: Sql, schema: str) -> None:
    again = "f() returns int", "\ndef handler():\n    return 2\n"

    assert define(sql, *again, create="create") == [("Function F successfully created.",)]
    assert sql.failure(
        "create function f() returns int language python runtime_version = '3.11' "
        "handler = 'handler' as 'def handler(): return 2'"
    ) == (2002, "SQL compilation error:\nObject 'F()' already exists.")
    assert sql(
        "create function if not exists f() returns int language python runtime_version = '3.11' "
        "handler = 'handler' as 'def handler(): return 3'"
    ) == [("Function F already exists, statement succeeded.",)]
    assert sql.one("select f()") == 2
    described = [row for row in sql("show user functions like 'f'") if row[1] == schema]
    assert described == [("F", schema, "CANTON", "F() RETURN NUMBER", "", "N", "PYTHON")]
    assert sql("drop function f()") == [("F successfully dropped.",)]
    assert sql.failure("drop function f()")[0] == 2003
    gone = "Drop statement executed successfully (F already dropped)."
    assert sql("drop function if exists f()") == [(gone,)]


def test_an_exception_is_told_with_its_line(sql: Sql, schema: str) -> None:
    define(
        sql,
        "broken(raw variant) returns array",
        "\ndef inner(raw):\n    return raw['nowhere']\n"
        "\ndef handler(raw):\n    return inner(raw)\n",
    )
    errno, message = sql.failure("select broken(parse_json('{}'))")

    assert errno == 100357
    markers = re.compile(r"^ +[~^]+\n", re.MULTILINE)  # Python 3.13 underlines less than 3.11
    assert markers.sub("", message) == (
        "Python Interpreter Error:\n"
        "Traceback (most recent call last):\n"
        f'  File "<{schema.lower()}.broken>", line 6, in handler\n'
        "    return inner(raw)\n"
        f'  File "<{schema.lower()}.broken>", line 3, in inner\n'
        "    return raw['nowhere']\n"
        "KeyError: 'nowhere'\n"
        " in function BROKEN with handler handler"
    )


@pytest.mark.parametrize(
    ("clauses", "body", "errno"),
    [
        pytest.param("packages = ('numpy')", "def handler(): return 1", 2, id="packages"),
        pytest.param("imports = ('@s/x.py')", "def handler(): return 1", 2, id="imports"),
        pytest.param("", "import msgspec\ndef handler(): return 1", 2, id="third party"),
        pytest.param("", "from duckdb import x\ndef handler(): return 1", 2, id="from third party"),
        pytest.param("", "def other(): return 1", 100357, id="no handler"),
        pytest.param("", "def handler(:", 100357, id="no Python"),
        pytest.param("", "raise ValueError('x')", 100357, id="fails at once"),
        pytest.param("packages = ()", "def handler(): return 1", 0, id="no packages"),
        pytest.param("comment = 'c' strict immutable", "def handler(): return 1", 0, id="notes"),
    ],
)
def test_code_that_snowflake_would_not_run_is_refused_when_it_is_defined(
    sql: Sql, clauses: str, body: str, errno: int
) -> None:
    statement = f"""create function f() returns int language python runtime_version = '3.11'
        handler = 'handler' {clauses} as $${body}$$"""

    if errno:
        assert sql.failure(statement)[0] == errno
    else:
        assert sql.one(statement) == "Function F successfully created."


@pytest.mark.parametrize(
    "definition",
    [
        "create function f(a int) returns int language javascript as 'return 1'",
        """create function f() returns table (a int) language python runtime_version = '3.11'
           handler = 'h' as 'x'""",
        """create procedure p() returns int language python runtime_version = '3.11'
           packages = ('snowflake-snowpark-python') handler = 'h' as 'x'""",
    ],
)
def test_other_kinds_of_functions_are_refused(sql: Sql, definition: str) -> None:
    assert sql.failure(definition)[0] == 2


def test_a_dollar_sign_in_code_is_no_session_variable(sql: Sql) -> None:
    body = '\nimport re\ndef handler(s):\n    return re.sub("x$y?", "$1", s)\n'
    define(sql, "f(s string) returns string", body)

    assert sql.one("select f('ax')") == "a$1"


def test_five_thousand_updates_of_nine_kilobytes_take_no_time_to_speak_of(sql: Sql) -> None:
    define(
        sql,
        "count_events(raw variant) returns array",
        "\ndef handler(raw):\n    return [{'n': len(raw['events'])}]\n",
    )
    event = json.dumps({"template_id": "t" * 64, "payload": {"amount": "1.0000000000"}})
    events = json.dumps({"events": [json.loads(event)] * 80})
    sql("create table raw (payload variant)")
    sql("insert into raw select parse_json(%s) from table(generator(rowcount => 5000))", (events,))
    assert len(events) > 9000
    fastest = 60.0
    for _ in range(3):  # the machine may be busy with something else once
        started = time.perf_counter()
        total = sql.one(
            """select sum(m.value:n::int)
               from raw, lateral flatten(input => count_events(payload)) m"""
        )
        fastest = min(fastest, time.perf_counter() - started)
        assert total == 5000 * 80

    assert fastest < 3  # 0.5 s where nothing else runs; SQL alone takes 30
