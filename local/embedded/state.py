"""The state of one network on this machine: ``.local/<network>/``.

state.json      format of the folder, and the revision that used it last; it stands for every file
                that has no number of its own: Slack's inbox, the passwords, what lies where
secrets.json    passwords made at the first run; readable by the owner alone
running.json    where the services of a `make run` listen, while it runs
scan.json  s3/  snowflake/  slack.jsonl  prefect/  logs/
"""

import fcntl
import secrets
import shlex
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from local.console.errors import CommandFailed
from local.console.files import read_object, write_json, write_private
from local.console.formats import (
    StateBroken,
    StateRefused,
    refuse_other_format,
    this_revision,
    way_out,
)
from local.console.variables import state_root
from services.errors import WarehouseOfAnotherVersion

MARKER = "state.json"
FORMAT = 1
RESTORING = ".restoring"  # beside the networks: what ./pipeline restore puts together
WHOLE = "whole"  # in it while two folders are exchanged: the network that they are of
LEAST_FREE_BYTES = 300 * 1024 * 1024
# Any of these, and the folder isn't new.
_CONTENT = (MARKER, "secrets.json", "scan.json", "snowflake", "s3", "slack.jsonl")
_ANEW = "Delete that file: the next make run makes it again, and nothing else is lost"


def dev_root(environment: Mapping[str, str]) -> Path:
    return state_root(environment) / "dev"


def roots(environment: Mapping[str, str]) -> tuple[Path, Path]:
    return state_root(environment), dev_root(environment)


class StateFolder:
    """One network's folder; everything in it survives `kill -9`."""

    def __init__(
        self,
        network: str,
        root: Path,
        *,
        least_free_bytes: int = LEAST_FREE_BYTES,
    ) -> None:
        self.network = network
        self.path = root / network
        self._least_free_bytes = least_free_bytes
        self._current = root / "current"

    @property
    def ledger(self) -> Path:
        """The mocked Scan's own state; there is none where another Scan is read, or a recording."""
        return self.path / "scan.json"

    def prepare(self) -> None:
        """Make the folder, or accept the one that is there.

        Raises:
            CommandFailed: It is of another version or broken (see `adopt`), the disk is full, or a
                restore was stopped.
        """
        refuse_half_restored(self.path.parent)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandFailed(f"STATE: {self.path} can't be made: {error.strerror}") from error
        self.check_room()
        if any((self.path / name).exists() for name in _CONTENT):
            self.adopt()
        else:
            new = {"format": FORMAT, "network": self.network}
            write_json(self.path / MARKER, new)
        write_private(self._current, self.network, mode=0o644)

    def adopt(self) -> None:
        """Raise `CommandFailed` where another version wrote the folder, or it is broken."""
        with refusals_explained(self.path):
            refuse_other_version(self.path)

    def sign(self, revision: str) -> None:
        """Write down that a revision uses the folder, once its services took over their state.

        An error of a refused state then names the revision that it last worked with.
        """
        marker = read_marker(self.path)
        if marker.get("made_by", "") != revision:
            write_json(self.path / MARKER, {**marker, "made_by": revision})

    def check_room(self) -> None:
        """Raise `CommandFailed` when the disk is nearly full, before anything is half written."""
        free, needed = shutil.disk_usage(self.path).free, self._least_free_bytes
        if free < needed:
            raise CommandFailed(
                f"disk full: {free // 2**20} MiB are free where {self.path} lies, and at least"
                f" {needed // 2**20} are needed. Nothing is lost: make room, run again"
            )

    @contextmanager
    def lock(self) -> Generator[None]:
        """Hold the folder for this process; the kernel gives it back however we end."""
        with (self.path / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise CommandFailed(
                    f"another command works in {self.path} (a make run, a make sql): try again soon"
                ) from error
            yield

    def delete(self) -> None:
        with self.lock():
            shutil.rmtree(self.path)
        if _current(self.path.parent) == self.network:
            self._current.unlink()
        with suppress(OSError):  # other networks' folders, or a file of somebody else's
            self.path.parent.rmdir()

    def is_locked(self) -> bool:
        try:
            with self.lock():
                return False
        except CommandFailed:
            return True

    def warehouse_password(self) -> str:
        """The local warehouse's password, made at the first run."""
        file = self.path / "secrets.json"
        if not file.exists():
            write_json(file, {"warehouse_password": secrets.token_urlsafe(24)}, mode=0o600)
        password = _read(file).get("warehouse_password")
        if not isinstance(password, str):
            raise CommandFailed(f"{file} holds no password. {_ANEW}")
        return password

    @contextmanager
    def running(self, ports: dict[str, Any]) -> Generator[None]:
        """Publish the services' ports for other commands inside the context."""
        file = self.path / "running.json"
        write_json(file, ports)
        try:
            yield
        finally:
            with suppress(FileNotFoundError):
                file.unlink()

    def running_ports(self) -> dict[str, Any]:
        """Return the ports of the `make run` that uses this folder; empty if there is none."""
        with suppress(FileNotFoundError):
            return _read(self.path / "running.json")
        return {}


def current_state(network: str | None, root: Path) -> StateFolder:
    """The folder of a network; by default the one that the last `make run` used."""
    name = network or (_current(root) or "")
    names = networks(root)
    if not names:
        raise CommandFailed(f"no local state yet in {root}: make run or make up first")
    if name not in names:
        raise CommandFailed(f"{root} holds no network {name or '?'}, but {', '.join(names)}")
    return StateFolder(name, root)


def refuse_half_restored(root: Path) -> None:
    """Raise `CommandFailed` where `./pipeline restore` was stopped as it exchanged two folders."""
    if (root / RESTORING / WHOLE).exists():
        raise CommandFailed(
            "a ./pipeline restore was stopped at its end: type it again, or bring back what"
            " was there with ./pipeline restore before-restore"
        )


def networks(root: Path) -> list[str]:
    """The networks that have state here, such as can't be read too."""
    return sorted(
        {file.parent.name for name in (MARKER, "lock") for file in root.glob(f"*/{name}")}
    )


def _current(root: Path) -> str | None:
    with suppress(FileNotFoundError):
        return (root / "current").read_text(errors="replace").strip()
    return None


def _read(file: Path) -> dict[str, Any]:
    """A small file that is made again where it is gone."""
    try:
        return read_object(file)
    except ValueError as error:
        raise CommandFailed(f"{file} can't be read ({error}). {_ANEW}") from error


def read_marker(folder: Path) -> dict[str, Any]:
    file = folder / MARKER
    try:
        return read_object(file)
    except FileNotFoundError:
        raise StateBroken(f"{folder} holds a state, but no {MARKER}") from None
    except (OSError, ValueError) as error:
        raise StateBroken(f"{file} can't be read ({error})") from error


def refuse_other_version(folder: Path) -> None:
    """Raise `StateRefused` where a folder is of another version, or broken."""
    refuse_other_format(read_marker(folder).get("format"), FORMAT, str(folder))


@contextmanager
def refusals_explained(folder: Path) -> Generator[None]:
    """Add what to do about it to an error that refuses the folder or a service's files in it."""
    try:
        yield
    except (StateRefused, WarehouseOfAnotherVersion) as refused:
        used_by = ""
        with suppress(StateRefused):
            used_by = str(read_marker(folder).get("made_by", ""))
        root = folder.parent
        state = "" if root == Path(".local") else f" STATE={shlex.quote(str(root))}"
        reset = f"make reset AT=embedded NETWORK={folder.name}{state}"
        raise CommandFailed(
            way_out(refused, used_by=used_by, here=this_revision(), reset=reset)
        ) from refused
