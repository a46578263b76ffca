"""Rows on the wire: types, cursors, bound values, what is kept."""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import psutil
import pytest
from snowflake.connector import DictCursor
from snowflake.connector.constants import FIELD_ID_TO_NAME
from snowflake.connector.errors import Error

from tests.contract.snowflake.server import PASSWORD, USER, LocalSnowflake
from tests.contract.snowflake.sql import Sql

NewSql = Callable[..., Sql]
JSON_OR_ARROW = "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT"


@pytest.mark.parametrize(
    ("expression", "value", "kind", "sizes"),
    [
        ("5::int", 5, "FIXED", (38, 0)),
        ("12345678901234567890123456789012345678::number(38,0)", 12345678901234567890123456789012345678, "FIXED", (38, 0)),  # noqa: E501
        ("5::number(10,0)", 5, "FIXED", (10, 0)),
        ("1.5::number(38,10)", Decimal("1.5000000000"), "FIXED", (38, 10)),
        ("-0.05::number(5,2)", Decimal("-0.05"), "FIXED", (5, 2)),
        ("count(*)", 1, "FIXED", (18, 0)),
        ("sum(1.5::number(10,2))", Decimal("1.50"), "FIXED", (38, 2)),
        ("0.5::float", 0.5, "REAL", (None, None)),
        ("'é'", "é", "TEXT", (None, None)),
        ("true", True, "BOOLEAN", (None, None)),
        ("'2025-12-10'::date", date(2025, 12, 10), "DATE", (None, None)),
        ("'16:23:25.5'::time", time(16, 23, 25, 500000), "TIME", (0, 9)),
        ("'1969-12-31 23:59:59.999999'::timestamp_ntz", datetime(1969, 12, 31, 23, 59, 59, 999999), "TIMESTAMP_NTZ", (0, 9)),  # noqa: E501, DTZ001
        ("'2025-12-10 14:00:00 +00:00'::timestamp_tz", datetime(2025, 12, 10, 14, tzinfo=UTC), "TIMESTAMP_TZ", (0, 9)),  # noqa: E501
        ("parse_json('{\"a\":1}')", '{\n  "a": 1\n}', "VARIANT", (None, None)),
        ("to_binary('00ff', 'hex')", bytearray(b"\x00\xff"), "BINARY", (None, None)),
        ("null", None, "TEXT", (None, None)),
        ("null::number(38,10)", None, "FIXED", (38, 10)),
        ("null::timestamp_tz", None, "TIMESTAMP_TZ", (0, 9)),
        ("null::date", None, "DATE", (None, None)),
        ("null::variant", None, "VARIANT", (None, None)),
        ("array_construct(1)", "[\n  1\n]", "ARRAY", (None, None)),
        ("object_construct('a', 1)", '{\n  "a": 1\n}', "OBJECT", (None, None)),
    ],
)  # fmt: skip
def test_a_value_arrives_as_the_type_that_snowflake_sends(
    sql: Sql, expression: str, value: Any, kind: str, sizes: tuple[int | None, int | None]
) -> None:
    with sql.connection.cursor() as cursor:
        (row,) = cursor.execute(f"select {expression} as x").fetchall()
        (column,) = cursor.description

    assert (row, type(row[0])) == ((value,), type(value))
    assert (column.name, FIELD_ID_TO_NAME[column.type_code]) == ("X", kind)
    assert (column.precision, column.scale) == sizes


@pytest.fixture
def rowset(local_snowflake: LocalSnowflake, schema: str) -> Iterator[Callable[[str], list]]:
    """The rows of a query as a driver without Arrow gets them."""
    who = {"LOGIN_NAME": USER, "PASSWORD": PASSWORD, "CLIENT_APP_ID": "JavaScript"}
    login = f"/session/v1/login-request?databaseName=CANTON&schemaName={schema}"
    token = local_snowflake.post(login, {"data": who})["data"]["token"]

    def read(query: str) -> list:
        answer = local_snowflake.post("/queries/v1/query-request", {"sqlText": query}, token)
        assert answer["success"], answer["message"]
        assert (answer["data"]["queryResultFormat"], answer["data"]["version"]) == ("json", 1)
        return answer["data"]["rowset"]

    yield read
    local_snowflake.post("/session?delete=true", {}, token)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ("0::number(38,10)", "0.0000000000"),
        ("-0.05::number(5,2)", "-0.05"),
        ("259.12::float", "259.12"),
        ("489::float", "489"),
        ("'é'", "é"),
        ("true", "1"),
        ("false", "0"),
        ("'2020-02-01'::date", "18293"),
        ("'1969-12-31'::date", "-1"),
        ("'16:23:25.5'::time", "59005.500000000"),
        ("'2020-02-01 12:13:14'::timestamp_ntz", "1580559194.000000000"),
        ("'1969-12-31 23:59:58.999999'::timestamp_ntz", "-1.000001000"),
        ("'2020-02-01 12:13:14.5 +00:00'::timestamp_tz", "1580559194.500000000 1440"),
        ("to_binary('00ff', 'hex')", "00FF"),
        ("parse_json('{\"b\":1.5}')", '{\n  "b": 1.5\n}'),
        ("array_construct(1)", "[\n  1\n]"),
        ("null", None),
        ("null::timestamp_ntz", None),
        ("null::variant", None),
    ],
)
def test_a_driver_without_arrow_gets_texts(
    rowset: Callable[[str], list], expression: str, text: str | None
) -> None:
    assert rowset(f"select {expression} as x") == [[text]]


def test_a_float_that_json_would_round_is_refused(new_sql: NewSql) -> None:
    sql = new_sql(session_parameters={JSON_OR_ARROW: "JSON"})

    for query in ("select 1::float / 3", "select 'inf'::float"):
        assert sql.failure(query)[0] == 2
    assert sql("select round(1::float / 3, 3)") == [(0.333,)]


@pytest.mark.parametrize(
    "expression",
    [
        "5",
        "1.5::number(38,10)",
        "0.5::float",
        "'é'",
        "true",
        "'2025-12-10'::date",
        "'16:23:25.5'::time",
        "'1969-12-31 23:59:59.999999'::timestamp_ntz",
        "'2025-12-10 14:00:00 +00:00'::timestamp_tz",
        "parse_json('[1.5e3, null]')",
        "null::date",
        "seq4() from table(generator(rowcount => 50000))",
    ],
)
def test_a_value_is_the_same_in_json_and_arrow(sql: Sql, expression: str) -> None:
    def answer(form: str) -> tuple:
        with sql.connection.cursor() as cursor:
            cursor.execute(f"select {expression}", _statement_params={JSON_OR_ARROW: form})
            assert cursor._query_result_format == form.lower()
            rows = cursor.fetchall()
            return rows, {type(value) for row in rows for value in row}, cursor.description

    assert answer("JSON") == answer("ARROW")


def test_a_columns_own_type_is_told(sql: Sql) -> None:
    sql("create table t (a array, o object, l timestamp_ltz, z timestamp_tz, v variant)")
    sql("create table u (a variant)")

    def kinds(query: str) -> list[str]:
        with sql.connection.cursor() as cursor:
            described = [FIELD_ID_TO_NAME[c.type_code] for c in cursor.describe(query)]
            cursor.execute(query)
            assert [FIELD_ID_TO_NAME[c.type_code] for c in cursor.description] == described
        return described

    own = ["ARRAY", "OBJECT", "TIMESTAMP_LTZ", "TIMESTAMP_TZ", "VARIANT"]
    assert kinds("select * from t") == own
    assert kinds("select v, l, a as x from t") == ["VARIANT", "TIMESTAMP_LTZ", "ARRAY"]
    assert kinds("select t.o, t.a from t, u") == ["OBJECT", "VARIANT"]
    assert kinds("select v:x, v:x::object, current_timestamp(), split('a', ',') from t") == [
        "VARIANT",
        "OBJECT",
        "TIMESTAMP_LTZ",
        "ARRAY",
    ]
    assert sql.one("select '2025-12-10 14:00:00'::timestamp_ltz") == datetime(
        2025, 12, 10, 14, tzinfo=UTC
    )


def test_a_view_and_an_identity_are_described(sql: Sql) -> None:
    sql("create table t (i int identity (5, 2), c char, n varchar(7), a array)")
    sql("create view v as select n as m, c, n || c as both from t")

    with sql.connection.cursor(DictCursor) as cursor:
        told = cursor.execute("show columns in table t").fetchall()
    shown = {row["column_name"]: row for row in told}  # type: ignore[call-overload]
    types = {name: json.loads(row["data_type"]) for name, row in shown.items()}
    assert shown["I"]["default"] == ""
    assert shown["I"]["autoincrement"] == "IDENTITY START 5 INCREMENT 2 NOORDER"
    assert (types["C"]["length"], types["A"]["type"]) == (1, "ARRAY")
    assert [row[1] for row in sql("describe view v")] == [
        "VARCHAR(7)",
        "VARCHAR(1)",
        "VARCHAR(16777216)",
    ]


def test_bound_values_arrive(sql: Sql) -> None:
    sql("create table t (i int, n number(38,10), s string, at timestamp_ntz, v variant, b boolean)")
    values = (
        10**20,
        Decimal("12345678901234567890.1234567891"),
        'it\'s \\ "é" %s\n',
        datetime(2025, 12, 10, 16, 23, 25, 721430),  # noqa: DTZ001 -- TIMESTAMP_NTZ
        json.dumps({"k": "it's \\n"}),
        True,
    )
    sql("insert into t select %s, %s, %s, %s, parse_json(%s), %s", values)
    sql("insert into t (i, s) values (%(i)s, %(s)s)", {"i": None, "s": None})

    full, empty = sql("select * from t order by i nulls last")
    assert full == (*values[:4], '{\n  "k": "it\'s \\\\n"\n}', True)
    assert empty == (None,) * 6


def test_question_marks_bind_as_well(new_sql: NewSql) -> None:
    sql = new_sql(paramstyle="qmark")
    at = datetime(2025, 12, 10, 16, 23, 25, 721430)  # noqa: DTZ001 -- TIMESTAMP_NTZ

    assert sql("select ? + 1, ?, ?, ?", (5, "x", at, None)) == [(6, "x", at, None)]
    assert sql("select ?::int + 1, ?::string", ("5", "x")) == [(6, "x")]


def test_a_bound_value_is_cast_where_it_stands(new_sql: NewSql) -> None:
    sql = new_sql(paramstyle="qmark")

    assert sql("select ?::number(10,2), ?::date::text", ("1.5", "2025-12-10")) == [
        (Decimal("1.50"), "2025-12-10")
    ]


def test_a_bound_object_is_refused(new_sql: NewSql) -> None:
    sql = new_sql(paramstyle="qmark")

    assert sql.failure("select ?", [("VARIANT", '{"k": 1}')])[0] == 2
    assert sql("select ?", [("VARIANT", "2025-12-10T16:23:29.721Z")]) == [
        ("2025-12-10T16:23:29.721Z",)  # a Date of Node's driver
    ]


def test_an_array_of_values_is_one_statement(new_sql: NewSql) -> None:
    sql = new_sql(paramstyle="qmark")
    sql("create table t (a int, b number(38,10))")
    with sql.connection.cursor() as cursor:
        cursor.executemany("insert into t values (?, ?)", [(1, Decimal("1.5")), (2, None)])
        assert cursor.rowcount == 2
        with pytest.raises(Error):
            cursor.executemany("insert into t values (?, ?)", [(3, "1"), (4, "no number")])

    assert sql("select a, b::string from t order by a") == [(1, "1.5000000000"), (2, None)]


def test_many_rows_of_formatted_values_are_one_insert(sql: Sql) -> None:
    sql("create table t (a int, b string)")
    with sql.connection.cursor() as cursor:
        cursor.executemany("insert into t values (%s, %s)", [(1, "x"), (2, "y")])

    assert sql("select a, b from t order by a") == [(1, "x"), (2, "y")]


def test_rows_as_dicts_and_later(sql: Sql) -> None:
    query = "select column1 as a, column2 as b from values (1, 'x'), (2, null) order by 1"
    with sql.connection.cursor(DictCursor) as cursor:
        assert cursor.execute(query).fetchall() == [{"A": 1, "B": "x"}, {"A": 2, "B": None}]
    with sql.connection.cursor() as cursor:
        query_id = cursor.execute_async(query)["queryId"]
        cursor.get_results_from_sfqid(query_id)
        assert cursor.fetchall() == [(1, "x"), (2, None)]
    with sql.connection.cursor() as cursor:
        assert [c.name for c in cursor.describe(query)] == ["A", "B"]
    assert [c.fetchall() for c in sql.connection.execute_string("select 1; select 2;")] == [
        [(1,)],
        [(2,)],
    ]


def test_rows_as_arrow_and_pandas(sql: Sql) -> None:
    pytest.importorskip("pandas", reason="the connector reads Arrow only where pandas is")
    with sql.connection.cursor() as cursor:
        table = cursor.execute("select 1::int as a, 'x' as b").fetch_arrow_all()
        assert table.to_pydict() == {"A": [1], "B": ["x"]}
        frame = cursor.execute("select 1::int as a, 'x' as b").fetch_pandas_all()
        assert frame.to_dict("list") == {"A": [1], "B": ["x"]}


def test_describing_runs_nothing(sql: Sql) -> None:
    sql("create table t (a int)")
    with sql.connection.cursor() as cursor:
        described = cursor.describe("insert into t select 1")

    assert [column.name for column in described] == ["number of rows inserted"]
    assert sql.one("select count(*) from t") == 0


def test_a_large_result_arrives_whole(sql: Sql) -> None:
    rows = sql(
        "select seq4(), repeat('x', 100) from table(generator(rowcount => 50000)) order by 1"
    )

    assert [row[0] for row in rows] == list(range(50000))
    assert {row[1] for row in rows} == {"x" * 100}


def test_an_empty_result_has_its_columns(sql: Sql) -> None:
    with sql.connection.cursor() as cursor:
        cursor.execute("select 1::int as a, null::timestamp_ntz as b where false")
        assert (cursor.fetchall(), [c.name for c in cursor.description]) == ([], ["A", "B"])


def test_describe_names_types_as_snowflake_does(sql: Sql) -> None:
    sql(
        """create table t (i int not null, n number(38,10), s string, c varchar(5), v variant,
           a array, at timestamp_ntz, d date, b boolean, f float)"""
    )

    assert [(row[0], row[1], row[3]) for row in sql("describe table t")] == [
        ("I", "NUMBER(38,0)", "N"),
        ("N", "NUMBER(38,10)", "Y"),
        ("S", "VARCHAR(16777216)", "Y"),
        ("C", "VARCHAR(5)", "Y"),
        ("V", "VARIANT", "Y"),
        ("A", "ARRAY", "Y"),
        ("AT", "TIMESTAMP_NTZ(9)", "Y"),
        ("D", "DATE", "Y"),
        ("B", "BOOLEAN", "Y"),
        ("F", "FLOAT", "Y"),
    ]


def test_show_heeds_like_and_in(sql: Sql, schema: str) -> None:
    sql("create table apples (a int)")
    sql("create table pears (a int)")
    sql("create view apple_view as select 1 as a")
    sql("create stage apple_stage url = 's3://x/'")

    def shown(statement: str) -> list[str]:
        with sql.connection.cursor(DictCursor) as cursor:
            return sorted(row["name"] for row in cursor.execute(statement).fetchall())

    assert shown("show tables like 'APP%'") == ["APPLES"]
    assert shown(f"show tables in schema canton.{schema}") == ["APPLES", "PEARS"]
    assert shown("show tables like 'app%' in schema gold") == []
    assert shown("show views like '%view'") == ["APPLE_VIEW"]
    assert shown("show stages like 'pear%'") == []
    assert shown("show stages like 'apple_stage'") == ["APPLE_STAGE"]
    assert shown("show stages like 'landing' in schema bronze") == ["LANDING"]
    assert shown(f"show schemas like '{schema}' in database canton") == [schema]
    assert shown("show databases like 'can%'") == ["CANTON"]


def test_schemas_are_shown_with_snowflakes_columns(sql: Sql, schema: str) -> None:
    def shown(statement: str) -> list[dict]:
        with sql.connection.cursor(DictCursor) as cursor:
            return cursor.execute(statement).fetchall()  # type: ignore[return-value]

    (row,) = shown(f"show schemas like '{schema}'")
    assert {name: value for name, value in row.items() if name != "created_on"} == {
        "name": schema, "is_default": "N", "is_current": "Y", "database_name": "CANTON",
        "owner": "SYSADMIN", "comment": "", "options": "", "retention_time": "1",
        "owner_role_type": "ROLE",
    }  # fmt: skip
    names = ["created_on", "name", "kind", "database_name", "schema_name"]
    (terse,) = shown("show terse schemas like 'INFORMATION_SCHEMA'")
    assert (list(terse), terse["name"]) == (names, "INFORMATION_SCHEMA")
    sql("create database if not exists shown_elsewhere")
    sql(f"use schema canton.{schema}")
    assert {"CANTON", "SHOWN_ELSEWHERE"} <= {
        row["database_name"] for row in shown("show schemas in account")
    }
    assert {row["database_name"] for row in shown("show schemas")} == {"CANTON"}


def test_a_result_that_is_not_kept_any_more_is_an_error(sql: Sql) -> None:
    sql("select 1")
    query_id = sql.one("select last_query_id()")

    assert sql(f"select * from table(result_scan('{query_id}'))") == [(1,)]
    assert sql.failure("select * from table(result_scan('of-yesterday'))") == (
        709,
        "Statement of-yesterday not found",
    )


def test_memory_does_not_grow_with_queries(local_snowflake: LocalSnowflake, sql: Sql) -> None:
    server = psutil.Process(local_snowflake.child.process.pid)
    megabyte = "select repeat(seq4()::string, 100) from table(generator(rowcount => 2000))"
    token = sql.connection.rest.token

    def used_after(queries: int) -> float:
        for _ in range(queries):
            path = f"/queries/v1/query-request?requestId={uuid.uuid4()}"
            assert local_snowflake.post(path, {"sqlText": megabyte}, token)["success"]
        return server.memory_info().rss / 2**20

    warm = used_after(75)  # as much as is kept, and more

    assert used_after(60) < warm + 40


def test_a_text_with_an_offset_becomes_a_moment_or_is_refused(sql: Sql) -> None:
    sql("create table t (l timestamp_ltz, z timestamp_tz)")
    for text in ("2025-01-02 01:00:00+02:00", "2025-01-02 01:00:00 +02:00", "2025-01-01T23:00 Z"):
        sql("insert into t (l) values (%s)", (text,))
    assert sql("select distinct l::string from t") == [("2025-01-01 23:00:00.000 +0000",)]
    sql("update t set l = '2025-01-02 00:00:00 -0130'")
    assert sql("select distinct l::string from t") == [("2025-01-02 01:30:00.000 +0000",)]

    for text in ("2025-01-02", "2025-01-02 00:00 +0000", "2025-01-02 00:00:00Z"):
        sql("insert into t (z) select %s", (text,))
    assert sql("select distinct z::string from t where z is not null") == [
        ("2025-01-02 00:00:00.000 +0000",)
    ]
    merge = (
        "merge into t using (select '2025-01-02 00:00:00-05:00' as x) s on false when not matched"
    )
    for statement in (
        "insert into t (z) values ('2025-01-02 00:00:00 +02:00')",
        "update t set z = '2025-01-02 00:00:00+02:00'",
        f"{merge} then insert (z) values (s.x)",
        "select count(*) from t where z = '2025-01-02 00:00:00 +02:00'",
    ):
        errno, message = sql.failure(statement)
        assert (errno, "offset" in message) == (2, True), statement


def test_a_text_becomes_binary_by_its_hexadecimal_digits(sql: Sql) -> None:
    sql("create table t (i int, b binary)")
    sql("insert into t values (1, '4142'), (2, null)")
    sql("insert into t (b, i) select '43', 3")
    sql("update t set b = 'aB' where i = 2")
    sql("""merge into t using (select 4 as i, '45' as x) s on t.i = s.i
        when not matched then insert (i, b) values (s.i, s.x)""")

    assert sql("select hex_encode(b) from t order by i") == [("4142",), ("AB",), ("43",), ("45",)]
    assert sql.failure("insert into t values (5, 'xyz')")[0] == 100115


def test_a_query_of_rows_that_no_table_holds_is_described(sql: Sql) -> None:
    sql("create stage s")
    sql("set source = 'described'")
    sql("create table described (n int, word string)")
    sql("select n as counted from described")

    def columns(query: str) -> list[str]:
        return [column.name for column in sql.connection.cursor().describe(query)]

    assert columns("select counted from table(result_scan(last_query_id()))") == ["COUNTED"]
    assert columns("select $1, metadata$filename as file from @s") == ["$1", "FILE"]
    assert columns("select * from identifier($source)") == ["N", "WORD"]
