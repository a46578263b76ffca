"""Statements that were answered unlike Snowflake, or with words dropped: right now, or refused."""

import re
from datetime import date, time

import httpx
import pytest

from tests.contract.snowflake.server import LocalSnowflake
from tests.contract.snowflake.sql import Sql


@pytest.mark.parametrize(
    ("clause", "named"),
    [("where $1 > 1", "WHERE"), ("order by 1", "ORDER"), ("limit 1", "LIMIT")],
)
def test_a_clause_in_the_select_of_copy_is_refused(sql: Sql, clause: str, named: str) -> None:
    sql("create table t (i int)")
    sql("create stage files")
    error = sql.failure(f"copy into t from (select $1 from @files {clause})")
    assert (error[0], f"{named} in the SELECT of COPY INTO" in error[1]) == (2, True)
    assert sql.failure("copy into t from (select distinct $1 from @files)")[0] == 2


@pytest.mark.parametrize("given", ["piped", "'piped'", "(format_name = 'piped')"])
def test_a_file_format_is_named_with_and_without_parentheses(sql: Sql, given: str) -> None:
    sql("create table t (i int, s string)")
    sql("create stage files")
    sql("create file format piped type = csv field_delimiter = '|' compression = none")
    sql(f"copy into @files/one.csv from (select 1, 'x') single = true file_format = {given}")
    sql(f"copy into t from @files file_format = {given}")
    assert sql("select * from t") == [(1, "x")]


@pytest.mark.parametrize("flatten", ["lateral flatten(input => v)", "table(flatten(input => v))"])
def test_a_left_join_of_flatten_keeps_rows_without_values(sql: Sql, flatten: str) -> None:
    sql("create table t (i int, v variant)")
    sql("insert into t select 1, parse_json('[7]') union all select 2, parse_json('[]')")
    found = sql(f"select t.i, f.value::int from t left join {flatten} f order by 1")
    assert found == [(1, 7), (2, None)]
    assert sql.failure("select * from t left join t u")[0] == 2


@pytest.mark.parametrize("text", ["1_000", "0x1F", "0b11", " -0x1"])
@pytest.mark.parametrize("kind", ["int", "number(38, 2)", "float"])
def test_a_text_that_is_a_number_to_duckdb_alone_is_none(sql: Sql, text: str, kind: str) -> None:
    sql("create table t (s string)")
    sql(f"insert into t values ('{text}')")
    assert sql.failure(f"select '{text}'::{kind}")[0] == 100038
    assert sql.failure(f"select s::{kind} from t")[0] == 100038
    assert sql(f"select try_cast(s as {kind}), try_cast(' 1e2 ' as {kind}) from t") == [(None, 100)]


def test_a_quoted_name_is_another_than_the_unquoted_one(sql: Sql) -> None:
    sql("create table t (k int)")
    assert sql.failure('select "k" from t')[0] == 904
    assert sql('select "K", k as "k" from t order by "k"') == []
    sql("show tables")
    assert sql('select "name" from table(result_scan(last_query_id()))') == [("T",)]


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("create table t (i int) nonsense = 3", "TABLE"),
        ("create view w nonsense = 3 as select 1 as i", "VIEW"),
        ("create schema s nonsense = 3", "SCHEMA"),
        ("create database d nonsense = 3", "DATABASE"),
        ("create stage s nonsense = 3", "STAGE"),
        ("create sequence s nonsense = 3", "SEQUENCE"),
        ("create or replace warehouse w with warehouse_size = 'XSMALL' nonsense = 3", "WAREHOUSE"),
        ("alter warehouse w set nonsense = 3", "WAREHOUSE"),
        ("create role r nonsense = 3", "ROLE"),
        ("alter table kept set nonsense = 3", "TABLE"),
        ("alter table kept unset nonsense", "TABLE"),
        ("alter database canton set nonsense = 3", "DATABASE"),
        ("alter schema canton.gold set nonsense = 3", "SCHEMA"),
    ],
)
def test_an_option_that_nobody_reads_is_refused(sql: Sql, statement: str, kind: str) -> None:
    sql("create table kept (i int) data_retention_time_in_days = 3 comment = 'x'")
    message = f"SQL compilation error:\ninvalid property 'NONSENSE' for '{kind}'"
    assert sql.failure(statement) == (1420, message)


@pytest.mark.parametrize(
    "statement",
    [
        "create table t (i int) default_ddl_collation = 'en-ci'",
        "create schema s default_ddl_collation = 'en-ci'",
        "create database d quoted_identifiers_ignore_case = true",
        "create stage s copy_options = (on_error = continue)",
        "alter table kept set default_ddl_collation = 'en-ci'",
        "alter database canton set default_ddl_collation = 'en-ci'",
        "alter schema canton.gold set quoted_identifiers_ignore_case = true",
    ],
)
def test_an_option_that_would_change_answers_is_refused(sql: Sql, statement: str) -> None:
    sql("create table kept (i int)")
    assert sql.failure(statement)[0] == 2


def test_options_without_effect_are_set_and_unset(sql: Sql) -> None:
    sql("create table t (i int)")
    sql("create view w as select i from t")
    for statement in (
        "alter table t set data_retention_time_in_days = 1, change_tracking = true",
        "alter table t unset data_retention_time_in_days, change_tracking",
        "alter table if exists nowhere set enable_schema_evolution = true",
        "alter view w set change_tracking = true",
        "alter schema canton.gold set data_retention_time_in_days = 1 comment = 'a = b'",
        "alter schema if exists canton.nowhere unset log_level",
        "alter database canton set max_data_extension_time_in_days = 1, log_level = 'INFO'",
        "create warehouse if not exists w warehouse_size = xsmall comment = 'nonsense = 3'",
        "alter warehouse w set warehouse_size = large wait_for_completion = true",
        "create or replace api integration a api_provider = git_https_api enabled = true",
        "create security integration s type = oauth oauth_client = custom",
        "drop integration if exists a",
    ):
        assert sql(statement) == [("Statement executed successfully.",)]
    for missing in ("table nowhere", "schema canton.nowhere", "database nowhere"):
        assert sql.failure(f"alter {missing} set data_retention_time_in_days = 1")[0] == 2003


@pytest.mark.parametrize(
    ("options", "number", "named"),
    [
        ("type = csv nosuch = 1", 1006, "invalid parameter 'NOSUCH'"),
        ("type = csv strip_outer_array = true", 1006, "not valid for file format type CSV"),
        ("type = json skip_header = 1", 1006, "not valid for file format type JSON"),
        ("type = 'NOPE'", 1008, "invalid value ['NOPE'] for parameter 'TYPE'"),
        ("type = csv skip_header = 'x'", 1008, "['x'] for parameter 'SKIP_HEADER'"),
        ("type = csv compression = 'BOGUS'", 1008, "['BOGUS'] for parameter 'COMPRESSION'"),
        ("type = parquet compression = bz2", 1008, "['bz2'] for parameter 'COMPRESSION'"),
        ("type = json allow_duplicate = 5", 1008, "[5] for parameter 'ALLOW_DUPLICATE'"),
    ],
)
def test_a_file_format_has_the_options_of_its_type(
    sql: Sql, options: str, number: int, named: str
) -> None:
    sql("create table t (v variant)")
    sql("create stage files")
    for statement in (
        f"create file format f {options}",
        f"create or replace temporary file format f {options} comment = 'x'",
        f"create stage s file_format = ({options})",
        f"copy into t from @files file_format = ({options})",
        f"copy into @files/x from (select 1) file_format = ({options})",
    ):
        error = sql.failure(statement)
        assert (error[0], named in error[1]) == (number, True), error


@pytest.mark.parametrize(
    "options",
    [
        "type = csv field_delimiter = '|' null_if = ('NULL', '\\\\N') file_extension = 'txt'",
        "type = 'csv' field_optionally_enclosed_by = '0x22' escape = none encoding = 'ISO-8859-1'",
        "type = json, strip_outer_array = true, date_format = auto",
        "type = parquet compression = snappy use_vectorized_scanner = true",
        "type = parquet compression = gzip",
        "type = avro compression = auto",
        "type = xml strip_outer_element = true",
        "comment = 'all defaults'",
    ],
)
def test_a_file_format_may_be_made_whatever_is_read_by_it_here(sql: Sql, options: str) -> None:
    assert sql(f"create file format f {options}") == [("File format F successfully created.",)]


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"{", {}), (b"[]", {}), (b"no gzip", {"Content-Encoding": "gzip"})],
)
def test_a_body_that_cannot_be_read_is_the_clients_fault(
    local_snowflake: LocalSnowflake, body: bytes, headers: dict[str, str]
) -> None:
    url = f"http://127.0.0.1:{local_snowflake.port}/session/v1/login-request"
    answer = httpx.post(url, content=body, headers=headers, trust_env=False)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("v:n::int as v from j order by v", [9, 10, 100]),
        ("i as v from j order by v", [1, 2, 3]),
        ("distinct d:n as v from j order by v desc", ["100", "10", "9"]),
        ("case when v:n > 9 then v:n else d:n end as v from j order by v", ["10", "100", "100"]),
        ("* from (select v:n::int as n from j) order by 1", [9, 10, 100]),
        ("* from (select v:n as n from j) order by n", ["9", "10", "100"]),
    ],
)
def test_rows_are_sorted_by_an_alias_before_a_column(
    sql: Sql, query: str, found: list[object]
) -> None:
    sql("create table j (i int, v variant, d variant)")
    sql("""insert into j select column1, parse_json(column2), parse_json(column3) from values
           (2, '{"n": 9}', '{"n": 100}'), (1, '{"n": 10}', '{"n": 9}'),
           (3, '{"n": 100}', '{"n": 10}')""")
    assert [row[0] for row in sql(f"select {query}")] == found


@pytest.mark.parametrize("listed", ["*", "*, 1", "1, x.*"])
def test_the_place_of_a_variant_beside_a_star_sorts_nothing(sql: Sql, listed: str) -> None:
    place = 2 if listed.startswith("1") else 1
    rows = "(select parse_json('9') as n) x"
    failure = sql.failure(f"select {listed} from {rows} order by {place}")
    assert (failure[0], "beside a star" in failure[1]) == (2, True)


@pytest.mark.parametrize(
    ("one", "other", "is_equal"),
    [
        ("5", "5.0", True),
        ("100", "1e2", True),
        ("-0.0", "0", True),
        ('{"a": [1.50, "x"]}', '{"a": [1.5, "x"]}', True),
        ("5", '"5"', False),
        ("1", "true", False),
        ("null", "null", True),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345679", False),
    ],
)
def test_variants_are_equal_by_value(sql: Sql, one: str, other: str, is_equal: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    sql("create table t (a variant, b variant)")
    sql("insert into t select parse_json(%s), parse_json(%s)", (one, other))
    compared = "a = b, a <> b, a in (parse_json('[]'), b), a is distinct from b, equal_null(a, b)"
    compared += ", coalesce(a in ('x', b), false), coalesce(a in (b, null), false)"
    found = (is_equal, not is_equal, is_equal, not is_equal, *[is_equal] * 3)
    assert sql.one(f"select {compared} from t") == found
    assert sql.one("select array_contains(a, array_construct(b)) from t") == is_equal


def test_a_variant_between_two_is_one_by_value(sql: Sql) -> None:
    listed = "(select parse_json(column1) as v from values ('1'), ('5'), ('10'))"
    assert sql(f"""select v from {listed} where v between parse_json('4.0') and parse_json('9')
                """) == [("5",)]  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("select round(d, s) from f", "ROUND to a number of digits that is no constant"),
        ("select trunc(x, s) from f", "TRUNC to a number of digits that is no constant"),
        ("select collate('a', 'en-ci-ai')", "this collation"),
        ("create table b (a binary(2))", "a length of BINARY"),
        ("select last_day('2025-02-01')", "LAST_DAY of a text"),
        ("select '2025-01-01'::date + interval '1 day, 1 hour'", "an interval of several parts"),
        (
            "merge into f using f g on f.s = g.s when matched then update all by name",
            "MERGE … ALL BY NAME",
        ),
    ],
)
def test_what_the_engine_can_not_do_is_refused_by_its_name(
    sql: Sql, statement: str, named: str
) -> None:
    sql("create table f (x float, d number(10, 2), s int)")
    error = sql.failure(statement)
    assert (error[0], named in error[1]) == (2, True)


@pytest.mark.parametrize(
    "query",
    [
        'select * from (select 1 as "named_here") where named_here = 1',
        'with c as (select 1 as "named_here") select named_here from c',
        "select seen_here from seen",
    ],
)
def test_a_column_that_a_query_names_in_quotes_is_not_found_without_them(
    sql: Sql, query: str
) -> None:
    sql('create view seen as select 1 as "seen_here"')
    assert sql.failure(query)[0] == 904
    assert sql(
        'select "seen_here", "named_here" from (select "seen_here", 2 as "named_here" from seen)'
    ) == [(1, 2)]
    names = "select value as \"value\" from table(flatten(parse_json('[7]'))) where value = 7"
    assert sql(names) == [("7",)]
    assert sql('select column1 as "column1" from values (1) where column1 = 1') == [(1,)]
    catalog = 'select clustering_key as "clustering_key" from information_schema.tables'
    assert sql(f"{catalog} where clustering_key = 'nothing'") == []


@pytest.mark.parametrize("cast", ["to_variant({})", "{}::variant"])
def test_the_type_of_a_value_that_becomes_a_variant_is_its_own(sql: Sql, cast: str) -> None:
    kinds = {
        "'2025-12-10'::date": "DATE",
        "'2025-12-10'::timestamp_ntz": "TIMESTAMP_NTZ",
        "1.5::float": "DOUBLE",
        "to_binary('00', 'hex')": "BINARY",
        "1.5": "DECIMAL",
    }
    asked = ", ".join(f"typeof({cast.format(value)})" for value in kinds)
    assert sql(f"select {asked}") == [tuple(kinds.values())]


@pytest.mark.parametrize(
    "asked",
    [
        "date_part(century, at)",
        "extract(julian from at)",
        "date_trunc('decade', at)",
        "dateadd(millennium, 1, at)",
        "datediff(era, at, at)",
        "at + interval '1 century'",
        "date_part(nobody, at)",
    ],
)
def test_a_part_of_a_date_that_snowflake_has_not_is_refused(sql: Sql, asked: str) -> None:
    sql("create table t (at timestamp_ntz)")
    error = sql.failure(f"select {asked} from t")
    assert (error[0], "is not a valid date/time component" in error[1]) == (1003, True)


def test_a_part_of_a_date_has_several_names_and_seconds_are_whole(sql: Sql) -> None:
    sql("create table t (at timestamp_ntz)")
    sql("insert into t values ('2024-12-30 13:14:15.75')")
    parts = "yy mons dd dow weekday_iso doy wk qtr yearofweek hh m sec ns epoch epoch_seconds"
    asked = ", ".join(f"date_part({part}, at)" for part in parts.split())
    assert sql(f"select {asked} from t") == [
        (2024, 12, 30, 1, 1, 365, 1, 4, 2025, 13, 14, 15, 750_000_000, 1735564455, 1735564455)
    ]
    assert sql("select date_part(epoch, '1969-12-31 23:59:59.5'::timestamp_ntz)") == [(-1,)]
    months = "select trunc(at, 'mm')::string, time_slice(at, 2, 'mons')::string from t"
    assert sql(months) == [("2024-12-01 00:00:00.000", "2024-11-01 00:00:00.000")]


def test_variants_are_distinct_by_value(sql: Sql) -> None:
    sql("create table t (i int, v variant)")
    sql("""insert into t select column1, parse_json(column2) from values
           (1, '5'), (1, '5.0'), (2, '5e0'), (1, '{"a": 1, "b": [2]}'), (1, '{"b": [2.0], "a": 1}'),
           (1, '"5"'), (1, 'null'), (1, null), (1, null)""")

    assert sql("select count(distinct v), count(distinct i), count(v) from t") == [(3, 2, 6)]
    found = sql("select distinct i, v from t order by i desc")
    assert found[0] == (2, "5.000000000000000e+00")
    assert sorted(str(v)[:1] for _, v in found[1:]) == ['"', "5", "N", "n", "{"]
    assert sql("select count(*) from (select distinct v:a as a from t)") == [(2,)]


@pytest.mark.parametrize(
    "mixed",
    [
        "coalesce(i, 'x')",
        "nvl('x', i)",
        "ifnull(d, '')",
        "iff(i > 0, i, 'x')",
        "nvl2(i, 'x', i)",
        "case when i > 0 then d else 'x' end",
        "decode(i, 1, i, 'x')",
        "coalesce(1, 'x')",
        "coalesce(i, s)",
        "coalesce(d, i)",
    ],
)
def test_values_of_types_that_do_not_go_together_are_refused(sql: Sql, mixed: str) -> None:
    sql("create table t (i int, d date, s string)")
    assert sql.failure(f"select {mixed} from t")[0] == 1044


def test_a_text_that_is_a_number_or_a_time_goes_with_one(sql: Sql) -> None:
    sql("create table t (i int, d date, b boolean, s string, v variant)")
    sql("insert into t (s) values (null)")
    texts = "coalesce(s, ''), iff(b, s, 'x'), case when b then 'y' end, coalesce(v, 'z')"
    assert sql(
        f"select coalesce(i, '5'), nvl(d, '2025-01-02')::string, ifnull(b, 'no'), {texts} from t"
    ) == [(5, "2025-01-02", False, "", "x", None, '"z"')]


@pytest.mark.parametrize(
    "mixed",
    [
        "coalesce(i, b)",
        "nvl(1, true)",
        "iff(b, i, true)",
        "case when b then 1.5 else b end",
        "nvl2(i, true, 5)",
        "decode(i, 1, f, 2, true)",
        "greatest(i, false)",
        "i = true",
        "f > false",
        "true in (i, 2)",
        "i between false and true",
        "(i > 1) = 2",
    ],
)
def test_booleans_and_numbers_do_not_go_together(sql: Sql, mixed: str) -> None:
    sql("create table t (i int, b boolean, f float)")
    number, message = sql.failure(f"select {mixed} from t")
    assert (number, "BOOLEAN" in message, "NUMBER" in message) == (2, True, True)


@pytest.mark.parametrize("operation", ["union", "union all", "intersect", "except"])
def test_rows_of_booleans_and_of_numbers_do_not_go_together(sql: Sql, operation: str) -> None:
    assert sql.failure(f"select 1 {operation} select true")[0] == 2
    assert sql.failure(f"select 1 = 2 {operation} select 1.5::float")[0] == 2


def test_booleans_go_with_booleans_and_null_and_are_compared_with_0_and_1(sql: Sql) -> None:
    sql("create table t (b boolean)")
    sql("insert into t values (true), (null)")
    asked = (
        "coalesce(b, false), iff(b, null, b), b = 1, (b or false) = 1, true <> 0, nvl2(b, b, true)"
    )
    assert sql(f"select {asked} from t union all select true, true, true, true, true, true") == [
        (True, None, True, True, True, True),
        (False, None, None, None, True, True),
        (True, True, True, True, True, True),
    ]


@pytest.mark.parametrize("tried", ["i", "5", "d", "parse_json('5')", "true"])
@pytest.mark.parametrize("kind", ["varchar", "int", "boolean"])
def test_only_a_text_is_tried_to_be_cast(sql: Sql, tried: str, kind: str) -> None:
    sql("create table t (i int, d date)")
    assert sql.failure(f"select try_cast({tried} as {kind}) from t")[0] == 1065
    assert sql.failure("select try_cast('5' as variant)")[0] == 1065


@pytest.mark.parametrize("kind", ["timestamp_ntz", "timestamp_tz", "timestamp_ltz", "date", "time"])
def test_the_24th_hour_is_no_time(sql: Sql, kind: str) -> None:
    text = "24:00:00" if kind == "time" else "2025-01-01 24:00:00"
    number = {"time": 100108, "date": 100040}.get(kind, 100035)
    sql(f"create table t (at {kind})")

    assert sql.failure(f"select '{text}'::{kind}")[0] == number
    assert sql.failure(f"select column1::{kind} from values ('{text}')")[0] == number
    assert sql.failure(f"insert into t select '{text}'")[0] == number
    assert sql.one(f"select try_cast('{text}' as {kind})") is None
    assert sql.one(f"select try_cast(column1 as {kind}) from values ('{text}')") is None
    assert sql("select at from t") == []


@pytest.mark.parametrize("text", ["10:00:00 xx", "10:00:00 13 PM", "13:00:00 PM", "x"])
def test_a_text_with_anything_behind_its_time_is_no_time(sql: Sql, text: str) -> None:
    sql("create table t (at time)")

    assert sql.failure(f"select '{text}'::time")[0] == 100108
    assert sql.failure(f"select column1::time from values ('{text}')")[0] == 100108
    assert sql.failure(f"insert into t values ('{text}')")[0] == 100108
    assert sql.failure(f"insert into t select '{text}'")[0] == 100108
    assert sql.one(f"select try_to_time('{text}')") is None
    assert sql.one(f"select try_cast(column1 as time) from values ('{text}')") is None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("10:00 PM", time(22)),
        ("12:00:00 am", time(0)),
        ("12:30:01.500000000 PM", time(12, 30, 1, 500000)),
        ("1:2:3.5", time(1, 2, 3, 500000)),
    ],
)
def test_a_time_is_read_by_all_forms_that_are_detected(sql: Sql, text: str, at: time) -> None:
    sql("create table t (at time)")
    sql(f"insert into t values ('{text}')")
    sql(f"insert into t select '{text}'")

    assert sql("select at from t") == [(at,), (at,)]
    assert sql(f"select '{text}'::time, try_to_time(column1) from values ('{text}')") == [(at, at)]


def test_a_text_may_be_read_twice_by_one_query(sql: Sql) -> None:
    """DuckDB computes once, and for every row, what two casts of a text have in common."""
    sql("create table t (s string)")
    sql("insert into t values ('2025-01-02'), ('x'), (null)")

    assert sql("select s::date, try_to_date(s) from t where s like '2%'") == [
        (date(2025, 1, 2), date(2025, 1, 2))
    ]
    found = sql("select iff(try_to_date(s) is null, null, s::date) from t order by 1")
    assert found == [(date(2025, 1, 2),), (None,), (None,)]


_VALUES_AS_TEXTS = {
    "'2025-01-02 03:04:05'::timestamp": "2025-01-02 03:04:05.000",
    "'2025-01-02 03:04:05'::timestamp_ltz": "2025-01-02 03:04:05.000 +0000",
    "to_binary('ab')": "AB",
    "1e20::float": "100000000000000000000",
    "'10:00'::time": "10:00:00",
    "1.50": "1.50",
    "true": "true",
}


@pytest.mark.parametrize("value", _VALUES_AS_TEXTS)
def test_a_value_comes_into_a_text_column_as_by_a_cast(sql: Sql, value: str) -> None:
    sql("create table t (i int, s string)")
    sql(f"insert into t values (1, {value})")
    sql(f"insert into t select 2, {value}")
    sql(f"insert into t values (0, 'first'), (3, {value})")
    sql(f"insert into t values (4, {value}), (default, default)")
    sql("insert into t (i) values (5)")
    sql(f"update t set s = {value} where i = 5")
    sql(f"""merge into t using (select 6 as i, {value} as v) u on t.i = u.i
            when not matched then insert (i, s) values (u.i, u.v)""")
    sql(f"create table made (s string) as select {value} as v")

    assert set(sql("select s from t where i > 0 union all select s from made")) == {
        (_VALUES_AS_TEXTS[value],)
    }
    assert sql.one(f"select ({value})::string") == _VALUES_AS_TEXTS[value]


def test_values_are_converted_beside_a_default(sql: Sql) -> None:
    sql("create table t (i int default 9, n int, v variant)")
    sql("insert into t (i, n) values (default, '7')")

    assert sql.failure("insert into t (i, n) values (default, '0x1F')")[0] == 100038
    assert sql("select i, n from t") == [(9, 7)]


_OTHERS_WORDS = re.compile(
    r"HUGEINT|INT128|UBIGINT|DOUBLE|BLOB|DECIMAL\(|_LITERAL|\bSTRUCT|sqlglot|duckdb|class |Token"
    r"|[a-z] Error|Candidate|Did you mean|explicit cast|_FS_|Col:|COLUMNS\("
)


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("select 1 +", 1003),
        ("select * from t where", 1003),
        ("create table", 1003),
        ("select 'x", 1003),
        ("select object_construct('a')", 938),
        ("select * like 'i%' from t", 1003),
        ("select coalesce(i, d) from t", 1044),
        ("select greatest(i, d) from t", 1044),
        ("select case when true then i else d end from t", 1044),
        ("select i::date from t", 1007),
        ("select i from t union select d from t", 1007),
        ("select f = d from t", 1007),
        ("insert into t (d) values (5)", 1007),
        ("update t set nosuch = 1", 904),
        ("select t.* exclude nosuch from t", 904),
        ("select * replace (1 as nosuch) from t", 904),
        ("select * from t unpivot (v for n in (nosuch))", 904),
        ("select i from t, t as u", 2028),
        ("drop sequence nosuch", 2003),
        ("drop table seen", 2203),
        ("select * from identifier('')", 2003),
        ("select * from nosuch.information_schema.tables", 2003),
        ("alter table t add column i int", 1430),
        ("select t from t", 2),
        ("select year(i) from t", 2),
        ("select i::binary from t", 2),
        ("select f + d from t", 2),
        ("select s * 2 from t", 2),
        ("select avg(d) from t", 2),
        ("select object_keys(i) from t", 2),
        ("select add_months(i, 1) from t", 2),
        ("select median(d) from t", 2),
        ("select to_char(f, '9') from t", 2),
        ("select lag(i, s) over (order by i) from t", 2),
        ("select f from t union select s from t", 2),
    ],
)
def test_an_error_names_no_types_or_classes_of_other_engines(
    sql: Sql, statement: str, number: int
) -> None:
    sql("create table t (i int, f float, s string, d date)")
    sql("insert into t (i, f, s) values (1, 1.5, 'x')")
    sql("create view seen as select 1 as a")
    found, message = sql.failure(statement)
    assert (found, _OTHERS_WORDS.findall(message)) == (number, []), message


def test_the_rows_of_tables_are_counted(sql: Sql) -> None:
    sql("create table t (i int)")
    sql("insert into t values (1), (2), (3)")
    sql("delete from t where i = 1")
    sql("create temporary table mine as select 1 as one")
    sql("create view seen as select * from t")
    here = "information_schema.tables where table_schema = current_schema()"
    counts = f"select table_name, row_count from {here} order by 1"
    assert sql(counts) == [("MINE", 1), ("SEEN", None), ("T", 2)]
    sql("begin")
    sql("delete from t")
    assert sql(counts)[2] == ("T", 0)
    sql("rollback")
    (row,) = sql(f"select * from canton.{here} and table_name = 'T'")
    assert 2 in row


def test_what_is_not_there_is_told_before_the_place_of_a_star(sql: Sql) -> None:
    assert sql.failure("select * from nosuch order by 1")[0] == 2003


def test_a_word_that_begins_no_statement_is_a_syntax_error(sql: Sql) -> None:
    error = sql.failure("selct")
    assert (error[0], "unexpected 'selct'" in error[1]) == (1003, True)


@pytest.mark.parametrize(
    "statement",
    [
        "comment on table t is 'x'",
        "comment on column t.i is 'y'",
        "alter table t set comment = 'z'",
    ],
)
def test_a_comment_is_answered_with_a_status(sql: Sql, statement: str) -> None:
    sql("create table t (i int)")
    assert sql(statement) == [("Statement executed successfully.",)]


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("select distinct a from t order by b", "[B] is not a valid order by expression"),
        ("select distinct a from t order by t.b", "[T.B] is not a valid order by expression"),
        ("select distinct a from t order by a + b", "[A + B] is not a valid order by expression"),
        ("select distinct a from t group by a order by count(*)", "[COUNT(*)] is not a valid"),
        ("select distinct t.* from t order by b", "ORDER BY of SELECT DISTINCT t.*"),
        ("select distinct * exclude (b) from t order by b", "ORDER BY of SELECT DISTINCT t.*"),
        ("select distinct a from t order by a desc", [(2,), (1,)]),
        ("select distinct a from t order by -t.a", [(2,), (1,)]),
        ("select distinct t.a from t order by a", [(1,), (2,)]),
        ("select distinct a as b from t order by -b", [(2,), (1,)]),
        ("select distinct a as k from t order by a + k desc", [(2,), (1,)]),
        ("select distinct a as k from t order by k + b", "[K + B] is not a valid order by"),
        ("select distinct a, -b as k from t order by k, 1", [(1, -4), (1, -3), (2, -1)]),
        ("select distinct * from t order by b", [(2, 1), (1, 3), (1, 4)]),
        ("select distinct t.* from t order by t.b", [(2, 1), (1, 3), (1, 4)]),
        ("select distinct a, count(*) from t group by a order by count(*)", [(2, 1), (1, 2)]),
    ],
)
def test_distinct_rows_are_sorted_by_what_is_selected(
    sql: Sql, query: str, answer: str | list
) -> None:
    sql("create table t (a int, b int)")
    sql("insert into t values (1, 3), (1, 4), (2, 1)")
    if isinstance(answer, str):
        errno, message = sql.failure(query)
        assert (errno, answer in message) == (2 if "t.*" in answer else 979, True), message
    else:
        assert sql(query) == answer


@pytest.mark.parametrize(
    ("clauses", "found"),
    [
        ("order by all", [(1, 9), (2, 8), (None, 7)]),
        ("order by all desc", [(None, 7), (2, 8), (1, 9)]),
        ("order by all desc nulls last", [(2, 8), (1, 9), (None, 7)]),
        ("union select 0, 0 order by all fetch first 2 rows only", [(0, 0), (1, 9)]),
        ("order by all fetch first row only", [(1, 9)]),
        ("order by b offset 1 rows fetch next 1 rows only", [(2, 8)]),
    ],
)
def test_rows_are_sorted_by_all_columns_and_fetched(sql: Sql, clauses: str, found: list) -> None:
    sql("create table t (a int, b int)")
    sql("insert into t values (2, 8), (null, 7), (1, 9)")
    assert sql(f"select a, b from t {clauses}") == found


def test_a_column_of_nothing_but_null_is_text(sql: Sql) -> None:
    sql("create table t as select null as n, 1 as i")
    sql("create view v as select null as n")
    kinds = [[row[:2] for row in sql(f"describe {of}")] for of in ("table t", "view v")]
    text = ("N", "VARCHAR(16777216)")
    assert kinds == [[text, ("I", "NUMBER(38,0)")], [text]]


def test_rows_are_not_appended_where_they_were_to_replace_others(sql: Sql) -> None:
    sql("create table t (i int)")
    sql("insert into t values (1)")
    assert sql.failure("insert overwrite all into t select 2 as i")[0] == 2
    assert sql("select i from t") == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        "insert into t select i from c",
        "update t set i = 1",
        "delete from t using c where c.i = t.i",
        "merge into t using c on t.i = c.i when matched then delete",
    ],
)
def test_a_query_with_a_name_stands_within_the_statement_that_writes(
    sql: Sql, statement: str
) -> None:
    sql("create table t (i int)")
    assert sql.failure(f"with c as (select 1 as i) {statement}")[0] == 2
    sql("insert into t with c as (select 1 as i) select i from c")
    assert sql.failure("delete t where i = 1")[0] == 2
    assert sql("select i from t") == [(1,)]


@pytest.mark.parametrize(
    "query",
    ["select 1 union all select i from t", "select i from v", "select 1 union select i from v"],
)
def test_an_insert_reads_none_of_the_rows_that_it_writes(sql: Sql, query: str) -> None:
    sql("create table t (i int)")
    sql("insert into t values (3)")
    sql("create view v as select 1 as i union all select i from t")
    assert sql.count(f"insert into t {query}") == 2
    assert sql("select i from t order by i") == [(1,), (3,), (3,)]


@pytest.mark.parametrize(
    "statement",
    [
        "insert into numbers (n) values ('1_000')",
        "insert into numbers (n) values (1), ('1_000')",
        "insert into numbers (i) select '0x1F'",
        "insert into numbers (f, at) values ('1_0', '2025-01-01'), (2, '2025-01-01')",
        "insert into numbers (n) values ('NaN')",
        "update numbers set n = '1_000'",
        (
            "merge into numbers using (select 7 as i) s on numbers.i = s.i"
            " when matched then update set n = '1_000'"
        ),
    ],
)
def test_a_text_that_is_a_number_to_duckdb_alone_comes_into_no_column(
    sql: Sql, statement: str
) -> None:
    sql("create table numbers (n number(38,10), i int, f float, at timestamp_ntz)")
    sql("insert into numbers (i) values (7)")

    assert sql.failure(statement)[0] == 100038
    assert sql("select n, i, f from numbers") == [(None, 7, None)]


def test_a_text_among_numbers_keeps_its_digits(sql: Sql) -> None:
    sql("create table mixed (n number(38,10), f float, b boolean, at timestamp_ntz)")
    sql("""insert into mixed values (1.5, 1, true, '2025-01-01'),
                                    ('0.0000000001', '2.5', 'off', '2025-01-01 10:00')""")

    assert [tuple(map(str, row)) for row in sql("select n, f, b from mixed order by at")] == [
        ("1.5000000000", "1.0", "True"),
        ("1E-10", "2.5", "False"),
    ]
