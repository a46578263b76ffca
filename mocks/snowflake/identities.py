"""AUTOINCREMENT and IDENTITY: a sequence of each table's own, in its schema.

DuckDB drops a table with the schema of a sequence that it needs, so none may be in another schema.
"""

import re
import secrets
from typing import TYPE_CHECKING

import duckdb
from fakesnow.transforms import create_table_autoincrement
from sqlglot import Expr, exp

from mocks.snowflake import statements
from mocks.snowflake.errors import unsupported

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

Name = tuple[str, str, str]
CALL = re.compile(r"""nextval\('(?:"[^"]*"\.)*"?(_fs_seq_\w+)"?'\)""", re.IGNORECASE)
"""The default of an identity column, as DuckDB keeps it; its group is the sequence's name."""


def explode(expression: Expr, session: "Session") -> list[Expr]:
    """CREATE TABLE with AUTOINCREMENT as CREATE SEQUENCE and CREATE TABLE."""
    steps = create_table_autoincrement(expression)
    if len(steps) == 1:
        return steps
    sequence, create = steps
    database, schema, _ = statements.name_parts(statements.target_table(expression), session)
    place = (database, schema, sequence.this.name.upper())
    sequence.set("this", exp.table_(place[2], db=schema, catalog=database, quoted=True))
    (options,) = sequence.find_all(exp.SequenceProperties)
    for identity in expression.find_all(exp.GeneratedAsIdentityColumnConstraint):
        for part in ("start", "increment"):  # fakesnow takes a negative one for 1
            if identity.args.get(part) is not None:
                options.set(part, identity.args[part].copy())
    for call in create.find_all(exp.Anonymous):
        if call.name.upper() == "NEXTVAL":
            call.set("expressions", [exp.Literal.string(_quoted(place))])
    return steps


def renew(
    duck: duckdb.DuckDBPyConnection, made: Expr, source: Name, name: Name, *, goes_on: bool
) -> None:
    """Give a table's definition sequences of its own, in place.

    Args:
        duck: Where the table is to be made.
        made: Its CREATE TABLE, after another table's.
        source: That other table.
        name: The table.
        goes_on: Whether it counts on from the other's values, as a clone does.
    """
    for literal in made.find_all(exp.Literal):
        found = CALL.fullmatch(f"nextval('{literal.name}')")
        if found is None or not literal.is_string:
            continue
        ((start, step, low, high, last),) = duck.execute(
            """SELECT start_value, increment_by, min_value, max_value, last_value
               FROM duckdb_sequences()
               WHERE database_name = ? AND lower(sequence_name) = lower(?)""",
            [source[0], found[1]],
        ).fetchall()
        first = last + step if goes_on and last is not None else start
        own = _quoted((*name[:2], f"_FS_SEQ_{secrets.token_hex(8).upper()}"))
        duck.execute(
            f"CREATE SEQUENCE {own} START {first} INCREMENT BY {step}"
            f" MINVALUE {low} MAXVALUE {high}"
        )
        literal.replace(exp.Literal.string(own))


def refuse_others(duck: duckdb.DuckDBPyConnection, database: str, schema: str) -> None:
    """Refuse the end of a schema of whose sequences a table elsewhere has its defaults.

    Raises:
        StatementFailed: 2.
    """
    found = duck.execute(
        r"""SELECT columns.table_name
           FROM duckdb_columns() columns JOIN duckdb_sequences() sequences
           ON columns.database_name = sequences.database_name
           AND lower(regexp_extract(columns.column_default, '([^".'']+)"?''\)$', 1))
               = lower(sequences.sequence_name)
           AND (NOT contains(columns.column_default, '".')
               OR contains(columns.column_default, '"' || sequences.schema_name || '"."'))
           WHERE sequences.database_name = ? AND sequences.schema_name = ?
           AND columns.schema_name <> sequences.schema_name
           AND contains(columns.column_default, 'nextval(')""",
        [database, schema],
    ).fetchall()
    if found:
        raise unsupported(f"DROP of a schema with a sequence that the table {found[0][0]} needs")


def _quoted(name: Name) -> str:
    return ".".join(f'"{part}"' for part in name)
