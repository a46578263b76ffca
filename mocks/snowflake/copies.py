"""A copy of everything that the warehouse keeps, as one moment shows it, while sessions go on.

Each database is copied within one transaction of DuckDB, which sees what was committed before it
began and nothing after; statements of sessions neither wait for it nor make it wait.
"""

import contextlib
import secrets
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

from mocks.snowflake.storage import ACCOUNT_FILE, FORMAT
from mocks.snowflake.warehouse import Warehouse


@contextlib.contextmanager
def copied(warehouse: Warehouse) -> Iterator[Path]:
    """A tar file with a data folder's content, for as long as this lasts; see `storage`."""
    draft = warehouse.folder.temporary / f"copy-{secrets.token_hex(8)}"
    (draft / "data").mkdir(parents=True)
    try:
        for name in warehouse.databases():
            _copy(warehouse, name, draft / "data" / _file_of(warehouse, name))
        (draft / "data" / "format").write_text(f"{FORMAT}\n")
        if any(warehouse.folder.stages.iterdir()):
            shutil.copytree(warehouse.folder.stages, draft / "data" / "stages")
        with tarfile.open(draft / "copy.tar", "w") as archive:
            for entry in sorted((draft / "data").iterdir()):
                archive.add(entry, entry.name)
        yield draft / "copy.tar"
    finally:
        shutil.rmtree(draft)


def _file_of(warehouse: Warehouse, name: str) -> str:
    files = {database: file.name for database, file in warehouse.folder.databases()}
    return files.get(name, ACCOUNT_FILE)


def _copy(warehouse: Warehouse, name: str, file: Path) -> None:
    alias = f"_copy_{secrets.token_hex(8)}"
    with contextlib.closing(warehouse.duck_conn.cursor()) as duck:
        duck.execute(f"ATTACH '{file}' AS {alias}")
        try:
            duck.execute(f'COPY FROM DATABASE "{name}" TO {alias}')
        finally:
            duck.execute(f"DETACH {alias}")
