"""``SELECT * FROM TABLE(RESULT_SCAN(…))``: the rows of an earlier statement, once more."""

from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake.errors import StatementFailed, unsupported
from mocks.snowflake.results import Result

if TYPE_CHECKING:
    from mocks.snowflake.cursor import LocalCursor


def is_scan(expression: Expr) -> bool:
    """Tell whether a statement calls RESULT_SCAN anywhere."""
    return any(_is_call(node) for node in expression.find_all(exp.Anonymous))


def run(cursor: "LocalCursor", expression: Expr, _: MutableParams | None) -> Result:
    """All rows of a result that is still kept.

    Raises:
        StatementFailed: 709 when it isn't; 2 for anything but ``SELECT *``.
    """
    (call,) = (node for node in expression.find_all(exp.Anonymous) if _is_call(node))
    is_whole = isinstance(expression, exp.Select) and expression.is_star
    if not is_whole or set(_parts(expression)) - {"expressions", "from_"}:
        raise unsupported("RESULT_SCAN in anything but SELECT * FROM TABLE(RESULT_SCAN(…))")
    (asked,) = call.expressions
    query_id = asked.name if isinstance(asked, exp.Literal) else cursor.session.last_query_id or ""
    result = cursor.session.local.results.get(query_id)
    if result is None:
        raise StatementFailed(709, "02000", f"Statement {query_id} not found")
    return Result(result.table, result.types, result.table.num_rows)


def _parts(expression: Expr) -> list[str]:
    return [name for name, value in expression.args.items() if value]


def _is_call(node: exp.Anonymous) -> bool:
    return isinstance(node.this, str) and node.this.upper() == "RESULT_SCAN"
