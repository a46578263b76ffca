"""dlt: rows appended, merged by key and replaced, with nested rows and a new column."""

import os

import dlt
from dlt.destinations import snowflake

destination = snowflake(
    credentials={
        "database": "CANTON",
        "username": os.environ["LOCAL_SNOWFLAKE_USER"],
        "password": os.environ["LOCAL_SNOWFLAKE_PASSWORD"],
        "host": "local",
        "query": {
            "host": "127.0.0.1",
            "port": os.environ["LOCAL_SNOWFLAKE_PORT"],
            "protocol": "http",
        },
    }
)
pipeline = dlt.pipeline("parties", destination=destination, dataset_name="loaded")


def load(rows: list, **how: object) -> None:
    pipeline.run(rows, **how).raise_on_failed_jobs()


def read(table: str, *columns: str) -> list[tuple]:
    with pipeline.sql_client() as client:
        return client.execute_sql(f"select {', '.join(columns)} from {table} order by 1, 2")


FIRST = [{"id": 1, "name": "a", "tags": [{"tag": "x"}, {"tag": "y"}]}, {"id": 2, "name": "b"}]
SECOND = [{"id": 2, "name": "c", "score": 1.5}, {"id": 3, "name": "d"}]
# dlt's other strategies make temporary tables in a transaction, which Snowflake would commit.
upsert = {"disposition": "merge", "strategy": "upsert"}
merge = {"table_name": "merged", "write_disposition": upsert, "primary_key": "id"}
for rows in (FIRST, SECOND):
    load(rows, table_name="appended", write_disposition="append")
    load(rows, **merge)
    load(rows, table_name="replaced", write_disposition="replace")
assert read("appended", "id", "name", "score") == [
    (1, "a", None), (2, "b", None), (2, "c", 1.5), (3, "d", None),
]  # fmt: skip
assert read("merged", "id", "name", "score") == [(1, "a", None), (2, "c", 1.5), (3, "d", None)]
assert read("merged__tags", "tag", "_dlt_list_idx") == [("x", 0), ("y", 1)]
assert read("replaced", "id", "name", "score") == [(2, "c", 1.5), (3, "d", None)]
