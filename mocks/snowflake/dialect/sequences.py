"""``s.NEXTVAL`` and ``TABLE(GETNEXTVAL(s)) alias``: the next value of a sequence for each row.

https://docs.snowflake.com/en/user-guide/querying-sequences
"""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp, parse_one

from mocks.snowflake import statements
from mocks.snowflake.errors import unsupported

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

_VIEW = """
    SELECT database_name AS "SEQUENCE_CATALOG", schema_name AS "SEQUENCE_SCHEMA",
           sequence_name AS "SEQUENCE_NAME", 'NUMBER' AS "DATA_TYPE",
           38 AS "NUMERIC_PRECISION", 10 AS "NUMERIC_PRECISION_RADIX", 0 AS "NUMERIC_SCALE",
           start_value::VARCHAR AS "START_VALUE", increment_by::VARCHAR AS "INCREMENT"
    FROM duckdb_sequences()
    WHERE database_name = {} AND NOT starts_with(upper(sequence_name), '_FS_')
"""
OF_COLUMNS = "_FS_"
"""The prefix of the sequences that AUTOINCREMENT makes; Snowflake shows none."""


def write(expression: Expr, _: "Session") -> Expr:
    """Write ``alias.nextval`` as the sequence's own NEXTVAL, and read from it no more."""
    for call in list(expression.find_all(exp.Anonymous)):
        source = call.parent
        if call.name.upper() == "GETNEXTVAL" and isinstance(source, exp.TableFromRows):
            _write(call, source)
    return expression


def _write(call: exp.Anonymous, source: exp.TableFromRows) -> None:
    select, alias = source.find_ancestor(exp.Select), source.alias_or_name.upper()
    columns = [
        column
        for column in (select.find_all(exp.Column) if select is not None else ())
        if column.name.upper() == "NEXTVAL" and column.table.upper() == alias
    ]
    if select is None or len(columns) != 1 or not isinstance(call.expressions[0], exp.Column):
        raise unsupported("GETNEXTVAL of which NEXTVAL is not read once")
    columns[0].set("table", call.expressions[0].this.copy())
    joins = select.args.get("joins") or []
    if isinstance(source.parent, exp.Join):
        joins.remove(source.parent)
    elif joins:
        select.set("from_", exp.From(this=joins.pop(0).this))
    else:
        select.set("from_", None)


def unordered(node: exp.SequenceProperties) -> Expr:
    """A sequence without NOORDER, which is the default, and without ORDER, which is told."""
    for option in node.args.get("options") or ():
        if option.name.upper() != "NOORDER":
            raise unsupported(f"CREATE SEQUENCE with {option.name.upper()}")
    node.set("options", None)
    if isinstance(node.args.get("increment"), exp.Neg):  # DuckDB's would end at -1
        node.set("maxvalue", node.args.get("start") or exp.Literal.number(1))
        node.set("minvalue", exp.Literal.number(-(2**63)))
    return node


def next_values(expression: Expr, session: "Session") -> Expr:
    """Write ``s.nextval`` as DuckDB's call, with the sequence's full name."""
    for column in list(expression.find_all(exp.Column)):
        if column.name.upper() == "NEXTVAL" and column.table:
            sequence = exp.table_(*(column.args.get(part) for part in ("table", "db", "catalog")))
            name = ".".join(f'"{part}"' for part in statements.name_parts(sequence, session))
            call: Expr = exp.Anonymous(this="nextval", expressions=[exp.Literal.string(name)])
            is_column = isinstance(column.parent, exp.Select) and column.arg_key == "expressions"
            column.replace(exp.alias_(call, "NEXTVAL", quoted=True) if is_column else call)
    return expression


def information_schema(node: Expr) -> Expr:
    """INFORMATION_SCHEMA.SEQUENCES, of what DuckDB tells of them."""
    is_view = isinstance(node, exp.Table) and node.name.upper() == "SEQUENCES"
    if not is_view or node.db.upper() != "INFORMATION_SCHEMA":
        return node
    database = exp.Literal.string(node.catalog).sql(dialect="duckdb")
    view = _VIEW.format(database if node.catalog else "current_database()")
    alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(node.name))
    return exp.Subquery(this=parse_one(view, read="duckdb"), alias=alias)
