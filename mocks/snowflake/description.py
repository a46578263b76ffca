"""The columns of a statement's result, found without running it (``cursor.describe``)."""

from typing import TYPE_CHECKING

from fakesnow.statement_type import statement_type_id
from fakesnow.transforms.merge import operations
from sqlglot import Expr, exp

from mocks.snowflake import admission, declared_results, lent_rows, statements
from mocks.snowflake.continuous import streams
from mocks.snowflake.dialect import identifiers, pipeline
from mocks.snowflake.errors import unsupported
from mocks.snowflake.results import Result, counts, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor

_COUNTED = {
    exp.Insert: ("number of rows inserted",),
    exp.Update: ("number of rows updated", "number of multi-joined rows updated"),
    exp.Delete: ("number of rows deleted",),
}


def describe(cursor: "Cursor", text: str) -> Result:
    """A result with the right columns and no rows."""
    expression = statements.parse(text)
    cursor.type_id = statement_type_id(expression)
    identifiers.resolve(expression, None, cursor.session.local_variables)
    admission.refuse(expression, text, cursor.session)
    if isinstance(expression, exp.Query):
        with (
            lent_rows.lent(cursor, expression, text, None),
            streams.followed(cursor.session, expression),
        ):
            found = query_columns(cursor, expression)
        return declared_results.completed(found, text, cursor.session)
    for kind, names in _COUNTED.items():
        if isinstance(expression, kind):
            return _empty(counts(dict.fromkeys(names, 0)))
    if isinstance(expression, exp.Merge):
        performed = [name for name, clauses in operations(expression).items() if clauses]
        return _empty(counts({f"number of rows {name}": 0 for name in performed}))
    if isinstance(expression, exp.Create | exp.Drop | exp.Alter | exp.TruncateTable):
        return _empty(status())
    raise unsupported(f"describing {type(expression).__name__.upper()}")


def query_columns(cursor: "Cursor", expression: Expr) -> Result:
    """The columns of a query, which DuckDB binds and doesn't run; bound values are NULL then."""
    for placeholder in list(expression.find_all(exp.Placeholder)):
        placeholder.replace(exp.null())
    cursor.check_db_and_schema(expression)
    query = pipeline.rewrite(expression, cursor.session, None)
    with cursor.session.probe() as duck:
        duck.execute(exp.select("*").from_(query.subquery("_q")).limit(0).sql(dialect="duckdb"))
        types = tuple(str(column[1]) for column in duck.description or ())
        return Result(duck.to_arrow_table(), types, 0)


def _empty(result: Result) -> Result:
    return Result(result.table.slice(0, 0), result.types, 0)
