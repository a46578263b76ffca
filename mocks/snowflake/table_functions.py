"""Table functions of INFORMATION_SCHEMA: what they tell, as tables of the query.

https://docs.snowflake.com/en/sql-reference/info-schema#list-of-table-functions
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fakesnow.params import MutableParams, pop_qmark_param
from sqlglot import Expr, exp

from mocks.snowflake import copy_history, query_history, result_scan
from mocks.snowflake.continuous import task_history
from mocks.snowflake.errors import does_not_exist, invalid, unsupported
from mocks.snowflake.results import Result

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session

MARK = "_HISTORY"
"""A part of each one's name."""


@dataclass(frozen=True)
class _Function:
    """A function that tells what is kept for some days.

    `rows_of` takes the session, the database whose INFORMATION_SCHEMA is asked, and arguments.
    """

    parameters: Mapping[str, str]
    """The type of each."""
    rows_of: Callable[["Session", str, Mapping[str, Any]], Result]
    kept: timedelta = timedelta(days=7)
    required: Sequence[str] = ()


_FUNCTIONS = {
    "COPY_HISTORY": _Function(
        copy_history.PARAMETERS,
        copy_history.rows_of,
        copy_history.KEPT,
        required=("TABLE_NAME", "START_TIME"),
    ),
    "QUERY_HISTORY": _Function(query_history.PARAMETERS, query_history.rows_of),
    "QUERY_HISTORY_BY_SESSION": _Function(
        query_history.PARAMETERS | {"SESSION_ID": "NUMBER"}, query_history.rows_of_session
    ),
    "QUERY_HISTORY_BY_USER": _Function(
        query_history.PARAMETERS | {"USER_NAME": "VARCHAR"}, query_history.rows_of_user
    ),
    "TASK_HISTORY": _Function(task_history.PARAMETERS, task_history.rows_of),
}


@contextlib.contextmanager
def as_tables(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Iterator[None]:
    """Give a statement the rows in place of its calls, in place.

    Raises:
        StatementFailed: 2 or 1003 for arguments that a function has not.
    """
    session = cursor.session
    with contextlib.ExitStack() as lent:
        for number, source in enumerate(list(expression.find_all(exp.TableFromRows))):
            *qualifiers, call = source.this.flatten(unnest=False)
            names = [part.name.upper() for part in qualifiers]
            function = _FUNCTIONS.get(call.name.upper())
            if function is None or names[-1:] != ["INFORMATION_SCHEMA"]:
                continue
            if names[1:] and not session.local.has_schema(names[0], None):
                raise does_not_exist("Database", names[0])
            given = _arguments(cursor, call, function, params)
            database = names[0] if names[1:] else session.database
            result = function.rows_of(session, str(database), given)
            name = f"_told_{number}"
            query = lent.enter_context(result_scan.typed_rows(session, result, name))
            alias = source.args.get("alias") or exp.TableAlias(this=exp.to_identifier(name))
            source.replace(exp.Subquery(this=query, alias=alias))
        yield


def _arguments(
    cursor: "Cursor", call: exp.Anonymous, function: _Function, params: MutableParams | None
) -> dict[str, Any]:
    """The values of the arguments: constants, which the call gives by name."""
    for place in list(call.find_all(exp.Placeholder, bfs=False)):
        place.replace(exp.convert(pop_qmark_param(params, call.root(), place)))
    asked = {a.name.upper(): a.expression for a in call.expressions if isinstance(a, exp.Kwarg)}
    of_function = f"of {call.name.upper()}"
    if len(asked) < len(call.expressions):
        raise unsupported(f"arguments {of_function} without a name, or twice")
    if unknown := asked.keys() - function.parameters.keys():
        raise unsupported(f"the argument {min(unknown)} {of_function}")
    if missing := set(function.required) - asked.keys():
        raise invalid(f"the argument {min(missing)} {of_function} is missing")
    if not asked:
        return {}
    values = [
        exp.alias_(exp.cast(value.copy(), function.parameters[name], dialect="snowflake"), name)
        for name, value in asked.items()
    ]
    (found,) = cursor.run_parsed(exp.select(*values)).table.to_pylist()
    given = {name: int(v) if isinstance(v, Decimal) else v for name, v in found.items()}
    _refuse_values(given, function.kept)
    return given


def _refuse_values(given: Mapping[str, Any], kept: timedelta) -> None:
    for name, value in given.items():
        if value is None:
            raise invalid(f"the argument {name} is NULL")
        if isinstance(value, datetime) and value < datetime.now(UTC) - kept:
            raise invalid(f"Cannot retrieve data from more than {kept.days} days ago.")
