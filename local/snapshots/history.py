"""Run history: Prefect's database, which goes back to the same kind of place alone.

Its blocks stay behind, for they hold secrets, and the key that they are encrypted with: a place
keeps its own, which its deploy writes.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from local.console.errors import CommandFailed

SQLITE, POSTGRES = "history.db", "history.sql"
PARTS = (SQLITE, POSTGRES)
SECRET_TABLES = ("block_document", "block_document_reference", "configuration")


def copy_sqlite(database: Path, file: Path) -> None:
    """Write a consistent copy of a database that may be in use."""
    try:
        with (
            closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(file)) as copy,
        ):
            source.backup(copy)
            for table in SECRET_TABLES:
                if copy.execute("select 1 from sqlite_master where name = ?", [table]).fetchone():
                    copy.execute(f"delete from {table}")  # noqa: S608 -- names of ours
            copy.execute("update concurrency_limit_v2 set active_slots = 0")  # nobody gives it back
            copy.commit()
            copy.execute("vacuum")  # or what was deleted is still in the file
    except sqlite3.Error as error:
        raise CommandFailed(f"Prefect's database {database} can't be read: {error}") from error
