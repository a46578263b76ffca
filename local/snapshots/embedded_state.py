"""The state of `make run` as a place: put together beside the old one, and taken over at once."""

import shlex
import shutil
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

from local.console.errors import CommandFailed
from local.console.local_settings import foreign_free, s3_settings
from local.console.place import Place
from local.console.variables import state_root
from local.embedded import world
from local.embedded.attach import EmbeddedPlace, attach
from local.embedded.children import Children
from local.embedded.run import make_bucket
from local.embedded.state import RESTORING, WHOLE, StateFolder, current_state
from local.snapshots import history, ledger, objects, warehouse
from local.snapshots.manifest import Manifest
from local.snapshots.state import EMBEDDED, INBOX, fill_bucket, verify

_NEEDED = ("s3", "snowflake")


class EmbeddedState:
    """One network's folder.

    Args:
        network: Whose; by default NETWORK's, or that of the last `make run`.
    """

    kind = EMBEDDED

    def __init__(self, environment: Mapping[str, str], network: str | None = None) -> None:
        self._root = state_root(environment)
        self._state = (
            StateFolder(network, self._root)
            if network
            else current_state(environment.get("NETWORK"), self._root)
        )
        self._environment = {**environment, "NETWORK": self._state.network}

    @property
    def name(self) -> str:
        return str(self._state.path)

    @property
    def options(self) -> list[str]:
        """The options that every command on this place needs as well."""
        state = self._environment.get("STATE")
        return [f"STATE={shlex.quote(state)}"] if state else []

    def opened(self) -> AbstractContextManager[Place]:
        """Its S3 and warehouse, up: those that run, or some started for this."""
        return attach(self._environment, _NEEDED)

    def ledger(self) -> bytes | None:
        """The mocked Scan's state; none where another Scan is read, or a recording."""
        with suppress(FileNotFoundError):
            return self._state.ledger.read_bytes()
        return None

    def inbox(self) -> bytes:
        with suppress(FileNotFoundError):
            return (self._state.path / "slack.jsonl").read_bytes()
        return b""

    def copy_history(self, folder: Path) -> None:
        """Write Prefect's database into a folder, without its secrets."""
        database = self._state.path / "prefect" / "prefect.db"
        if database.exists():
            history.copy_sqlite(database, folder / history.SQLITE)

    def is_empty(self) -> bool:
        """Tell whether the place holds nothing that a restore would replace."""
        # What a stopped restore exchanged is kept as a snapshot already.
        is_kept = self._stopped() == self._state.network
        return is_kept or not (self._state.path / "state.json").exists()

    def exclusive(self) -> AbstractContextManager[None]:
        return nullcontext()  # `take_over` locks the folder while it is exchanged

    def refuse_if_busy(self) -> None:
        if self._state.path.exists() and self._state.is_locked():
            raise CommandFailed(
                f"a make run works in {self._state.path}: wait for its end, or stop it"
            )
        self._end_exchange()

    def _end_exchange(self) -> None:
        """End what a stopped restore began with two folders; delete what else it left.

        Its mark stays for the restore of the same network that is to come, or `before-restore`
        would be taken once more: of the state that is there now.
        """
        restoring, stopped = self._root / RESTORING, self._stopped()
        if stopped and not (self._root / stopped).exists() and (restoring / stopped).exists():
            (restoring / stopped).rename(self._root / stopped)
        if stopped != self._state.network:
            shutil.rmtree(restoring, ignore_errors=True)
            return
        for left in restoring.iterdir():
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)

    def _stopped(self) -> str:
        """The network whose folders a restore was exchanging as it was stopped; empty if none."""
        with suppress(FileNotFoundError):
            return (self._root / RESTORING / WHOLE).read_text()
        return ""

    def put_back(self, manifest: Manifest, folder: Path) -> list[str]:
        """Restore the place from a snapshot's prepared parts, and verify it; notes for a person."""
        draft = self.draft()
        shutil.move(folder / warehouse.DATA, draft.path / "snowflake")
        if manifest.ledger:
            shutil.copy(folder / ledger.PART, draft.ledger)
            ledger.set_back(draft.ledger, manifest.ledger)
        shutil.copy(folder / INBOX, draft.path / "slack.jsonl")
        has_history = (folder / history.SQLITE).exists()
        if has_history:
            (draft.path / "prefect").mkdir()
            shutil.copy(folder / history.SQLITE, draft.path / "prefect" / "prefect.db")
        with self.served(draft) as target:
            notes = fill_bucket(objects.bucket_of(target.settings()), folder)
            verify(target, manifest)
        self.take_over(draft)
        if not has_history:
            notes.append(f"run history stays behind: it is the {manifest.place}'s")
        return [*notes, *_next_run(manifest, self.options)]

    def draft(self) -> StateFolder:
        """An empty folder beside the old one."""
        draft = StateFolder(self._state.network, self._root / RESTORING)
        draft.prepare()
        return draft

    def take_over(self, draft: StateFolder) -> None:
        """Let a folder that is whole stand in the place of the old one."""
        whole = draft.path.parent / WHOLE
        replaced = draft.path.parent / "replaced"
        with self._state.lock() if self._state.path.exists() else nullcontext():
            # From here on until it is gone, other commands refuse to go on.
            whole.write_text(self._state.network)
            if self._state.path.exists():
                self._state.path.rename(replaced)
            draft.path.rename(self._state.path)
        whole.unlink()
        self._state.prepare()
        shutil.rmtree(whole.parent)

    @contextmanager
    def served(self, draft: StateFolder) -> Generator[EmbeddedPlace]:
        """S3 with its bucket, and the warehouse, over a folder."""
        ports = world.choose_ports({})
        aws = s3_settings(ports.url("s3"))
        with Children(draft.path / "logs", foreign_free(self._environment)) as children:
            specs = [world.s3(draft, ports), world.snowflake(draft, ports, aws)]
            children.wait_ready(*[children.start(spec) for spec in specs])
            make_bucket(aws)
            yield EmbeddedPlace(draft, ports, children)


def _next_run(manifest: Manifest, options: list[str]) -> list[str]:
    """Return the `make run` command to go on with, for a ledger that isn't the usual one."""
    ledger = manifest.ledger
    if ledger is None:
        return ["its updates came from another Scan, or a recording: name that to make run again"]
    usual = {"SEED": world.SEED, "ERA": world.ERA, "RATE": world.RATE}
    values = {"SEED": ledger.seed, "ERA": ledger.era, "RATE": f"{ledger.rate:g}"}
    arguments = [
        f"{name}={shlex.quote(values[name])}" for name in usual if values[name] != usual[name]
    ]
    return [f"it goes on with: make run {' '.join([*arguments, *options])}"] if arguments else []
