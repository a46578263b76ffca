"""Makes the warehouse's tables and functions: a command, not a flow.

    python -m services migrate

Each file of ``sql/migrations`` runs once, in the order of its number; what ran is kept in
``ops.schema_migrations`` with a checksum, so that an edited file is noticed. The movement rules
become a function of the warehouse, one a version. Database, schemas and stage are infrastructure's.
"""

from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from io import StringIO
from typing import Any

from snowflake.connector.util_text import split_statements

from services import movements
from services.adapters.snowflake import Session, Warehouse
from services.errors import WarehouseOfAnotherVersion

_RULES = "silver.cc_movements_v"
_LEDGER = """create table if not exists ops.schema_migrations (
    name string not null, checksum string not null,
    applied_at timestamp_ntz default current_timestamp())"""


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
        wanted = dict(_migrations())
        _refuse_surprises(done, wanted)
        pending = [name for name in wanted if name not in done]
        for name in pending:
            _apply(session, name, wanted[name])
        return pending


def wanted_migrations() -> dict[str, str]:
    """By name the checksum of each migration that a warehouse of this version holds."""
    return {name: _checksum(text) for name, text in _migrations()}


def function_name(rules_version: int = movements.RULES_VERSION) -> str:
    """The movement rules as the warehouse knows them."""
    return f"{_RULES}{rules_version}"


def _migrations() -> Iterator[tuple[str, str]]:
    folder = files("services") / "sql" / "migrations"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        yield file.name.removesuffix(".sql"), file.read_text()
    yield function_name(), _create_function()


def _create_function() -> str:
    source = (files("services") / "movements.py").read_text()
    return (
        f"create or replace function {function_name()}(raw variant) returns array"
        " language python runtime_version = '3.11' handler = 'cc_movements'"
        f" as $$\n{source}$$"
    )


def _apply(session: Session, name: str, text: str) -> None:
    for statement, _ in split_statements(StringIO(text), remove_comments=False):
        if statement and statement.strip(" \n;"):
            session.execute(statement)
    values: dict[str, Any] = {"name": name, "checksum": _checksum(text)}
    session.execute(
        "insert into ops.schema_migrations (name, checksum) values (%(name)s, %(checksum)s)", values
    )


def _refuse_surprises(done: dict[str, str], wanted: dict[str, str]) -> None:
    for name, checksum in done.items():
        if name not in wanted and not _is_earlier_rules(name):
            raise WarehouseOfAnotherVersion(
                f"this warehouse was made by a newer version (it holds {name}): use that version"
            )
        if name in wanted and checksum != _checksum(wanted[name]):
            raise WarehouseOfAnotherVersion(_edited(name))


def _is_earlier_rules(name: str) -> bool:
    version = name.removeprefix(_RULES)
    return version.isdigit() and int(version) < movements.RULES_VERSION


def _edited(name: str) -> str:
    if name == function_name():
        return (
            f"the movement rules were edited, but {name} is in use: raise RULES_VERSION in"
            " services/movements.py, so that rows tell which rules made them"
        )
    return f"migration {name} was edited after it was applied: add a new one instead"


def _checksum(text: str) -> str:
    return sha256(text.encode()).hexdigest()
