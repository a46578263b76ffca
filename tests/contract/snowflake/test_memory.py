"""What the server needs doesn't grow with a load: a batch may be larger than its memory."""

import json
import os
from pathlib import Path

import psutil

from embedded.children import Children
from tests.contract.snowflake.server import start
from tests.contract.snowflake.sql import Sql

FILES, FILE_MB, LIMIT_MB = 30, 6, 100


def test_a_copy_of_more_than_its_memory(tmp_path: Path) -> None:
    lines = [json.dumps({"text": os.urandom(5_000).hex()}) for _ in range(FILE_MB * 100)]
    with Children(tmp_path / "logs") as children:
        server = start(children, tmp_path / "data", "--memory", f"{LIMIT_MB}MB")
        sql = Sql(server.connect())
        sql("create stage files")
        sql("create table landed (v variant)")
        for number in range(FILES):
            file = tmp_path / f"{number}.json"
            file.write_text("\n".join(lines))
            sql(f"put file://{file} @files auto_compress=false")
            file.unlink()
        process = psutil.Process(server.child.process.pid)
        before = process.memory_info().rss
        sql("begin")
        assert len(sql("copy into landed from @files file_format = (type = json)")) == FILES
        grown = (process.memory_info().rss - before) / 2**20
        sql("commit")
        assert sql("select count(*) from landed") == [(FILES * len(lines),)]
        sql.connection.close()
    # A file at a time, and what the engine keeps within its limit.
    assert grown < FILES * FILE_MB / 2
