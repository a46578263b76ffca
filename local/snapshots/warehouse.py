"""The local warehouse's files: a copy as one moment shows it, and what it holds.

Bronze's payloads are the landed lines once more, two thirds of a copy: those that are equal to
their line are left out, and put in again from the objects.
"""
# ruff: noqa: S608 -- names of tables from the catalog

import shutil
import tarfile
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pyarrow as pa

from local.console.errors import CommandFailed
from local.snapshots.manifest import Manifest, Position
from local.snapshots.objects import StoredObject
from services.adapters.snowflake import Warehouse
from services.adapters.tls import trusted

PART = "warehouse.tar"
DATA = "data"  # the folder of its files, among the parts of a snapshot
DATABASE = "CANTON"
_PATIENCE_SECONDS = 600
_BRONZE = '"BRONZE"."CANTON_TRANSACTIONS_RAW"'
_LINES = "create table scratch.lines (key varchar, update_id varchar, line varchar)"
_INSERT = "insert into scratch.lines select ?, line->>'$.update_id', line from texts"
_IS_OUT = "RAW_PAYLOAD is null"
_SAME = "b.S3_OBJECT_KEY = l.key and b.SOURCE_EVENT_ID = l.update_id"
_LIMITS = {"memory_limit": "1GB", "preserve_insertion_order": False}


def download(warehouse: Warehouse, url: str, folder: Path) -> None:
    """Write what the local warehouse at an address keeps into a folder, as one moment shows it."""
    tar = folder / "copy.tar"
    with warehouse.session() as session:
        token = session.connection.rest.token if session.connection.rest else ""
        client = httpx.Client(timeout=_PATIENCE_SECONDS, trust_env=False, verify=trusted())
        headers = {"Authorization": f'Snowflake Token="{token}"'}
        with client, client.stream("GET", f"{url}/copy", headers=headers) as found:
            found.raise_for_status()
            with tar.open("wb") as file:
                file.writelines(found.iter_bytes())
    extract(tar, folder)
    tar.unlink()


def extract(tar: Path, folder: Path) -> None:
    with tarfile.open(tar) as archive:
        archive.extractall(folder, filter="data")


def bundle(folder: Path, tar: Path) -> None:
    with tarfile.open(tar, "w") as archive:
        for entry in sorted(folder.iterdir()):
            archive.add(entry, entry.name)


def contents(folder: Path) -> dict[str, Any]:
    """Row counts, update counts and positions of a warehouse, as `Manifest` has them."""
    with _opened(folder) as duck:
        names = duck.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = ?"
            " and not starts_with(schema_name, '_') order by all", [DATABASE],
        ).fetchall()  # fmt: skip
        tables = {
            f"{schema}.{name}".lower(): _number(duck, f'select count(*) from "{schema}"."{name}"')
            for schema, name in names
        }
        has_ops = "ops.batches" in tables
        updates = duck.execute(_UPDATES).fetchall() if has_ops else []
        rows = duck.execute(_POSITIONS).fetchall() if has_ops else []
    return {
        "tables": tables,
        "updates": {layer: int(count) for layer, count in updates},
        "positions": tuple(
            Position(stream, network, at, int(consumed), int(batch))
            for stream, network, at, consumed, batch in rows
        ),
    }


_UPDATES = """
    select layer, sum(update_count)::bigint from OPS.BATCHES where kind <> 'replay'
    group by layer order by layer"""
_POSITIONS = """
    select stream, network,
        migration_id || '/' || strftime(record_time, '%Y-%m-%dT%H:%M:%S.%fZ'),
        consumed_batch_id, batch_id
    from OPS.CDC_WATERMARKS order by all"""


def leave_payloads_out(folder: Path, stored: Iterable[StoredObject]) -> None:
    """Take those payloads out of bronze that the objects hold as well."""
    with _opened(folder) as duck:
        if _left_out(duck) != 0:
            return
        with _scratch(duck, folder, stored):
            duck.execute(
                f"update {_BRONZE} b set RAW_PAYLOAD = null from scratch.lines l"
                f" where {_SAME} and b.RAW_PAYLOAD::varchar = l.line"
            )
        # Written anew: a file doesn't become smaller when rows do.
        duck.execute(f"attach '{folder / 'smaller.db'}' as smaller")
        duck.execute(f'copy from database "{DATABASE}" to smaller')
    (folder / "smaller.db").replace(folder / f"{DATABASE}.db")


def put_payloads_in(folder: Path, stored: Iterable[StoredObject]) -> None:
    """Fill bronze's payloads again from the objects' lines.

    Raises:
        CommandFailed: An object isn't there that bronze was loaded from.
    """
    with _opened(folder) as duck:
        if not _left_out(duck):
            return
        with _scratch(duck, folder, stored):
            duck.execute(
                f"update {_BRONZE} b set RAW_PAYLOAD = l.line::json from scratch.lines l"
                f" where {_SAME} and b.{_IS_OUT}"
            )
        if missing := _left_out(duck):
            raise CommandFailed(f"{missing} rows of bronze have no line in the snapshot's objects")


@contextmanager
def _scratch(
    duck: duckdb.DuckDBPyConnection, folder: Path, stored: Iterable[StoredObject]
) -> Generator[None]:
    file = folder / "scratch.duckdb"
    duck.execute(f"attach '{file}' as scratch")
    duck.execute(_LINES)
    for one in stored:
        if one.lines:
            texts = pa.table({"line": [line.decode() for line in one.lines]})
            duck.register("texts", texts)
            duck.execute(_INSERT, [one.kept.key])
            duck.unregister("texts")
    yield
    duck.execute("detach scratch")
    file.unlink()


def compare(warehouse: Warehouse, manifest: Manifest) -> list[str]:
    """Return how a running warehouse differs from a snapshot, one line each; empty if it doesn't.

    Raises:
        PipelineError: It doesn't answer.
    """
    wrong: list[str] = []
    with warehouse.session() as session:
        for table, count in manifest.tables.items():
            (found,) = session.query(f"select count(*) as row_count from {table}")
            if found["row_count"] != count:
                wrong.append(f"{table} holds {found['row_count']} rows, not {count}")
        rows = session.query(
            "select stream, network, migration_id, record_time, consumed_batch_id, batch_id"
            " from ops.cdc_watermarks order by stream, network"
        ) if manifest.positions else []  # fmt: skip
    found_positions = [
        Position(
            row["stream"], row["network"],
            f"{row['migration_id']}/{row['record_time']:%Y-%m-%dT%H:%M:%S.%fZ}",
            int(row["consumed_batch_id"]), int(row["batch_id"]),
        )
        for row in rows
    ]  # fmt: skip
    if sorted(found_positions, key=str) != sorted(manifest.positions, key=str):
        wrong.append("the layers don't stand where they stood")
    return wrong


def object_keys(warehouse: Warehouse) -> set[str]:
    with warehouse.session() as session:
        rows = session.query("select object_keys from ops.batches where layer = 'bronze'")
    return {key for row in rows for key in row["object_keys"] or []}


@contextmanager
def _opened(folder: Path) -> Generator[duckdb.DuckDBPyConnection]:
    """The files of a folder in an engine of our own; the pipeline's database is the current one."""
    spill = folder / "spill"
    config: Any = {**_LIMITS, "temp_directory": str(spill)}
    with closing(duckdb.connect(":memory:", config=config)) as duck:
        try:
            duck.execute(f"attach '{folder / 'account.db'}' as _fs_global")
            duck.execute(f"attach '{folder / f'{DATABASE}.db'}' as \"{DATABASE}\"")
            duck.execute(f'use "{DATABASE}"')
        except duckdb.Error as error:
            raise CommandFailed(
                f"the warehouse of the snapshot can't be read by DuckDB {duckdb.__version__}:"
                f" {error}"
            ) from error
        yield duck
    shutil.rmtree(spill, ignore_errors=True)


def _left_out(duck: duckdb.DuckDBPyConnection) -> int | None:
    """The number of bronze's rows without their payload; None where there is no bronze."""
    tables = "duckdb_tables() where database_name = current_database()"
    if not _number(duck, f"select count(*) from {tables} and schema_name = 'BRONZE'"):
        return None
    return _number(duck, f"select count(*) from {_BRONZE} where {_IS_OUT}")


def _number(duck: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = duck.execute(sql).fetchone()
    return int(row[0]) if row else 0
