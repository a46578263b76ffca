"""Snowpark's DataFrames over the local Snowflake."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from snowflake.snowpark import Session, Window
from snowflake.snowpark import functions as F
from snowflake.snowpark.types import DecimalType, IntegerType, StringType, StructField, StructType

from tests.contract.snowflake.sql import Sql

CC = DecimalType(38, 10)
AT = datetime(2025, 12, 31, 23, 59, 30)  # noqa: DTZ001 -- TIMESTAMP_NTZ


@pytest.fixture
def session(sql: Sql) -> Iterator[Session]:
    opened = Session.builder.configs({"connection": sql.connection}).create()
    yield opened
    opened.close()


@pytest.fixture
def movements(sql: Sql) -> Sql:
    sql("create table movements (account string, kind string, cc number(38,10), at timestamp_ntz)")
    sql(
        """insert into movements values
           ('a', 'sent', 1.5, '2025-12-31 23:59:30'), ('a', 'received', '0.0000000001', '2025-12-31 23:59:31'),
           ('b', 'sent', 2, '2026-01-01 00:00:29.999999'), ('b', null, null, '2026-01-01 00:00:30')"""  # noqa: E501
    )
    return sql


def rows(frame: Any) -> list[tuple]:
    return [tuple(row) for row in frame.collect()]


@pytest.mark.usefixtures("movements")
def test_a_gold_table_is_built_with_dataframes(session: Session) -> None:
    minute = F.date_trunc("minute", F.dateadd("second", F.lit(30), F.col("at")))
    exact = F.col("total").cast(DecimalType(38, 18)) * F.col("rate").cast(DecimalType(18, 8))
    table = session.table("movements").with_column("minute", minute)
    rates = session.create_dataframe(
        [("2025-01-01", Decimal("0.5")), ("2025-06-01", Decimal("0.12345678"))],
        StructType([StructField("day", StringType()), StructField("rate", DecimalType(18, 8))]),
    )
    rate = rates.agg(F.max_by("rate", "day").cast(DecimalType(18, 8)).alias("rate"))
    gold = (
        table.filter(F.col("kind").is_not_null())
        .group_by("minute", "account")
        .agg(
            F.sum(F.iff(F.col("kind") == "sent", F.col("cc"), F.lit(0)).cast(CC)).alias("sent"),
            F.sum("cc").cast(CC).alias("total"),
            F.count_distinct("kind").alias("kinds"),
            F.count(F.lit(1)).alias("n"),
        )
        .join(rate)
        .with_column("usd", F.round(exact, 10).cast(CC))
        .select("minute", "account", "sent", "total", "kinds", "n", "usd")
        .sort("minute", "account")
    )
    midnight = datetime(2026, 1, 1)  # noqa: DTZ001 -- TIMESTAMP_NTZ

    assert [[str(v) for v in row[:4]] + list(row[4:]) for row in rows(gold)] == [
        [str(midnight), "a", "1.5000000000", "1.5000000001", 2, 2, Decimal("0.1851851700")],
        [str(midnight), "b", "2.0000000000", "2.0000000000", 1, 1, Decimal("0.2469135600")],
    ]
    assert gold.count() == 2
    assert [row[1] for row in gold.to_local_iterator()] == ["a", "b"]


@pytest.mark.usefixtures("movements")
def test_dataframes_filter_join_window_and_unite(session: Session) -> None:
    table = session.table("movements")
    first = Window.partition_by("account").order_by(F.col("at"))
    numbered = table.with_column("place", F.row_number().over(first))

    assert rows(
        numbered.filter(F.col("place") == 1).select("account", "place").sort("account")
    ) == [
        ("a", 1),
        ("b", 1),
    ]
    united = table.select("account").distinct().union_all(table.select("kind"))
    expected = [None, "a", "b", "received", "sent", "sent"]
    assert rows(united.sort("account")) == [(name,) for name in expected]
    joined = table.join(table.select("account", F.col("cc").alias("other")), "account")
    assert joined.count() == 8
    chosen = rows(
        table.select(
            F.coalesce(F.col("kind"), F.lit("none")),
            F.when(F.col("cc") > 1, F.lit("much")).otherwise(F.lit("little")),
            F.call_function("upper", F.col("account")),
            F.sql_expr("cc is null"),
            F.last_value("kind", ignore_nulls=True).over(
                Window.order_by("at").rows_between(Window.UNBOUNDED_PRECEDING, Window.CURRENT_ROW)
            ),
            F.col("at"),
        ).sort("at")
    )
    assert [row[:5] for row in chosen] == [
        ("sent", "much", "A", False, "sent"),
        ("received", "little", "A", False, "received"),
        ("sent", "much", "B", False, "sent"),
        ("none", "little", "B", True, "sent"),
    ]
    assert rows(session.sql("select 1 + 1, current_schema() is not null")) == [(2, True)]


def test_tables_are_written_updated_and_merged(session: Session, sql: Sql) -> None:
    sql("create table t (name string, n int)")
    frame = session.create_dataframe([("a", 1), ("b", 2)], schema=["name", "n"])
    frame.write.insert_into("t")
    frame.filter(F.col("n") == 2).write.save_as_table("t", mode="append")
    table = session.table("t")
    assert table.update({"n": F.col("n") + 10}, F.col("name") == "b").rows_updated == 2
    assert table.delete(F.col("name") == "a").rows_deleted == 1
    source = session.create_dataframe([("b", 0), ("c", 3)], schema=["name", "n"])
    merged = table.merge(
        source,
        table["name"] == source["name"],
        [
            F.when_matched().update({"n": source["n"]}),
            F.when_not_matched().insert({"name": source["name"], "n": source["n"]}),
        ],
    )

    assert (merged.rows_inserted, merged.rows_updated) == (1, 2)
    assert sql("select name, n from t order by name, n") == [("b", 0), ("b", 0), ("c", 3)]
    frame.write.save_as_table("made", mode="overwrite")
    assert rows(session.table("made").sort("n")) == [("a", 1), ("b", 2)]
    with pytest.raises(Exception, match="already exists"):
        frame.write.save_as_table("made", mode="errorifexists")


def test_writes_join_the_connections_transaction(session: Session, sql: Sql) -> None:
    sql("create table t (n int)")
    sql("begin")
    session.create_dataframe([(1,)], schema=["n"]).write.insert_into("t")
    sql("rollback")

    assert sql.one("select count(*) from t") == 0


def test_a_frame_of_many_rows_keeps_its_types(session: Session) -> None:
    schema = StructType([StructField("n", IntegerType()), StructField("cc", CC)])
    data = [(n, Decimal(n) / 8) for n in range(300)]
    frame = session.create_dataframe(data, schema)

    assert rows(frame.agg(F.sum("n"), F.sum("cc"))) == [(44850, Decimal("5606.2500000000"))]


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(
            lambda session: F.udf(lambda x: x, return_type=IntegerType(), input_types=[IntegerType()], session=session),  # noqa: E501
            id="udf",
        ),
    ],
)  # fmt: skip
def test_what_snowpark_can_not_do_here_says_so(session: Session, use: Any) -> None:
    with pytest.raises(Exception, match=r"Unsupported feature|not supported|unsupported"):
        use(session)
