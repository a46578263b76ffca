"""The state of one network on this machine: ``.local/<network>/``.

state.json      format of the folder, made by which version
secrets.json    passwords made at the first run; readable by the owner alone
running.json    where the services of a `make run` listen, while it runs
scan.json  s3/  snowflake/  slack.jsonl  prefect/  logs/
"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from console.errors import CommandFailed

FORMAT = 1
LEAST_FREE_BYTES = 300 * 1024 * 1024


def state_root(environment: Mapping[str, str]) -> Path:
    """Where all state lies: `.local`, or where STATE says."""
    return Path(environment.get("STATE") or ".local")


def dev_root(environment: Mapping[str, str]) -> Path:
    """Where `make dev` has its own."""
    return state_root(environment) / "dev"


class StateFolder:
    """One network's folder; everything in it survives `kill -9`."""

    def __init__(
        self, network: str, root: Path, *, least_free_bytes: int = LEAST_FREE_BYTES
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
            CommandFailed: A newer version wrote it, or the disk is full.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandFailed(f"STATE: {self.path} can't be made: {error.strerror}") from error
        self.check_room()
        marker = self.path / "state.json"
        if marker.exists():
            found = int(_read(marker).get("format", 0))
            if found > FORMAT:
                raise CommandFailed(
                    f"{self.path} was written by a newer version (format {found}, this one knows"
                    f" {FORMAT}): update this clone, or start over with make reset"
                )
        else:
            _write(marker, {"format": FORMAT, "network": self.network})
        _write_text(self._current, self.network)

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
        """Hold the folder for this process; the kernel gives it back however we end.

        Raises:
            CommandFailed: Another process holds it.
        """
        with (self.path / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise CommandFailed(f"another make run is working in {self.path}") from error
            yield

    def delete(self) -> None:
        """Delete everything in the folder.

        Raises:
            CommandFailed: Another process holds it.
        """
        with self.lock():
            shutil.rmtree(self.path)
        if _current(self.path.parent) == self.network:
            self._current.unlink()
        with suppress(OSError):  # other networks' folders, or a file of somebody else's
            self.path.parent.rmdir()

    def is_locked(self) -> bool:
        """Whether a `make run` works here now."""
        try:
            with self.lock():
                return False
        except CommandFailed:
            return True

    def warehouse_password(self) -> str:
        """The local warehouse's password, made at the first run."""
        file = self.path / "secrets.json"
        if not file.exists():
            _write(file, {"warehouse_password": secrets.token_urlsafe(24)}, mode=0o600)
        return str(_read(file)["warehouse_password"])

    @contextmanager
    def running(self, ports: dict[str, Any]) -> Generator[None]:
        """Tell other commands where the services listen, for as long as this lasts."""
        file = self.path / "running.json"
        _write(file, ports)
        try:
            yield
        finally:
            with suppress(FileNotFoundError):
                file.unlink()

    def running_ports(self) -> dict[str, Any]:
        """Where the services of a `make run` listen that holds this folder."""
        with suppress(FileNotFoundError):
            return _read(self.path / "running.json")
        return {}


def current_state(network: str | None, root: Path) -> StateFolder:
    """The folder of a network; by default the one that the last `make run` used.

    Raises:
        CommandFailed: There is none.
    """
    name = network or (_current(root) or "")
    held = networks(root)
    if not held:
        raise CommandFailed(f"no local state yet in {root}: make run or make up first")
    if name not in held:
        raise CommandFailed(f"{root} holds no network {name or '?'}, but {', '.join(held)}")
    return StateFolder(name, root)


def networks(root: Path) -> list[str]:
    """The networks that have state here."""
    return sorted(marker.parent.name for marker in root.glob("*/state.json"))


def _current(root: Path) -> str | None:
    with suppress(FileNotFoundError):
        return (root / "current").read_text().strip()
    return None


def _read(file: Path) -> dict[str, Any]:
    try:
        return json.loads(file.read_text())
    except ValueError as error:
        raise CommandFailed(f"{file} can't be read ({error}): make reset starts over") from error


def _write(file: Path, content: dict[str, Any], mode: int = 0o644) -> None:
    _write_text(file, json.dumps(content, indent=1) + "\n", mode)


def _write_text(file: Path, text: str, mode: int = 0o644) -> None:
    """Write a file whole or not at all."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
