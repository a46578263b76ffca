"""A client names what Snowflake has; no statement reads or writes a file of this machine."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mocks.snowflake.answered_functions import ANSWERED
from tests.contract.snowflake.server import LocalSnowflake
from tests.contract.snowflake.sql import Sql

SECRET = "only-on-the-host"


@pytest.fixture
def host_file(tmp_path: Path) -> Path:
    """A file outside of the server's data folder, which the server's user may read."""
    file = tmp_path / "secret.csv"
    file.write_text(f"a\n{SECRET}\n")
    return file


@pytest.mark.parametrize(
    ("statement", "errno"),
    [
        ("select * from read_text('{file}')", 2140),
        ("select * from \"read_text\"('{file}')", 2140),
        ("select * from table(read_csv('{file}'))", 2140),
        ("select * from read_csv_auto('{file}')", 2140),
        ("select content from (select * from read_blob('{file}'))", 2140),
        ("select * from read_json('{file}')", 2140),
        ("select * from read_parquet('{file}')", 2140),
        ("select * from parquet_metadata('{file}')", 2140),
        ("with s as (select * from read_text('{file}')) select * from s", 2140),
        ("create view v as select * from read_text('{file}')", 2140),
        ("create table c as select * from read_text('{file}')", 2140),
        ("insert into t select content from read_text('{file}')", 2140),
        ("update t set a = (select content from read_text('{file}'))", 2140),
        ("select bronze.read_text('{file}')", 2140),
        ("select * from identifier('read_text(''{file}'')')", 2003),
        ("select * from identifier('\"{file}\"')", 2003),
        ("select * from '{file}'", 2003),
        ('select * from "{file}"', 2003),
        ("from '{file}'", 1003),
        ("copy into t from '{file}'", 2),
        ("copy into '{file}' from (select 1)", 2),
        ("copy (select 1) to '{file}'", 2),
        ("attach '{file}' as x", 1003),
        ("comment on table t is 'x' || (select content from read_text('{file}'))", 1003),
        ("select getenv('LOCAL_SNOWFLAKE_PASSWORD')", 2140),
        ("select current_setting('temp_directory')", 2140),
        ("select query('select 1')", 2140),
        ("select json_execute_serialized_sql(json_serialize_sql('select 1'))", 2140),
        ("select path from duckdb_databases()", 2140),
        ("select path from duckdb_databases", 2003),
        ("select * from pg_catalog.pg_class", 2003),
        ("select * from _fs_global._fs_information_schema._fs_stages", 2003),
        ("drop table _fs_global._fs_information_schema._fs_stages", 2003),
        ("select strftime(current_date(), '%Y')", 2140),
        ("select unnest([1, 2])", 2140),
        ("load json", 1003),
        ("pragma database_list", 1003),
        ("analyze", 1003),
    ],
)
def test_a_name_that_is_not_snowflakes_is_refused(
    sql: Sql, host_file: Path, statement: str, errno: int
) -> None:
    sql("create table t (a string)")
    failed, message = sql.failure(statement.replace("{file}", str(host_file)))

    assert failed == errno
    assert SECRET not in message
    assert host_file.read_text() == f"a\n{SECRET}\n"


def test_a_stage_leads_to_its_own_files_alone(sql: Sql, host_file: Path) -> None:
    sql("create table t (a string)")
    sql("create stage here")
    path = "../" * 12 + str(host_file).lstrip("/")
    failed, message = sql.failure(f"copy into t from @here files = ('{path}')")

    assert (failed, message) == (91016, "Remote file 'secret.csv' was not found.")
    assert sql("select * from t") == []


def test_a_stage_writes_and_reads_no_other_stage(sql: Sql) -> None:
    sql("create table t (a string)")
    sql("insert into t values ('x')")
    for stage in ("here", "there"):
        sql(f"create stage {stage}")
    sql("copy into @there/kept.csv from t single = true file_format = (compression = none)")
    for reference in ("@here/../THERE/written.csv", "@here/../../written.csv"):
        assert sql.failure(f"copy into {reference} from t single = true")[0] == 91016
    assert sql.failure("copy into t from @here files = ('../THERE/kept.csv')")[0] == 91016
    assert [name for name, *_ in sql("list @there")] == ["there/kept.csv"]


@pytest.mark.parametrize(("own", "made"), [("_fs_information_schema", 2003), ("main", 2)])
def test_a_schema_of_the_engine_is_none_of_the_users(sql: Sql, own: str, made: int) -> None:
    for statement in (f"drop schema canton.{own}", f"create table canton.{own}.t (a int)"):
        assert sql.failure(statement)[0] == 2003
    assert sql.failure(f"create or replace schema canton.{own}")[0] == made
    assert sql.failure(f"use schema canton.{own}")[0] == 2043


def test_a_column_is_set_by_its_name_as_it_is_written(sql: Sql) -> None:
    sql('create table t (i int, "j" int)')
    for statement in (
        'insert into t ("i") values (1)',
        "insert into t (j) values (1)",
        'update t set "i" = 1',
        "update t set j = 1",
        "update t set nowhere = 1",
        'merge into t using (select 1 as k) s on t.i = s.k when matched then update set "i" = 1',
        'merge into t using t s on t.i = s.i when not matched then insert ("i") values (s.i)',
    ):
        assert sql.failure(statement)[0] == 904
    sql('insert into t (i, "j") values (1, 2)')
    assert sql('select i, "j" from t') == [(1, 2)]


def test_a_comment_is_a_text_and_no_statement(sql: Sql, tmp_path: Path) -> None:
    written = tmp_path / "written.csv"
    attack = f"x'); copy (select 42 as x) to '{written}'; --"
    doubled = attack.replace("'", "''")
    sql(f"create table t (a int) comment = '{doubled}'")
    sql("create table u (a int)")
    sql(f"comment on table u is '{doubled}'")
    kept = sql("""select comment from canton.information_schema.tables
                  where table_schema = current_schema() and table_name in ('T', 'U')""")

    assert kept == [(attack,), (attack,)]
    assert not written.exists()


@pytest.mark.parametrize(
    "statement", ['show tables in schema "x\'y"', 'create database "a\'b"', 'use schema "a\'b"']
)
def test_a_name_with_a_quotation_mark_is_refused(sql: Sql, statement: str) -> None:
    errno, message = sql.failure(statement)

    assert (errno, "quotation mark" in message) == (2, True)


def test_a_database_that_a_client_names_at_login_is_no_statement(
    local_snowflake: LocalSnowflake,
) -> None:
    connection = local_snowflake.connect(database="x'; drop schema canton.bronze; --", schema="s")
    sql = Sql(connection)

    assert sql("select current_database()") == [(None,)]
    assert sql("show stages in schema canton.bronze")
    connection.close()


def test_functions_of_the_users_own_are_known_by_their_names(
    sql: Sql, new_sql: Callable[..., Sql]
) -> None:
    sql("""create function doubled(x int) returns int language python runtime_version = '3.11'
           handler = 'f' as 'def f(x): return 2 * x'""")

    assert new_sql().one("select doubled(21)") == 42
    assert "DOUBLED" not in ANSWERED


_NOT_OF_COLUMNS = (
    "current_date current_time current_timestamp current_user localtime localtimestamp"
)
_FOREIGN_SIGNS = "~~ ~~* ~~~ ~* -> ->> == <=> && |> <-> #> >> & | # !"
_MERGE = "merge into t using (select 'kept' as k) s on t.a = s.k when"


@pytest.mark.parametrize(
    ("statement", "errno", "named"),
    [
        ("select sum(a) filter (where a = '1') from t", 2, "FILTER"),
        ("select distinct on (a) a from t", 2, "DISTINCT with ON"),
        ("select 'a' glob 'a*'", 2, "GLOB"),
        ("select * from t semi join t u on t.a = u.a", 2, "SEMI JOIN"),
        ("insert into t values ('1') returning a", 2, "INSERT with RETURNING"),
        ("insert into t values ('1') on conflict do nothing", 2, "INSERT with CONFLICT"),
        ("delete from t returning a", 2, "DELETE with RETURNING"),
        ("select rowid from t", 904, "invalid identifier 'ROWID'"),
        ("create table u (a hugeint)", 2, "the type"),
        ("create table u (a int[])", 2, "the type ARRAY(INT)"),
        ("create table u (a map(varchar, int))", 2, "the type MAP(VARCHAR, INT)"),
        ("select 1::uuid", 2, "the type"),
        ("create table u (a int generated always as (1))", 2, "computed columns"),
        ("create index i on t (a)", 2, "CREATE INDEX"),
        ("drop index if exists i", 2, "DROP INDEX"),
        ("create temporary macro m() as 1", 2, "MACRO"),
        ("create or alter table t (a string, b int)", 2, "CREATE OR ALTER"),
        ("alter table t alter column a set default 'x'", 2, "SET DEFAULT"),
        ("alter table t set default_ddl_collation = 'en'", 2, "SET DEFAULT_DDL_COLLATION"),
        ("alter table t set stage_file_format = (type = csv)", 2, "SET FILE_FORMAT"),
        ("alter table t unset comment", 2, "ALTER TABLE … UNSET COMMENT"),
        ("alter table t drop primary key", 2, "ALTER TABLE … DROP PRIMARY KEY"),
        ("alter table t drop constraint c", 2, "ALTER TABLE … DROP CONSTRAINT"),
        ("alter view t set secure", 2, "ALTER VIEW … SET SECURE"),
        ("select 5 ^ 2", 1003, "unexpected '^'"),
        ("select 5 & 2 | 1", 1003, "BITXOR"),
        ("select ~5", 1003, "BITXOR"),
        ("select 1 << 2", 1003, "BITXOR"),
        *(
            (f"select a {sign} a from t", 1003, f"unexpected '{sign}'")
            for sign in _FOREIGN_SIGNS.split()
        ),
        *((f"select {word}", 1003, f"unexpected '{word}'") for word in ("0xff", "0b11", "1_000")),
        ("select a isnull from t", 1003, "unexpected 'isnull'"),
        ("select array[1, 2]", 1003, "unexpected '[' after ARRAY"),
        ("select map {'a': 1}", 1003, "unexpected '{' after MAP"),
        ("create table u as from t", 1003, "'FROM' without SELECT"),
        ("insert into t from t", 1003, "'FROM' without SELECT"),
        ("select * from (from t)", 1003, "'FROM' without SELECT"),
        ("with c as (from t) select * from c", 1003, "'FROM' without SELECT"),
        ("select a from t union from t", 1003, "'FROM' without SELECT"),
        ("select 1 from (from t select a)", 1003, "'FROM' before SELECT"),
        ("select {'a': 1}.a", 2, "'.a' of anything but a name"),
        ("select object_construct('a', 1).a", 2, "'.a' of anything but a name"),
        ("select parse_json(a)['b'].c from t", 2, "'.c' of anything but a name"),
        ("select a from t using sample 1", 2, "SELECT with SAMPLE"),
        ("select a from t fetch first 1 rows with ties", 2, "WITH TIES"),
        ("select a from t fetch first 10 percent rows only", 2, "PERCENT"),
        ("select * from t order by all", 2, "ORDER BY ALL of *"),
        ("select * from t asof join t u on t.a >= u.a", 1003, "ASOF JOIN without MATCH_CONDITION"),
        ("select level from dual connect by level < 3", 2, "CONNECT"),
        ("select array_agg(a order by a) from t", 1003, "WITHIN GROUP"),
        ("select sum(1) over (order by a groups current row) from t", 1003, "'GROUPS'"),
        ("select sum(1) over (order by a rows current row exclude ties) from t", 2, "EXCLUDE"),
        ("select a from t except all select 'x'", 1003, "unexpected 'ALL' after EXCEPT"),
        ("select a from t intersect all select 'x'", 1003, "unexpected 'ALL' after INTERSECT"),
        ("with c as materialized (select 1) select * from c", 2, "CTE with MATERIALIZED"),
        ("select 1 between symmetric 2 and 1", 2, "BETWEEN with SYMMETRIC"),
        ("select sum(1) over (order by all) from t", 1003, "unexpected 'all'"),
        ("list @~", 2, "@~, the stage of a user"),
        ("put file:///nowhere/x @~/y", 2, "@~, the stage of a user"),
        ("copy into t from @~/y", 2, "@~, the stage of a user"),
        ("select $1 from @~", 2, "@~, the stage of a user"),
        (f"{_MERGE} not matched by source then delete", 1003, "NOT MATCHED BY SOURCE"),
        (f"{_MERGE} not matched by target then insert (a) values ('x')", 1003, "BY TARGET"),
        (f"{_MERGE} matched then update set *", 1003, "UPDATE * in MERGE"),
        (f"{_MERGE} not matched then insert *", 1003, "INSERT * in MERGE"),
        (f"{_MERGE} matched then do nothing", 1003, "unexpected 'DO NOTHING' of WHEN MATCHED"),
        (f"{_MERGE} matched then insert (a) values ('x')", 1003, "'INSERT' of WHEN MATCHED"),
        (f"{_MERGE} not matched then update set a = 'x'", 1003, "'UPDATE' of WHEN NOT MATCHED"),
        (f"{_MERGE} not matched then delete", 1003, "'DELETE' of WHEN NOT MATCHED"),
        ("merge into t using t u using (a) when matched then delete", 1003, "write ON"),
        ("create table order (a int)", 1003, "unexpected 'order'"),
        ("create table u (table int)", 1003, "unexpected 'table'"),
        ("select 1 as from", 1003, "syntax error"),
        *(
            (statement.format(word), 1003, word.upper())
            for word in _NOT_OF_COLUMNS.split()
            for statement in (
                "create table u ({} int)",
                "create table u (a, {}) as select 1, 2",
                "create view w ({}) as select 1",
                "alter table t add column {} int",
                "alter table t rename column a to {}",
                "insert into t ({}) values (1)",
            )
        ),
        ("create table u (constraint int)", 1003, "syntax error"),
        ("create table u (true int)", 2, "a column with the name TRUE"),
        ("alter table t rename column a to false", 2, "a column with the name FALSE"),
        *((f"select {word} from t", 1003, "unexpected") for word in ("cast", "try_cast", "when")),
        *((f"select 1 from {word}", 1003, "unexpected") for word in ("left", "full", "natural")),
        *((f"select 1 from t as {word}", 1003, "unexpected") for word in ("left", "cross")),
    ],
)
def test_syntax_and_types_that_are_not_snowflakes_are_refused_by_name(
    sql: Sql, statement: str, errno: int, named: str
) -> None:
    sql("create table t (a string)")
    sql("insert into t values ('kept')")
    failed, message = sql.failure(statement)

    assert failed == errno
    assert named in message
    assert sql("select * from t") == [("kept",)]


def test_a_comment_of_a_merge_is_no_part_of_it(sql: Sql) -> None:
    sql("create table t (a string)")
    sql("""merge into t using (select 'a' as a) s on t.a = s.a -- when not matched by target
           when not matched /* by target: it's "new" */ then insert (a) values ('x''y')""")

    assert sql("select a from t") == [("x'y",)]
    assert (
        sql.failure("""merge into t using (select 'b' as a) s on t.a = s.a
                          when not matched /* " */ by target then insert (a) values ('"')""")[0]
        == 1003
    )


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("select 1 from t, t", "T"),
        ("select 1 from t a join t A on true", "A"),
        ("select 1 from t, ${schema}.t", "T"),
        ("select 1 from (select 1) x, (select 2) x", "X"),
        ("select 1 from (select 1), (select 2)", "values"),
        ("select 1 from t, lateral flatten(input => array_construct(1)) t", "T"),
        ("with c as (select 1 as a) select 1 from c, c", "C"),
        ("select (select 1 from t x, t x)", "X"),
        ("update t set a = 1 from t", "T"),
        ("delete from t x using t x", "X"),
        ("merge into t using u t on true when matched then delete", "T"),
    ],
)
def test_a_source_has_a_name_of_its_own(sql: Sql, schema: str, statement: str, name: str) -> None:
    sql("create table t (a int)")
    sql("create table u (a int)")
    error = sql.failure(statement.replace("${schema}", schema))
    assert error == (2027, f"SQL compilation error:\nduplicate alias '{name}'")
    assert sql("select 1 from t, (select 1), u where exists (select 1 from t)") == []


_KINDS = """
    alert, pipe, masking policy, row access policy, secret, external table,
    iceberg table, hybrid table, materialized view, event table, notebook, streamlit,
    git repository, image repository, compute pool, service, failover group, replication group,
    managed account, cortex search service, model, dataset, packages policy, password policy,
    session policy, authentication policy, external volume, semantic view, application package,
    external function, connection, index
"""


@pytest.mark.parametrize("kind", [kind.strip() for kind in _KINDS.split(",")])
def test_a_kind_of_object_that_is_not_answered_is_refused_by_its_name(sql: Sql, kind: str) -> None:
    plural = f"{kind[:-1]}ies" if kind.endswith(("cy", "ry")) else f"{kind}s"
    plural = "indexes" if kind == "index" else plural
    for statement, named in (
        (f"create {kind} x", f"CREATE {kind}"),
        (f"create or replace {kind} if not exists x comment = 'y'", f"CREATE {kind}"),
        (f"alter {kind} if exists x set comment = 'y'", f"ALTER {kind}"),
        (f"drop {kind} if exists x", f"DROP {kind}"),
        (f"describe {kind} x", f"DESCRIBE {kind}"),
        (f"desc {kind} x", f"DESCRIBE {kind}"),
        (f"show {plural}", f"SHOW {plural}"),
        (f"show {plural} like 'x' in account", f"SHOW {plural}"),
        (f"undrop {kind} x", f"UNDROP {kind}"),
    ):
        error = sql.failure(statement)
        told = f"Unsupported feature '{named.upper()}' in the local Snowflake"
        assert (error[0], told in error[1], "README.md, 'Refused'" in error[1]) == (2, True, True)


@pytest.mark.parametrize(
    "statement",
    [
        "vacuum", "vacuum t", "summarize t", "analyze t", "pragma version", "load httpfs",
        "install httpfs", "checkpoint", "pivot t on a using sum(a)",
        "insert into t default values", "create table u (like t)",
        "select * from t tablesample reservoir (10 rows)",
    ],
)  # fmt: skip
def test_a_statement_of_another_engine_is_a_syntax_error(sql: Sql, statement: str) -> None:
    sql("create table t (a int)")
    number, message = sql.failure(statement)
    assert (number, "unexpected" in message) == (1003, True), message


def test_a_view_has_as_many_names_as_columns(sql: Sql) -> None:
    told = (2026, "SQL compilation error:\nInvalid column definition list")
    for definition in ("view v (a, b) as select 1", "view v (a) as select 1, 2",
                       "table v (a, b) as select 1", "table v (a) as select 1, 2"):  # fmt: skip
        assert sql.failure(f"create {definition}") == told


def test_words_are_names_where_snowflake_takes_them(sql: Sql) -> None:
    sql('create table u (left int, cast int, "CURRENT_DATE" int, "TRUE" int)')
    sql("insert into u values (1, 2, 3, 4)")
    found = sql('select left, "LEFT".cast, "CURRENT_DATE", "TRUE" from u as "LEFT"')
    assert found == [(1, 2, 3, 4)]
    assert sql("select 5 as constraint") == [(5,)]


def test_a_quoted_name_is_found_as_it_is_written(sql: Sql) -> None:
    sql('create table "tT" ("aBc" int, d int)')
    sql('insert into "tT" values (1, 2)')

    assert sql('select "aBc", D from "tT"') == [(1, 2)]
    assert sql('select x."aBc" as abc from "tT" x where "aBc" = 1') == [(1,)]
    assert sql("select abc, t from (select 5 as abc) as tt, (values (6)) v(t)") == [(5, 6)]
    assert sql("with abc as (select 1 as d) select abc.d from abc") == [(1,)]
    assert sql.failure('select abc from "tT"') == (
        904,
        "SQL compilation error:\ninvalid identifier 'ABC'",
    )
    assert sql.failure("select * from tt")[0] == 2003
    assert sql.failure('select "abc" from "tT"')[0] == 904
    sql('drop table "tT"')


def test_a_schema_with_a_dot_in_its_name_is_the_current_one_once_made(
    sql: Sql, schema: str
) -> None:
    for made in (f'"{schema}.1"', f'canton."{schema}.1"'):
        sql(f"create or replace schema {made}")
        assert sql("select current_schema()") == [(f"{schema}.1",)]
    sql("create table t as select 1 as i")

    assert sql(f'select i from canton."{schema}.1".t') == [(1,)]
    sql(f'drop schema "{schema}.1"')
    assert sql.failure('create database "a.b"')[0] == 2
    assert [row for row in sql("show databases") if "." in row[1]] == []
