"""pandas: write_pandas of the connector and of Snowpark with every way to make the table."""

import os
from datetime import date
from decimal import Decimal

import pandas as pd
import snowflake.connector
from snowflake.connector.pandas_tools import write_pandas
from snowflake.snowpark import Session

connection = snowflake.connector.connect(
    account="local",
    host="127.0.0.1",
    port=int(os.environ["LOCAL_SNOWFLAKE_PORT"]),
    protocol="http",
    user=os.environ["LOCAL_SNOWFLAKE_USER"],
    password=os.environ["LOCAL_SNOWFLAKE_PASSWORD"],
    database="CANTON",
    schema="PANDAS",
)
columns = ["n", "Name", "f", "b", "d", "cc"]
ROWS = [
    (1, "x", 0.5, True, date(2026, 1, 1), Decimal("1.50")),
    (2, None, 1.5, False, date(2026, 1, 2), Decimal("2.25")),
]
frame = pd.DataFrame(ROWS, columns=columns)
times = pd.DataFrame({"AT": [pd.Timestamp("2026-01-01 10:00:00.123456")]})


def sql(text: str) -> list[tuple]:
    return connection.cursor().execute(text).fetchall()


def write(rows: pd.DataFrame, table: str, **how: object) -> list[tuple]:
    """Write a frame; the rows of the table then."""
    is_done, _, count, _ = write_pandas(connection, rows, table, **how)
    assert (is_done, count) == (True, len(rows))
    return sql(
        f'select * from "{table.upper() if "quote_identifiers" in how else table}" order by 1'
    )


sql("create schema if not exists canton.pandas")
sql("use schema canton.pandas")
made, unquoted = {"auto_create_table": True}, {"quote_identifiers": False}
assert write(frame, "Made", **made) == ROWS
assert sql('select "Name" from "Made" order by "n"') == [("x",), (None,)]
assert write(frame, "Made", **made) == [ROWS[0], ROWS[0], ROWS[1], ROWS[1]]
assert write(frame[["n", "f"]], "chunks", **made, chunk_size=1) == [(1, 0.5), (2, 1.5)]
assert write(frame, "Made", overwrite=True) == ROWS
assert write(frame[["n"]], "Made", **made, overwrite=True) == [(1,), (2,)]
assert write(frame, "plain", **made, **unquoted) == ROWS
assert sql("select n, name from plain order by n") == [(1, "x"), (2, None)]
assert write(frame, "plain", **unquoted, overwrite=True) == ROWS
assert write(frame, "plain", **made, **unquoted, overwrite=True) == ROWS
elsewhere = {"database": "CANTON", "schema": "PANDAS"}
assert write(frame, "elsewhere", **made, **elsewhere) == ROWS
assert write(frame, "brief", **made, table_type="temporary") == ROWS
assert write(times, "times", **made, use_logical_type=True) == [(times["AT"][0].to_pydatetime(),)]

session = Session.builder.configs({"connection": connection}).create()
assert [tuple(row) for row in session.create_dataframe(frame).sort("n").collect()] == ROWS
assert session.create_dataframe(times).collect()[0][0] == times["AT"][0]
many = session.create_dataframe(pd.DataFrame({"N": range(3000)}))
assert many.filter("n >= 1000").count() == 2000
table = session.write_pandas(frame, "FROM_SNOWPARK", auto_create_table=True, overwrite=True)
assert [tuple(row) for row in table.sort("n").collect()] == ROWS
assert session.write_pandas(frame, "FROM_SNOWPARK").count() == 4
session.close()
