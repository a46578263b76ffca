"""The stack as a place: its services go on, but for those whose files are exchanged."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from local.console.errors import CommandFailed
from local.console.local_s3 import empty_bucket
from local.console.place import Place
from local.snapshots import history, ledger, objects, warehouse
from local.snapshots.manifest import Manifest
from local.snapshots.state import INBOX, STACK, StillBusy, fill_bucket, verify
from local.stack.choices import SECOND_SCAN
from local.stack.compose import compose, declared, flow_runs, piped
from local.stack.folder import RESTORING
from local.stack.lock import exclusive
from local.stack.running import StackPlace
from local.stack.settings import Stack, read_stack
from local.stack.start import start

# Stopped while their state is exchanged; those that begin runs before all others.
_WORKERS = ("prefect-worker", "control-worker")
_EXCHANGED = ("snowflake", "canton-scan", SECOND_SCAN, "slack")
_AS_PREFECT = (
    "PGPASSWORD=$(cat /run/secrets/postgres_password) exec {} --host 127.0.0.1 --username prefect"
)
_DUMP = _AS_PREFECT.format("pg_dump") + " --no-owner --no-privileges {} prefect"
_RESTORE = (
    _AS_PREFECT.format("psql")
    + " --quiet --no-psqlrc --single-transaction --set ON_ERROR_STOP=1 prefect"
)
_BEFORE = b"set client_min_messages = warning; drop schema public cascade; create schema public;\n"
# Whoever held a slot runs no more, and nobody would give it back.
_AFTER = b"\nupdate public.concurrency_limit_v2 set active_slots = 0, denied_slots = 0;\n"
_TAKE_OVER = "find /data -mindepth 1 -delete && tar --extract --file - --directory /data"
_WRITE = "cat > /data/{0}.new && mv /data/{0}.new /data/{0}"


class StackState:
    """This clone's stack."""

    kind = STACK

    def __init__(self) -> None:
        self._stack: Stack = read_stack()
        self._target = StackPlace(self._stack)

    @property
    def name(self) -> str:
        return self._target.name

    @contextmanager
    def opened(self) -> Generator[Place]:
        self._target.refuse_if_down()
        yield self._target

    def ledger(self) -> bytes | None:
        return _read("canton-scan", "scan.json")

    def inbox(self) -> bytes:
        return _read("slack", "inbox.jsonl")

    def copy_history(self, folder: Path) -> None:
        self._target.refuse_if_down()
        without = " ".join(f"--exclude-table-data={name}" for name in history.SECRET_TABLES)
        command = _DUMP.format(without)
        with (folder / history.POSTGRES).open("wb") as dump:
            piped("exec", "-T", "postgres", "sh", "-c", command, target=dump)

    def is_empty(self) -> bool:
        return RESTORING.exists()  # then what was there is kept as a snapshot already

    def exclusive(self) -> AbstractContextManager[None]:
        return exclusive("restore")

    def refuse_if_busy(self) -> None:
        if not RESTORING.exists():
            self._target.refuse_if_down()
        self._refuse_runs()

    def _refuse_runs(self) -> None:
        if flow_runs(self._stack.project):
            raise StillBusy(
                "runs are under way on the stack: wait for their end, or cancel them"
                " (make status; ./pipeline schedule --off lets no more begin)"
            )

    def put_back(self, manifest: Manifest, folder: Path) -> list[str]:
        has_history = (folder / history.POSTGRES).exists()
        services = declared()  # SCANS=2 alone has the second Scan
        compose("stop", *_WORKERS)
        try:
            self._refuse_runs()  # one may have begun since they were looked for
        except CommandFailed:
            compose("start", *_WORKERS)
            raise
        RESTORING.touch()
        stopped = [name for name in _EXCHANGED if name in services]
        compose("stop", *stopped, *(["prefect-server"] if has_history else []))
        compose("up", "--detach", "--wait", "postgres", "localstack")
        bucket = objects.bucket_of(self._target.settings())
        empty_bucket(bucket.s3, bucket.name)
        notes = fill_bucket(bucket, folder)
        _exchange(manifest, folder)
        if has_history:
            _put_history_back(folder)
        start(self._stack.project)
        verify(self._target, manifest)
        if has_history:  # nothing is left here of what was running as the snapshot was taken
            taken_at = datetime.fromisoformat(manifest.made_at)
            if count := self._target.prefect().crash_left_over_runs(taken_at):
                notes.append(
                    f"runs that were running then, and are run again as crashed ones: {count}"
                )
        else:
            notes.append(
                f"run history stays behind: the snapshot's is of {manifest.place}; the stack's own"
                " stays"
            )
        RESTORING.unlink(missing_ok=True)
        return notes


def _exchange(manifest: Manifest, folder: Path) -> None:
    warehouse.bundle(folder / warehouse.DATA, folder / warehouse.PART)
    _put("snowflake", _TAKE_OVER, folder / warehouse.PART)
    if manifest.ledger:
        ledger.set_back(folder / ledger.PART, manifest.ledger)
        _put("canton-scan", _WRITE.format("scan.json"), folder / ledger.PART)
    _put("slack", _WRITE.format("inbox.jsonl"), folder / INBOX)


def _put_history_back(folder: Path) -> None:
    """Exchange Prefect's database in one transaction."""
    dump = folder / history.POSTGRES
    script = folder / "script.sql"
    with script.open("wb") as target, dump.open("rb") as source:
        target.write(_BEFORE)
        target.writelines(source)
        target.write(_AFTER)
    with script.open("rb") as source:
        piped("exec", "-T", "postgres", "sh", "-c", _RESTORE, source=source)


def _put(service: str, command: str, file: Path) -> None:
    """Write into the volume of a service that is stopped, as its own user."""
    with file.open("rb") as source:
        piped("run", "--rm", "-T", "--no-deps", service, "sh", "-c", command, source=source)


def _read(service: str, name: str) -> bytes:
    return piped("exec", "-T", service, "cat", f"/data/{name}")
