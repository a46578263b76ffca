"""Objects that a definition names: whether they are there already, or not at all."""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake import drops, statements, tables
from mocks.snowflake.declared_columns import folded
from mocks.snowflake.errors import does_not_exist

if TYPE_CHECKING:
    from mocks.snowflake.session import Session


def find(target: Expr, kind: str, session: "Session") -> str | None:
    """The name of a table, view, sequence or schema, if it is there; None for other kinds."""
    table = target.this if isinstance(target, exp.Schema) else target
    if kind.upper() == "SCHEMA":
        *before, schema = (folded(part) for part in table.parts if part.name)
        database = before[0] if before else session.database or ""
        return schema if session.local.has_schema(database, schema) else None
    name = statements.name_parts(table, session)
    is_there = _BY_KIND.get(kind.upper())
    return name[2] if is_there and is_there(session, name) else None


_BY_KIND = {"TABLE": tables.is_there, "VIEW": tables.is_there, "SEQUENCE": drops.is_sequence}
_KINDS = ("TABLE", "VIEW", "SEQUENCE", "SCHEMA")


def holds(comment: exp.Comment, session: "Session") -> bool:
    """Tell whether what a COMMENT is about is there; with IF EXISTS it needn't be.

    Raises:
        StatementFailed: 2003 without it.
    """
    kind = str(comment.args["kind"]).upper()
    if kind not in _KINDS or find(comment.this, kind, session):
        return True
    if not comment.args.get("exists"):
        raise does_not_exist("Object", comment.this.sql(dialect="snowflake").upper())
    return False
