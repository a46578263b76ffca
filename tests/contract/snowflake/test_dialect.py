"""Checks of functions, casts and operators whose answers differ from DuckDB's own."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

import pytest

from tests.contract.snowflake.readme import in_one_line, rendered
from tests.contract.snowflake.sql import Sql

_AT = "'2025-01-05 16:07:09.999999'::timestamp_ntz"
_DAY = "'2025-01-31'::date"
_LIST = """parse_json('{"l": [1, [2, {"k": 3}]], "o": {"x": 1}, "z": null, "us": "03/04/2025",
    "e": 1735689600}')"""

TEXTS = [
    ("ltrim('  a ') || '<'", "a <"),
    ("rtrim(' a ') || '<'", " a<"),
    ("trim(' a ') || '<'", "a<"),
    ("ltrim('0012', '0')", "12"),
    ("rtrim('1.500', '0')", "1.5"),
    ("trim('xyaxy', 'yx')", "a"),
    ("x::float || ''", "100"),
    ("(x / 8)::float || 'm'", "12.5m"),
    ("to_varchar(1e6::float)", "1000000"),
    ("(0.1::float + 0.2::float)::string", "0.3"),
    ("at || ''", "2025-01-05 16:07:09.999"),
    ("concat('at ', at)", "at 2025-01-05 16:07:09.999"),
    ("at::timestamp_ltz::string", "2025-01-05 16:07:09.999 +0000"),
    ("sha2(v:o.x) = sha2('1')", "true"),
    ("concat_ws('-', v:o.x, d)", "1-2025-01-31"),
    ("to_char(at, 'YYYY-MM-DD')", "2025-01-05"),
    ("to_varchar(at, 'dd.mm.yy hh12:mi:ss.ff3 AM')", "05.01.25 04:07:09.999 PM"),
    ("to_char(d, 'DY, DD MON YYYY \"at noon\"')", "Fri, 31 Jan 2025 at noon"),
    ("to_char(d, 'MMMM')", "January"),
    ("to_char(x, '9,990.00')", "   100.00"),
    ("to_char(-x, '$990.0')", "-$100.0"),
    ("to_char(x, '00000')", " 00100"),
    ("to_char(x, '99')", " ##"),
    ("to_char(x, 'FM9990')", "100"),
    ("to_char(255, 'XXXX')", "  FF"),
    ("to_char(0.00125::number(10,5), 'TME')", "1.25E-3"),
    ("'616263'::binary::string", "616263"),
    ("to_char(to_binary('abc', 'utf-8'), 'base64')", "YWJj"),
    ("to_varchar(to_binary('YWJj', 'base64'), 'utf-8')", "abc"),
    ("try_cast('abcd' as varchar(3))", "NULL"),
    ("listagg('a') within group (order by 1)", "a"),
    ("jarowinkler_similarity('Canton', 'cantor')", "93"),
]
TIMES = [
    ("date_trunc('month', d)", "2025-01-01"),
    ("date_trunc('month', at)", "2025-01-01 00:00:00"),
    ("trunc(d, 'quarter')", "2025-01-01"),
    ("time_slice(d, 1, 'week')", "2025-01-27"),
    ("time_slice(d, 2, 'month')", "2025-01-01"),
    ("dateadd(quarter, 1, d)", "2025-04-30"),
    ("d + interval '1 month'", "2025-02-28"),
    ("d - interval '1 day'", "2025-01-30"),
    ("d + interval '1 hour'", "2025-01-31 01:00:00"),
    ("months_between('2025-03-31'::date, '2025-02-28'::date)", "1.000000"),
    ("months_between(d, '2025-01-01'::date)", "0.967742"),
    ("at::timestamp_ntz(0)", "2025-01-05 16:07:09"),
    ("at::timestamp_ntz(3)", "2025-01-05 16:07:09.999000"),
    ("'31535999999'::timestamp_ntz, '31536000000'::timestamp_ntz",
     "2969-05-02 23:59:59, 1971-01-01 00:00:00"),
    ("'31536000000000'::timestamp_ntz, ' 1735689600000000123 '::timestamp",
     "1971-01-01 00:00:00, 2025-01-01 00:00:00"),
    ("'1735689600123456'::timestamp_ltz, to_timestamp_ltz('-1'), '1735689600'::timestamp_tz",
     "2025-01-01 00:00:00.123456, 1969-12-31 23:59:59, 2025-01-01 00:00:00"),
    ("'1735689600'::date, to_date('20250101'), try_cast('9999999999999999999999' as date)",
     "2025-01-01, 1970-08-23, NULL"),
    ("v:e::timestamp_ntz, v:e::string::timestamp, v:e::date",
     "2025-01-01 00:00:00, 2025-01-01 00:00:00, 2025-01-01"),
    ("(v:e::string || '000')::timestamp_ltz, try_cast(v:e::string as date), v:us::date",
     "2025-01-01 00:00:00, 2025-01-01, 2025-03-04"),
    ("try_cast(v:z::string as timestamp_ltz), try_cast(v:us || 'x' as timestamp_ltz)",
     "NULL, NULL"),
    ("'2025-01-05 01:00:00 +01:00'::timestamp_tz = '2025-01-05 00:00:00 Z'::timestamp_tz", "true"),
]  # fmt: skip
NUMBERS = [
    ("2.5::float::int", "3"),
    ("-2.5::float::int", "-3"),
    ("1e3", "1000"),
    ("1.5e-3", "0.0015"),
    ("1.0e27 % 7", "6"),
    ("1e10 * 1e10, 99999999999 * -99999999999", "100000000000000000000, -9999999999800000000001"),
    ("approx_percentile(x, 0.5)", "100.0"),
]
VARIANTS = [
    ("v:l::array", '[1,[2,{"k":3}]]'),
    ("array_size(v:l::array)", "2"),
    ("5::variant::array", "[5]"),
    ("v:l[1][0]", "2"),
    ("v['l'][1][1]['k']", "3"),
    ("count(v:z)", "0"),
    ("count(v:o)", "1"),
    ("{'b': 1, 'A': {'c': x}}", '{"A":{"c":100},"b":1}'),
    ("object_construct('b', 1, 'a', d)", '{"a":"2025-01-31","b":1}'),
    ("typeof(d::variant)", "DATE"),
    ("typeof(at::variant)", "TIMESTAMP_NTZ"),
    ("typeof(x::float::variant)", "DOUBLE"),
    ("x::float::variant", "1.000000000000000e+02"),
    ("x::float::variant::string", "100.0"),
    ("to_variant(at)", '"2025-01-05 16:07:09.999"'),
    ("v:o.x + 12", "13.0"),
    ("v:l[0] + x - 0.5::float", "100.5"),
    ("-v:o.x * '1e1'::variant", "-10.0"),
    ("parse_json('7.5') % true::variant", "0.5"),
    ("v:z + 1", "NULL"),
    ("v:l[1][0] > v:o.x", "true"),
    ("'10'::variant < '9'::variant", "true"),
]
ARRAYS = [
    ("array_append([1], 'x')", '[1,"x"]'),
    ("array_prepend([1], 1.50)", "[1.5,1]"),
    ("array_insert([1, 2], 1, 'x')", '[1,"x",2]'),
    ("array_remove([1, 2, 1.0, '1'], 1)", '[2,"1"]'),
    ("array_remove_at([1, 2, 3], -1)", "[1,2]"),
    ("array_slice([0, 1, 2, 3], 1, -1)", "[1,2]"),
    ("array_distinct([2, 1, 2])", "[2,1]"),
    ("array_intersection([1, 2, 2], [2])", "[2]"),
    ("array_except([1, 2, 2], [2])", "[1,2]"),
    ("array_position(2, [1, 2])", "1"),
    ("array_position(3, [1, 2])", "NULL"),
    ("array_contains('b', ['a', 'b'])", "true"),
    ("array_max([3, 20, 1])", "20"),
    ("array_min([3, 20, 1])", "1"),
    ("array_sort([3, 20, 1])", "[1,3,20]"),
    ("arrays_overlap([1, 2], [2, 3])", "true"),
    ("arrays_overlap([1], null)", "NULL"),
    ("array_flatten([[1], [2, [3]]])", "[1,2,[3]]"),
    ("array_compact(parse_json('[1, null]'))", "[1]"),
    ("array_to_string([1, true, 'a'], '-')", "1-true-a"),
    ("object_insert({'a': 1}, 'b', d)", '{"a":1,"b":"2025-01-31"}'),
    ("object_insert({'a': 1}, 'a', 2, true)", '{"a":2}'),
    ("object_delete({'a': 1, 'b': 2}, 'a')", '{"b":2}'),
    ("object_pick({'a': 1, 'b': 2}, ['a', 'c'])", '{"a":1}'),
    ("object_keys({'b': 1, 'a': 2})", '["a","b"]'),
]


def answer_to(sql: Sql, expression: str) -> str:
    """The answer to an expression over columns."""
    source = f"select {_AT} as at, {_DAY} as d, 100 as x, {_LIST} as v"
    found = sql(f"select {expression} from ({source})")
    return rendered([tuple(map(_in_one_line, row)) for row in found])


@pytest.mark.parametrize(
    ("expression", "answer"), [*TEXTS, *TIMES, *NUMBERS, *VARIANTS, *ARRAYS], ids=str
)
def test_an_expression_over_columns_answers_as_on_snowflake(
    sql: Sql, expression: str, answer: str
) -> None:
    assert answer_to(sql, expression) == answer


def _in_one_line(value: Any) -> Any:
    return in_one_line(value) if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("statement", "errno", "named"),
    [
        ("select 'abcd'::varchar(3)", 100078, "too long"),
        ("select 'ab'::char", 100078, "too long"),
        ("select '2024-13-01'::date", 100040, "Date '2024-13-01' is not recognized"),
        ("select '2025-01-05 23:04:05 -05:00'::timestamp_tz", 2, "the offset -05:00"),
        ("select '2025-01-05'::timestamp_ntz(4)", 2, "TIMESTAMPNTZ(4)"),
        ("select 123456.123456789::float || ''", 2, "the text of the FLOAT"),
        ("create table t (a timestamp_ntz(3))", 2, "a column of type"),
        ("select to_char(1, 'S99')", 2, "the number format 'S99'"),
        ("select to_char(true, 'YYYY')", 2, "TO_CHAR of BOOLEAN"),
        ("select to_char(to_binary('00'), 'hax')", 2, "the binary format"),
        ("select array_construct(1, null)", 2, "NULL in an ARRAY"),
        ("select array_construct(1::float)", 2, "FLOAT in an ARRAY"),
        ("select 'x'::variant + 1", 100071, 'Failed to cast variant value "x" to REAL'),
        ("select sum([1]::variant)", 100071, "Failed to cast variant value [1] to REAL"),
        ("select 'x'::variant > 1::variant", 2, 'the VARIANT "x" compared with 1'),
        ("select max_by('x', 1::variant)", 2, "MAX_BY of a VARIANT"),
        ("select array_flatten([1])", 100107, "Not an array"),
        ("select object_insert({'a': 1}, 'a', 2)", 100103, "Duplicate field key 'a'"),
        ("select object_construct('a', 1, 'a', 2)", 100103, "Duplicate field key"),
        ("select 123456789.12::number(10, 2)", 100039, "'123456789.12' is out of range"),
        ("from dual", 1003, "'FROM' without SELECT"),
        ("select parse_json('5')::object", 100183, "Failed to cast variant value"),
        ("select row_number() over ()", 1003, "requires ORDER BY"),
        ("select count(distinct column1) over (order by 1) from values (1)", 1003, "distinct"),
        ("select random(42)", 2, "RANDOM with a seed"),
        ("select * from values (parse_json('{}'))", 2014, "in VALUES clause"),
        ("select 'x'::int", 100038, "Numeric value 'x' is not recognized"),
        ("select '1_000'::int", 100038, "Numeric value '1_000' is not recognized"),
        ("select s::int from (select '0x1F' as s)", 100038, "value '0x1F' is not recognized"),
        ("select 1 + '1'", 2, "'+ of INTEGER, STRING'"),
        ("select true + 1", 2, "'+ of BOOLEAN, INTEGER'"),
        ("select replace('121', 1, 3)", 2, "'REPLACE of "),
        ("select 'x'::float", 100038, "Numeric value 'x' is not recognized"),
        ("select 'x'::boolean", 100037, "Boolean value 'x' is not recognized"),
        ("copy into t file_format = (type = csv)", 2, "COPY INTO without FROM"),
        ("create database d clone canton", 2, "CLONE of a database"),
        ("select to_binary('ab') = 'AB'", 2, "BINARY compared with text"),
        ("select 1 from (select to_binary('ab') as b) where b in ('AB', 'CD')", 2, "compared"),
        ("select to_binary('ab') || 'AB'", 2, "BINARY joined to text"),
        ("select concat('AB', b) from (select to_binary('ab') as b)", 2, "joined to text"),
        ("select to_binary('ab') union select 'AB'", 2, "BINARY and text combined"),
        ("select timestamp_tz_from_parts(2025, 1, 1, 2, 0, 0, 0, 'Europe/Berlin')", 2, "zone"),
        ("select '9999999999999999999999'::timestamp_ntz", 100035, "is not recognized"),
        ("select s::date from (select 'x' as s)", 100040, "Date 'x' is not recognized"),
        ("select s::timestamp_tz from (select 'x' as s)", 100035, "Timestamp 'x'"),
        ("select regexp_instr('ab', 'a(b)', 1, 1, 0, 'e')", 2, "REGEXP_INSTR of a group"),
    ],
)
def test_what_would_be_another_value_is_refused(
    sql: Sql, statement: str, errno: int, named: str
) -> None:
    failed, message = sql.failure(statement)

    assert (failed, named in message) == (errno, True), message


def test_an_object_is_made_of_aggregates_and_windows(sql: Sql) -> None:
    sql("create table t (k string, n number(5, 0))")
    sql("insert into t values ('a', 10), ('A', 20), ('b', null)")
    grouped = "object_construct('k', upper(k), 'n', count(*), 'm', max(n))"
    numbered = "object_construct('n', n, 'r', row_number() over (order by n))"

    assert sql(f"select {grouped}::string from t group by upper(k) order by 1") == [
        ('{"k":"A","m":20,"n":2}',),
        ('{"k":"B","n":1}',),
    ]
    assert sql(f"select {numbered}::string from t order by n") == [
        ('{"n":10,"r":1}',),
        ('{"n":20,"r":2}',),
        ('{"r":3}',),
    ]
    assert sql("select object_construct(*)::string, object_construct(*) as o from t order by o:N")[
        0
    ] == ('{"K":"a","N":10}', '{\n  "K": "a",\n  "N": 10\n}')


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("a.k = b.k(+)", [(1, 1), (2, None)]),
        ("a.k(+) = b.k", [(1, 1), (None, 3)]),
    ],
)
def test_a_join_marked_in_where_is_an_outer_join(
    sql: Sql, condition: str, rows: Sequence[tuple]
) -> None:
    sql("create table a (k int)")
    sql("create table b (k int)")
    sql("insert into a values (1), (2)")
    sql("insert into b values (1), (3)")

    assert sql(f"select a.k, b.k from a, b where {condition} order by 1 nulls last, 2") == rows


def test_a_column_without_a_name_has_that_of_its_text(sql: Sql) -> None:
    sql("create table t (a int, b number(10,2))")
    sql("create view v as select max(b) from t")
    with sql.connection.cursor() as cursor:
        cursor.execute(
            "select distinct 1+1, Count(*), 'x', a::varchar, t.a, b as c from t group by a, b"
        )
        names = [column.name for column in cursor.description]
        cursor.execute("select * from v")

        assert names == ["1+1", "COUNT(*)", "'X'", "A::VARCHAR", "A", "C"]
        assert [column.name for column in cursor.description] == ["MAX(B)"]


@pytest.mark.parametrize("key", ["1", "tens", "floor(n / 10)"])
def test_rows_are_grouped_by_what_is_computed_of_them(sql: Sql, key: str) -> None:
    sql("create table t (n int)")
    sql("insert into t values (7), (12), (13)")

    found = sql(f"select floor(n / 10) as tens, sum(n) / 2 from t group by {key} order by 1")

    assert rendered(found) == "0, 3.500000 / 1, 12.500000"


@pytest.mark.parametrize("query", ["select nosuch / 10 from t", "select n % sum(nosuch) from t"])
def test_a_column_that_is_not_there_is_told_before_its_type(sql: Sql, query: str) -> None:
    sql("create table t (n int)")

    number, message = sql.failure(query)

    assert (number, "'NOSUCH'" in message) == (904, True)


def test_variance_and_windowed_averages_are_numbers(sql: Sql) -> None:
    sql("create table t (a int, b number(10,2))")
    sql("insert into t values (1, 0.5), (2, 1.5), (4, 1)")

    assert rendered(sql("select variance(a), var_pop(b), var_samp(b) from t")) == (
        "2.333333, 0.1666666667, 0.2500000000"
    )
    assert rendered(sql("select avg(a) over () from t limit 1")) == "2.333"
    moved = sql("select var_samp(b + 987654) from t")
    assert moved == sql("select var_samp(b) from t"), "a variance is that of its values moved"


def test_an_update_tells_which_rows_had_several_partners(sql: Sql) -> None:
    sql("create table t (k int, v int)")
    sql("create table s (k int, v int)")
    sql("insert into t values (1, 0), (2, 0), (3, 0)")
    sql("insert into s values (1, 7), (1, 7), (2, 8)")

    assert sql("update t set v = s.v from s where s.k = t.k") == [(2, 1)]
    assert sql("update t x set v = 9 from s where s.k = x.k and s.k = 2") == [(1, 0)]
    assert sql("select k, v from t order by k") == [(1, 7), (2, 9), (3, 0)]


def test_what_is_there_or_gone_already_is_told(sql: Sql) -> None:
    sql("create table t (a int)")

    assert sql("create table if not exists t (b int)") == [
        ("T already exists, statement succeeded.",)
    ]


@pytest.mark.parametrize(
    ("create", "drop"),
    [
        ("create table gone (a int)", "table if exists gone"),
        ("create view gone as select 1 as a", "view if exists gone"),
        ("create temporary view gone as select 1 as a", "view if exists gone"),
        ("create sequence gone", "sequence if exists gone"),
        ("create stage gone", "stage if exists gone"),
        ("create file format gone type = csv", "file format if exists gone"),
        ("create schema canton.gone", "schema if exists canton.gone"),
        ("create function gone(x int) returns int as 'x'", "function if exists gone(int)"),
        (
            "create procedure gone() returns int language sql as 'begin return 1; end'",
            "procedure if exists gone()",
        ),
    ],
)
def test_an_object_that_is_gone_is_told(sql: Sql, create: str, drop: str) -> None:
    sql(create)

    assert sql(f"drop {drop}") == [("GONE successfully dropped.",)]
    assert sql(f"drop {drop}") == [
        ("Drop statement executed successfully (GONE already dropped).",)
    ]


def test_a_user_that_is_gone_is_told(sql: Sql) -> None:
    assert sql("alter user if exists gone set comment = 'x'") == [
        ("Statement executed successfully.",)
    ]
    assert sql("drop user if exists gone") == [
        ("Drop statement executed successfully (GONE already dropped).",)
    ]


def test_a_definition_is_described_with_its_keys_types_and_comments(sql: Sql) -> None:
    sql("""create table t (a int primary key, b char unique comment 'it''s b', c timestamp_ltz,
                           d array, e object, f varchar(9) default 'x')""")
    described = sql("describe table t")

    assert [(row[0], row[1], row[3], row[4], row[5], row[6], row[9]) for row in described] == [
        ("A", "NUMBER(38,0)", "N", None, "Y", "N", None),
        ("B", "VARCHAR(1)", "Y", None, "N", "Y", "it's b"),
        ("C", "TIMESTAMP_LTZ(9)", "Y", None, "N", "N", None),
        ("D", "ARRAY", "Y", None, "N", "N", None),
        ("E", "OBJECT", "Y", None, "N", "N", None),
        ("F", "VARCHAR(9)", "Y", "'x'", "N", "N", None),
    ]
    assert sql.failure("insert into t (a) values (null)")[0] == 100072
    assert sql.failure("insert into t (a, b) values (1, 'bb')")[0] == 100078
    sql("create or replace table t (a int)")
    assert sql("describe table t")[0][5] == "N"


def test_keys_are_shown(sql: Sql) -> None:
    sql("create table t (a int, b int, c int unique, primary key (b, a))")

    assert [row[3:6] for row in sql("show primary keys in table t")] == [
        ("T", "A", 2),
        ("T", "B", 1),
    ]
    assert [row[3:6] for row in sql("show unique keys in table t")] == [("T", "C", 1)]
    sql("drop table t")
    assert sql("show primary keys") == []


def test_tables_are_shown_with_comment_and_number_of_rows(sql: Sql) -> None:
    sql("create table t (a int) comment = 'noted'")
    sql("insert into t values (1), (2)")
    (row,) = sql("show tables like 'T'")

    assert (row[1], row[5], row[7]) == ("T", "noted", 2)


def test_views_are_shown_with_comment(sql: Sql) -> None:
    sql("create view v as select 1 as a")
    assert [row[1] for row in sql("show terse views")] == ["V"]
    sql("comment on view v is 'noted'")
    (row,) = sql("show views like 'V'")

    assert (row[1], row[6]) == ("V", "noted")


def test_a_clone_has_defaults_lengths_and_rows(sql: Sql) -> None:
    sql("create table t (a int not null, b varchar(3) default 'd')")
    sql("insert into t values (1, 'x')")
    sql("create table u clone t")
    sql("insert into u (a) values (2)")

    assert sql("select a, b from u order by a") == [(1, "x"), (2, "d")]
    assert sql("select count(*) from t") == [(1,)]
    assert [row[1] for row in sql("describe table u")] == ["NUMBER(38,0)", "VARCHAR(3)"]
    assert sql.failure("insert into u values (3, 'long')")[0] == 100078


def test_a_table_takes_names_alone_for_a_query(sql: Sql) -> None:
    sql("create table t (a, b) as select 1, 'x'")

    assert sql("select b, a from t") == [("x", 1)]


def test_a_variable_has_the_value_of_its_moment(sql: Sql) -> None:
    sql("create table t (a int)")
    sql("insert into t values (1), (2)")
    sql("set n = (select count(*) / 4 from t)")
    sql("insert into t values (3)")

    assert rendered(sql("select $n")) == "0.5"
    assert sql.failure("set (a, b) = (1, 2, 3)")[0] == 1003


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("'05-Mar-2016'::timestamp_ntz", "2016-03-05 00:00:00"),
        ("'05-Mar-2016'::date", "2016-03-05"),
        ("try_cast(a as timestamp_ntz)", "2016-03-05 00:00:00"),
        ("try_cast('epoch' as date)", "NULL"),
        ("try_cast(replace(a, a, 'epoch') as date)", "NULL"),
        ("try_cast(replace(a, a, 'infinity') as timestamp_ltz)", "NULL"),
        ("try_cast(replace(a, a, '2024/01/02') as timestamp)", "NULL"),
        ("try_cast('2024-01-02 10:00:00 PM' as timestamp)", "NULL"),
        ("try_cast(concat('2024-01-02 10:00:00 ', 'PM') as timestamp)", "NULL"),
        ("try_cast('2024-01-02 10:00 Europe/Berlin' as timestamp_ltz)", "NULL"),
        ("to_timestamp(concat('2024-01-02T10:00:00.5', '+0200'))", "2024-01-02 10:00:00.500000"),
        ("try_parse_json('[1')", "NULL"),
    ],
)
def test_texts_are_read_as_snowflake_reads_them(sql: Sql, expression: str, answer: str) -> None:
    assert rendered(sql(f"select {expression} from (select '03/05/2016' as a)")) == answer


@pytest.mark.parametrize("text", ["[1, ,FALSE]", "[1,]", "[,{a: NULL}]"])
def test_json_with_undefined_elements_is_refused(sql: Sql, text: str) -> None:
    assert sql.failure(f"select try_parse_json('{text}')")[0] == 2
    assert sql.failure(f"select parse_json('{text}')")[0] == 2


def test_the_type_of_a_condition_is_told_whichever_part_holds(sql: Sql) -> None:
    assert sql("select typeof(cast(1 = 1 or null as variant))") == [("BOOLEAN",)]


@pytest.mark.parametrize(
    ("values", "sorted_values"),
    [
        (["10", "9", "-1.5"], ["-1.5", "9", "10"]),
        (["2" * 20, "2" * 19 + "1"], ["2" * 19 + "1", "2" * 20]),
        (['"b c"', '"b"', '"10"', '"9"'], ['"10"', '"9"', '"b"', '"b c"']),
    ],
    ids=str,
)  # fmt: skip
def test_variants_are_sorted_by_what_they_hold(
    sql: Sql, values: Sequence[Any], sorted_values: Sequence[str]
) -> None:
    sql(f"create table k as select parse_json('[{', '.join(map(str, values))}]') as l")
    rows = "select value as v from k, lateral flatten(l)"

    for query in (
        f"{rows} order by v",
        f"{rows} order by 1",
        f"select v from ({rows}) qualify row_number() over (order by v) > 0 order by v",
        f"select v, count(*) from ({rows}) group by v order by v",
    ):
        assert [row[0] for row in sql(query)] == sorted_values


@pytest.mark.parametrize("digits", [(4, 18), (9, 9), (18, 18), (18, 19), (19, 19), (10, 28)])
def test_a_product_of_columns_has_all_its_digits(sql: Sql, digits: tuple[int, int]) -> None:
    a, b = (Decimal("9" * number).scaleb(-2) for number in digits)
    sql(f"create table t (a number({digits[0]}, 2), b number({digits[1]}, 2))")
    sql(f"insert into t values ({a}, {b})")
    with localcontext(prec=40):
        product = a * b
    assert sql("select a * b, b * a, sum(a * b) from t group by a, b") == [(product,) * 3]


def test_an_element_is_found_by_a_place_that_is_computed(sql: Sql) -> None:
    sql("create table t (i int, k string, v variant)")
    sql("""insert into t select 1, 'a/b', parse_json('{"l": [1, 2, 3], "a/b": {"~": "x"}}')""")
    places = {
        "v:l[i]": "2",
        "v:l[array_size(v:l) - 1]": "3",
        "get(v:l, i + 1)": "3",
        "v:l[i]::int * 2": "4",
        "v[k]['~']::string": "x",
        "v[k][concat('~')]::string": "x",
        "get(v, k)": '{"~":"x"}',
        "v:l[-1]": "NULL",
        "v:l[i - 2]": "NULL",
        "get(v:l, -1)": "NULL",
        "v:l['0']": "NULL",
        "v:l[concat('0')]": "NULL",
        "v[concat('$.l')]": "NULL",
    }
    (row,) = sql(f"select {', '.join(places)} from t")
    assert rendered([tuple(map(_in_one_line, row))]) == ", ".join(places.values())
    assert sql.failure("select v[v:l[0]] from t")[0] == 2


_OF_ALIASES = {
    "date_trunc('month', d) as m, m::string, dateadd(day, 1, m) as e, e || ''": (
        (date(2025, 1, 1), "2025-01-01", date(2025, 1, 2), "2025-01-02")
    ),
    "x / 3 as q, q::string, q as r, r || ''": (
        Decimal("0.73333333"), "0.73333333", Decimal("0.73333333"), "0.73333333"
    ),
    "avg(x) as a, a / 3, a::string": (Decimal("2.20"), Decimal("0.733333333333"), "2.20000000"),
    "sum(x) as a, a * 1.5 as b, b * 2, round(a, 1) as r, r * 1.5": (
        Decimal("2.20"), Decimal("3.3"), Decimal("6.6"), Decimal("2.2"), Decimal("3.3")
    ),
    "median(x) as a, a * 1.5 as b, b * 2": (Decimal("2.2"), Decimal("3.3"), Decimal("6.6")),
    "s::varchar(3) as c, c is null, upper(c) as u, u || '!'": ("a", False, "A", "A!"),
    "to_binary('ab') as b, b::string": (b"\xab", "AB"),
    "max(s) as m, try_to_date(m), try_cast(m as int)": ("a", None, None),
    "x + 1 as x, x::string": (Decimal("3.20"), "2.20"),
    "x * x as y, y as x, x::string": (Decimal("4.84"), Decimal("4.84"), "2.20"),
}  # fmt: skip


@pytest.mark.parametrize("columns", _OF_ALIASES)
def test_an_alias_in_another_column_has_the_type_of_what_it_stands_for(
    sql: Sql, columns: str
) -> None:
    sql("create table t (d date, x number(10,2), s string)")
    sql("insert into t values ('2025-01-31', 2.2, 'a')")

    assert sql.one(f"select {columns} from t") == _OF_ALIASES[columns]


def test_what_is_drawn_by_chance_has_no_alias_in_another_column(sql: Sql) -> None:
    number, text = sql.failure("select random() as r, r + 1")
    assert (number, "the alias R" in text) == (2, True)


def test_rows_are_grouped_by_all_but_aggregates_and_windows(sql: Sql) -> None:
    sql("create table t (k string, x int)")
    sql("insert into t values ('a', 1), ('a', 2), ('b', 5)")
    columns = "upper(k) as u, sum(x) as y, sum(y) over (partition by u), rank() over (order by y)"

    found = sql(f"select {columns}, y / 2 as h, 'c' as c from t group by all order by u")
    assert found == [("A", 3, 3, 1, Decimal("1.5"), "c"), ("B", 5, 5, 2, Decimal("2.5"), "c")]
    assert sql("select sum(x) as y, sum(y) over () from t group by all") == [(8, 8)]
    numbered = "select k, row_number() over (order by k) from t group by all order by k"
    assert sql(numbered) == [("a", 1), ("b", 2)]


def test_aggregates_and_queries_are_tried(sql: Sql) -> None:
    sql("create table t (s string, x number(38,4))")
    sql("insert into t values ('1', 2), ('b', 3)")

    tried = "try_to_date(max(s)), try_to_time(max(s)), try_to_number(min(s), '9')"
    assert sql.one(f"select {tried}, try_to_date(max(s), 'DD') from t") == (None, None, 1, None)
    assert sql.one("select try_to_date((select max(s) from t))") is None
    assert sql.one("select (select x from t limit 1) * 1.5::number(20,10)") == 3
    assert sql.one("select median(x) * 1.5 from t") == Decimal("3.75")
