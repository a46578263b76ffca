"""Makes the warehouse's tables and functions: a command, not a flow.

    python -m services migrate

Each file of ``sql/migrations`` runs once, in the order of its number; what ran is kept in
``ops.schema_migrations`` with a checksum, so that an edited file is noticed. The movement rules
and the reading of coin contracts become functions of the warehouse, one a version. Database,
schemas and stage are infrastructure's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from io import StringIO
from typing import Any

from snowflake.connector.util_text import split_statements

from services import coin_contracts, movements
from services.adapters.snowflake import Session, Warehouse
from services.errors import WarehouseOfAnotherVersion

_LEDGER = """create table if not exists ops.schema_migrations (
    name string not null, checksum string not null,
    applied_at timestamp_ntz default current_timestamp())"""


@dataclass(frozen=True)
class Function:
    """A Python function of the warehouse: a module of `services` as it stands, by version."""

    prefix: str
    module: str
    handler: str
    version: int
    constant: str

    @property
    def name(self) -> str:
        """The function of the version that this code holds."""
        return f"{self.prefix}{self.version}"

    def is_earlier(self, name: str) -> bool:
        """Tell whether a name is that of an earlier version of this function."""
        version = name.removeprefix(self.prefix)
        return version.isdigit() and int(version) < self.version

    def statement(self) -> str:
        """Return the SQL statement that creates this version of the function."""
        source = (files("services") / f"{self.module}.py").read_text()
        return (
            f"create or replace function {self.name}(raw variant) returns array"
            f" language python runtime_version = '3.11' handler = '{self.handler}'"
            f" as $$\n{source}$$"
        )


RULES = Function(
    "silver.cc_movements_v", "movements", "cc_movements", movements.RULES_VERSION, "RULES_VERSION"
)
CONTRACTS = Function(
    "silver.coin_changes_v",
    "coin_contracts",
    "coin_changes",
    coin_contracts.CONTRACTS_VERSION,
    "CONTRACTS_VERSION",
)
FUNCTIONS = (RULES, CONTRACTS)


def migrate(warehouse: Warehouse) -> list[str]:
    """Bring the warehouse up to this version; the names of what was applied.

    Safe to run again, and after a failure: every statement of a migration may run twice.

    Raises:
        WarehouseOfAnotherVersion: An applied file was edited, or it is of a newer version.
    """
    with warehouse.session() as session:
        session.execute(_LEDGER)
        done = {
            row["name"]: row["checksum"]
            for row in session.query("select name, checksum from ops.schema_migrations")
        }
        migrations = dict(_migrations())
        _refuse_surprises(done, migrations)
        pending = [name for name in migrations if name not in done]
        for name in pending:
            _apply(session, name, migrations[name])
        return pending


def migration_checksums() -> dict[str, str]:
    """Return the checksum of each migration that a warehouse of this version holds, by name."""
    return {name: _checksum(text) for name, text in _migrations()}


def function_name(rules_version: int = movements.RULES_VERSION) -> str:
    """The movement rules as the warehouse knows them."""
    return f"{RULES.prefix}{rules_version}"


def _migrations() -> Iterator[tuple[str, str]]:
    folder = files("services") / "sql" / "migrations"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        yield file.name.removesuffix(".sql"), file.read_text()
    for function in FUNCTIONS:
        yield function.name, function.statement()


def _apply(session: Session, name: str, text: str) -> None:
    for statement, _ in split_statements(StringIO(text), remove_comments=False):
        if statement and statement.strip(" \n;"):
            session.execute(statement)
    values: dict[str, Any] = {"name": name, "checksum": _checksum(text)}
    session.execute(
        "insert into ops.schema_migrations (name, checksum) values (%(name)s, %(checksum)s)", values
    )


def _refuse_surprises(done: dict[str, str], migrations: dict[str, str]) -> None:
    for name, checksum in done.items():
        if name not in migrations and not any(one.is_earlier(name) for one in FUNCTIONS):
            raise WarehouseOfAnotherVersion(
                f"this warehouse was made by a newer version (it holds {name}): use that version"
            )
        if name in migrations and checksum != _checksum(migrations[name]):
            raise WarehouseOfAnotherVersion(_edited(name))


def _edited(name: str) -> str:
    for function in FUNCTIONS:
        if name == function.name:
            return (
                f"services/{function.module}.py was edited, but {name} is in use: raise"
                f" {function.constant} in it, so that rows tell what made them"
            )
    return f"migration {name} was edited after it was applied: add a new one instead"


def _checksum(text: str) -> str:
    return sha256(text.encode()).hexdigest()
