"""``TABLE(RESULT_SCAN(…))``: the rows of an earlier statement, as a table of the query."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake.declared_results import DUCK_TYPES
from mocks.snowflake.dialect.arithmetic import built
from mocks.snowflake.dialect.json_values import as_json
from mocks.snowflake.errors import StatementFailed, invalid, unsupported
from mocks.snowflake.results import Result

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session


@contextlib.contextmanager
def as_tables(cursor: "Cursor", expression: Expr) -> Iterator[None]:
    """Give a statement the rows of results in place of its calls, in place.

    Raises:
        StatementFailed: 709 for a result that isn't kept any more.
    """
    session = cursor.session
    calls = [node for node in expression.find_all(exp.Anonymous) if _is_call(node)]
    with contextlib.ExitStack() as lent:
        for number, call in enumerate(calls):
            source = call.parent
            if not isinstance(source, exp.TableFromRows):
                raise invalid(
                    "syntax error: RESULT_SCAN is a table function: TABLE(RESULT_SCAN(…))"
                )
            query_id = _query_id(session, call)
            result = session.local.results.get(query_id)
            if result is None:
                raise StatementFailed(709, "02000", f"Statement {query_id} not found")
            name = f"_result_{number}"
            query = lent.enter_context(typed_rows(session, result, name))
            refuse_repeated_names(result)
            alias = source.args.get("alias") or exp.TableAlias(this=exp.to_identifier("_RESULT"))
            source.replace(exp.Subquery(this=query, alias=alias))
        yield


@contextlib.contextmanager
def typed_rows(session: "Session", result: Result, name: str) -> Iterator[exp.Select]:
    """Lend the rows of a result under a name; yield the query for them.

    They are lent by place: DuckDB gives a name that is repeated, in capitals or not, a number.
    """
    named = result.table.column_names
    places = [f"_{number}" for number in range(len(named))]
    columns = [
        exp.alias_(_typed(place, kind), column, quoted=True)
        for place, column, kind in zip(places, named, result.types, strict=True)
    ]
    with session.temporary_rows(name, result.table.rename_columns(places)):
        yield exp.select(*columns).from_(exp.table_(name, quoted=True))


def refuse_repeated_names(result: Result) -> None:
    """Refuse the rows of a result as a table of which columns are named.

    Raises:
        StatementFailed: 2 for names that DuckDB doesn't tell from each other.
    """
    names = [name.upper() for name in result.table.column_names]
    if len(set(names)) < len(names):
        raise unsupported("columns of one name in rows that are read again", "name them apart")


def _is_call(node: exp.Anonymous) -> bool:
    return isinstance(node.this, str) and node.this.upper() == "RESULT_SCAN"


def _typed(column: str, kind: str) -> Expr:
    """A column with DuckDB's type for it: Arrow has no JSON."""
    value: Expr = exp.column(column, quoted=True)
    kind = DUCK_TYPES.get(kind, kind)
    if kind == "JSON":
        value = as_json(value)
    elif kind not in ('"NULL"', ""):
        value = exp.cast(value, built(kind).copy(), copy=False)
    return value


def _query_id(session: "Session", call: exp.Anonymous) -> str:
    asked = call.expressions[0] if len(call.expressions) == 1 else None
    if isinstance(asked, exp.Literal):
        return asked.name
    if isinstance(asked, exp.Parameter) and (
        value := session.local_variables.get(asked.name.upper())
    ):
        return value.name
    if isinstance(asked, exp.Anonymous) and str(asked.this).upper() == "LAST_QUERY_ID":
        return session.query_id(asked.expressions[0] if asked.expressions else None) or ""
    raise invalid("RESULT_SCAN takes a query id: a text, a variable or LAST_QUERY_ID()")
