"""Inserts that read their query first: INSERT ALL and FIRST, and INSERT OVERWRITE.

https://docs.snowflake.com/en/sql-reference/sql/insert-multi-table
https://docs.snowflake.com/en/sql-reference/sql/insert
"""

from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake import result_scan, statements
from mocks.snowflake.errors import unsupported
from mocks.snowflake.results import Result, counts

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor

_ROWS = "_MULTI_INSERT"


def run(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """Read the query once, and insert its rows where their conditions say."""
    inserts = [(into.this, condition) for into, condition in _conditions(expression)]
    targets = [statements.target_table(insert) for insert, _ in inserts]

    def insert_all() -> Result:
        source = cursor.run_steps(expression.args["source"].copy(), params)
        result_scan.refuse_repeated_names(source)
        with result_scan.typed_rows(cursor.session, source, _ROWS) as query:
            numbers: dict[str, int] = {}
            for (insert, condition), target in zip(inserts, targets, strict=True):
                into = f"number of rows inserted into {target.name.upper()}"
                rows = query.subquery(_ROWS)
                written = cursor.run_steps(_insert(insert, condition, rows), None).rowcount
                numbers[into] = numbers.get(into, 0) + written
        return counts(numbers)

    return cursor.session.transaction.write(insert_all)


def is_overwrite(expression: Expr) -> bool:
    """True for INSERT OVERWRITE from a query, which may read the rows that it replaces."""
    is_insert = isinstance(expression, exp.Insert) and bool(expression.args.get("overwrite"))
    return is_insert and isinstance(expression.expression, exp.Query)


def run_overwrite(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """Read the query before the table is emptied."""

    def overwrite() -> Result:
        source = cursor.run_steps(expression.expression.copy(), params)
        with result_scan.typed_rows(cursor.session, source, _ROWS) as rows:
            insert = expression.copy()
            insert.set("expression", exp.select("*").from_(rows.subquery(_ROWS)))
            return cursor.run_steps(insert, None)

    locking = statements.locked_tables(expression, cursor.session)
    return cursor.session.transaction.write(overwrite, locking=locking)


def _conditions(expression: Expr) -> list[tuple[Expr, Expr | None]]:
    """Each INTO with the condition for its rows; one that follows another has the same."""
    found: list[tuple[Expr, Expr | None]] = []
    before: list[Expr] = []
    is_first = str(expression.args.get("kind")).upper() == "FIRST"
    condition: Expr | None = None
    for into in expression.expressions:
        if into.args.get("else_"):
            condition = _none_of(before)
        elif (own := into.expression) is not None:
            condition = exp.and_(own, _none_of(before)) if is_first and before else own
            before.append(own)
        found.append((into, condition))
    return found


def _none_of(conditions: list[Expr]) -> Expr:
    """True for the rows for which no condition is true; NULL is not true."""
    return exp.and_(
        *(
            exp.Not(this=exp.Coalesce(this=exp.paren(c.copy()), expressions=[exp.false()]))
            for c in conditions
        )
    )


def _insert(insert: Expr, condition: Expr | None, rows: Expr) -> exp.Insert:
    given = insert.args.get("expression")
    values = given.expressions[0].expressions if isinstance(given, exp.Values) else [exp.Star()]
    target = insert.this.copy()
    is_default = [isinstance(v, exp.Var) and v.name.upper() == "DEFAULT" for v in values]
    if any(is_default):
        if not isinstance(target, exp.Schema):
            raise unsupported("DEFAULT in INSERT ALL without the names of columns")
        target.set(
            "expressions",
            [c for c, left in zip(target.expressions, is_default, strict=True) if not left],
        )
    kept = [v.copy() for v, left in zip(values, is_default, strict=True) if not left]
    query = exp.select(*kept).from_(rows)
    if condition is not None:
        query = query.where(condition.copy())
    return exp.Insert(this=target, expression=query)
