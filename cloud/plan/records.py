"""Records of deploys: one file each, never changed, committed by whoever deployed.

``cloud/records/<environment>/<UTC time>.json``. So a plan can be made offline against what was
deployed last, git's history is the audit log, and a deploy can be gone back to without
building anything. The infrastructure's graph, which rarely changes, lies beside under the digest of
its content.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from cloud.infra.digest import digest
from cloud.plan.source import RECORDS
from cloud.plan.state import State
from deployments.registered import Registered
from local.console.errors import CommandFailed

_FORM = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Record:
    """The record of a deploy or rollback; it holds no secret.

    Args:
        environment: `prod`.
        name: When, in UTC: ``20261121T101500Z``; the record is called so.
        commit: What it was deployed from; a rollback's is that of what it went back to.
        person: Whom git names as author where it was deployed.
        host: Who was logged in there.
        versions: Of what took part.
        state: The planned state.
        registered: What Prefect's server held then.
        graph: Digest of the infrastructure's graph, as the program made it then.
        rollback_of: Of a rollback: the name of the record that it went back to.
    """

    environment: str
    name: str
    commit: str
    person: str
    host: str
    versions: dict[str, str]
    state: State
    registered: Registered
    graph: str
    rollback_of: str | None = None

    @property
    def origin(self) -> str:
        """The record whose state this is: its own name, but for a rollback."""
        return self.rollback_of or self.name


@dataclass(frozen=True)
class Records:
    """The records of one environment, in a folder."""

    environment: str
    root: Path = field(default=RECORDS)

    @property
    def folder(self) -> Path:
        return self.root / self.environment

    def names(self) -> list[str]:
        return sorted(file.stem for file in self.folder.glob("2*.json"))

    def read(self, name: str) -> Record:
        """A record by its name.

        Raises:
            CommandFailed: There is none, or it is of another version of this program.
        """
        file = self.folder / f"{name}.json"
        if not file.exists():
            newest = ", ".join(self.names()[-5:]) or "none"
            raise CommandFailed(f"{file} doesn't exist; the newest records are: {newest}")
        try:
            return TypeAdapter(Record).validate_json(file.read_text())
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(map(str, problem["loc"]))
            raise CommandFailed(f"{file} can't be read: {where}: {problem['msg']}") from error

    def newest(self) -> Record | None:
        """The last deploy; None before the first."""
        names = self.names()
        return self.read(names[-1]) if names else None

    def before(self, record: Record) -> Record:
        """Return a rollback's target: the deploy before the one whose state the record has.

        After a rollback this is one more step back, not what the rollback was away from.

        Raises:
            CommandFailed: There is none.
        """
        every = (self.read(name) for name in self.names())
        # Rollbacks lead to one of the deploys.
        older = [one for one in every if one.rollback_of is None and one.name < record.origin]
        if not older:
            raise CommandFailed(
                f"nothing was deployed before {record.origin}; --to … names another record"
            )
        return older[-1]

    def write(self, record: Record, graph_text: str | None = None) -> Path:
        """Write a record, and its graph where that is a new one; its file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if graph_text is not None:
            self._graph_file(digest(graph_text)).write_text(graph_text)
        file = self.folder / f"{record.name}.json"
        with file.open("x") as output:  # never over another one
            output.write(json.dumps(asdict(record), indent=1, sort_keys=True) + "\n")
        return file

    def graph_text(self, record: Record) -> str:
        """The graph of a record, as JSON.

        Raises:
            CommandFailed: Its file is gone, or was changed.
        """
        file = self._graph_file(record.graph)
        if not file.exists() or digest(file.read_text()) != record.graph:
            raise CommandFailed(f"{file} isn't what {record.name} wrote: git restore it")
        return file.read_text()

    def _graph_file(self, of: str) -> Path:
        return self.folder / f"graph-{of[:12]}.json"


def new_name(now: datetime) -> str:
    return now.astimezone(UTC).strftime(_FORM)
