"""Definitions of tables: what Snowflake accepts and DuckDB would enforce or refuse."""

from sqlglot import Expr, exp

from mocks.snowflake.load_history import TABLE

_NOT_ENFORCED = (
    exp.PrimaryKeyColumnConstraint,
    exp.UniqueColumnConstraint,
    exp.Reference,
)
_NOT_ENFORCED_OF_TABLE = (
    exp.PrimaryKey,
    exp.UniqueColumnConstraint,
    exp.ForeignKey,
    exp.Constraint,
)


def strip_constraints(node: Expr) -> Expr:
    """Snowflake enforces NOT NULL alone; keys are notes to the reader.

    https://docs.snowflake.com/en/sql-reference/constraints-overview
    """
    if isinstance(node, exp.ColumnDef):
        kept = [c for c in node.constraints if not isinstance(c.kind, _NOT_ENFORCED)]
        node.set("constraints", [c for c in kept if not isinstance(c, _NOT_ENFORCED)])
    elif isinstance(node, exp.Schema):
        columns = [e for e in node.expressions if not isinstance(e, _NOT_ENFORCED_OF_TABLE)]
        node.set("expressions", columns)
    return node


def load_history(node: Expr) -> Expr:
    """INFORMATION_SCHEMA.LOAD_HISTORY reads what COPY INTO keeps here."""
    if isinstance(node, exp.Table) and node.name == "_FS_LOAD_HISTORY":
        node.set("this", exp.to_identifier(TABLE))
    return node
