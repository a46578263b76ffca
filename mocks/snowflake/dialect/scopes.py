"""Types of expressions, told by DuckDB itself.

What an operator means depends on the types of its operands (a product's scale, a comparison with a
VARIANT), and only the engine knows the type of a column of a view of a join. So it is asked: the
operands become the columns of a query over the same sources, which DuckDB binds and doesn't run.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import duckdb
from sqlglot import Expr, exp

from mocks.snowflake.descriptions import Columns
from mocks.snowflake.dialect import flatten

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

UNKNOWN = ""
"""The type of what DuckDB can't bind alone."""
_SCOPES = (exp.Select, exp.DefaultColumnConstraint)
_STATEMENTS = (exp.Merge, exp.Update, exp.Delete, exp.Insert)


def scopes(expression: Expr) -> list[Expr]:
    """Queries and DEFAULTs of columns, inner ones first, and the statement around them."""
    found = [n for n in expression.walk(bfs=True) if isinstance(n, _SCOPES)]
    if isinstance(expression, _STATEMENTS):
        found.insert(0, expression)
    return found[::-1]


def nodes_of(scope: Expr) -> Iterator[Expr]:
    """Yield the nodes of a query without those of its inner queries, operands before operators."""
    nodes = scope.walk(bfs=True, prune=lambda n: n is not scope and _is_inner(n))
    yield from reversed([n for n in nodes if n is not scope and not _is_inner(n)])


def _is_inner(node: Expr) -> bool:
    return isinstance(node, exp.Select)


_AGGREGATES = frozenset({"LIST", "QUANTILE_CONT"})
"""Those that other steps write, which sqlglot doesn't know as aggregates."""


def is_of_a_row(node: Expr) -> bool:
    """Tell whether an expression is known from one row alone: DuckDB has TRY over nothing else."""
    called = (str(one.this).upper() for one in node.find_all(exp.Anonymous))
    is_above = node.find(exp.AggFunc, exp.WithinGroup, exp.Rand, exp.Query) is not None
    return not is_above and _AGGREGATES.isdisjoint(called)


def types_of(session: "Session", scope: Expr, operands: Sequence[Expr]) -> list[str]:
    """DuckDB's names of the operands' types, in order; `UNKNOWN` for one that it can't tell."""
    kinds: dict[int, str] = {}
    asked: dict[tuple, list[int]] = {}  # a column that several operands are is asked for once
    for number, operand in enumerate(operands):
        if known := _known_type(operand):
            kinds[number] = known
        else:
            column = (operand.table, operand.name) if isinstance(operand, exp.Column) else number
            is_above = _is_above_groups(operand, scope)
            asked.setdefault((is_above, column), []).append(number)
    for is_above in (False, True):
        places = [numbers for (above, _), numbers in asked.items() if above is is_above]
        found = _types_of_level(session, scope, [operands[numbers[0]] for numbers in places])
        if len(found) == len(places):  # not so of a star
            for numbers, kind in zip(places, found, strict=True):
                kinds |= dict.fromkeys(numbers, kind)
    return [kinds.get(number, UNKNOWN) for number in range(len(operands))]


def _known_type(operand: Expr) -> str:
    """The type of a constant; empty for anything else."""
    if isinstance(operand, exp.Literal):
        is_short = operand.is_int and len(operand.name) < _DIGITS_OF_INTEGER
        return "VARCHAR" if operand.is_string else "INTEGER" if is_short else ""
    return "BOOLEAN" if isinstance(operand, exp.Boolean) else ""


_DIGITS_OF_INTEGER = 10


def _types_of_level(session: "Session", scope: Expr, operands: Sequence[Expr]) -> list[str]:
    """The types of what is computed from rows, or from groups of them.

    All are asked for together; only if that fails, each alone.
    """
    if not operands:
        return []
    try:
        return _ask(session, _query(scope, operands))
    except duckdb.Error:
        if len(operands) > 1:
            return [kind for o in operands for kind in _types_of_level(session, scope, [o])]
    alone = [_without_aliases(operands[0], scope)]
    # Part of what rows are grouped by, as `n` in `n / 10`, is known before they are grouped.
    for is_grouped in (True, False):
        with contextlib.suppress(duckdb.Error):
            return _ask(session, _query(scope, alone, is_grouped=is_grouped))
    return _type_of_cast(session, operands[0])


def _type_of_cast(session: "Session", operand: Expr) -> list[str]:
    """A cast's own type, whatever is cast: an argument of a function over the rows of a table."""
    operand = operand.unnest()
    if not isinstance(operand, exp.Cast):
        return [UNKNOWN]
    return _ask(session, exp.select(exp.Cast(this=exp.null(), to=operand.to.copy())))


def refuse_unknown_columns(session: "Session", scope: Expr, operands: Sequence[Expr]) -> None:
    """Let a name that no source has be told, rather than that its type isn't known.

    Raises:
        duckdb.Error: An operand has such a column.
    """
    for column in (found for operand in operands for found in operand.find_all(exp.Column)):
        if column.find_ancestor(exp.Select, exp.Lambda, *_STATEMENTS) is scope:
            _ask(session, _query(scope, [_without_aliases(column, scope)], is_grouped=False))


def is_column(session: "Session", scope: Expr, column: Expr) -> bool:
    """Tell whether a name is that of a column of the scope's sources, rather than an alias."""
    with contextlib.suppress(duckdb.Error):
        return bool(_ask(session, _query(scope, [column], is_grouped=False)))
    return False


def types_of_query(session: "Session", query: Expr) -> list[str]:
    """DuckDB's names of a query's columns' types; none when it can't be bound."""
    return [kind for _, kind in columns_of_query(session, query)]


def columns_of_query(session: "Session", query: Expr) -> Columns:
    """The name and DuckDB's type of each column of a query; none when it can't be bound."""
    try:
        return _described(session, with_ctes(query.copy(), query))
    except duckdb.Error:
        return []


def _ask(session: "Session", query: Expr) -> list[str]:
    return [kind for _, kind in _described(session, query)]


def _described(session: "Session", query: Expr) -> Columns:
    """The columns of a query, which is used up; what chooses and orders its rows has no part."""
    for select in query.find_all(exp.Select):
        for part in _OF_ROWS:
            select.set(part, None)
    for placeholder in list(query.find_all(exp.Placeholder)):
        placeholder.replace(exp.null())
    sql = query.transform(flatten.flatten, copy=False).sql(dialect="duckdb", copy=False)

    def ask() -> list[tuple[str, str]]:
        with session.probe() as duck:
            return columns_of_sql(duck, sql)

    if session.has_own_names:
        return ask()
    return session.local.descriptions.of((session.database, session.schema, sql), ask)


_OF_ROWS = ("where", "having", "qualify", "order", "limit", "offset")


def columns_of_sql(duck: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[str, str]]:
    """The name and DuckDB's type of each column of a query, which isn't run.

    Raises:
        duckdb.Error: The query can't be bound.
    """
    return [(row[0], str(row[1])) for row in duck.execute(f"DESCRIBE {sql}").fetchall()]


def _query(scope: Expr, operands: Sequence[Expr], *, is_grouped: bool = True) -> Expr:
    columns = [exp.alias_(o.copy(), f"_{n}") for n, o in enumerate(operands)]
    query = exp.select(*columns)
    for source in _sources(scope):
        query = query.from_(source) if not query.args.get("from_") else query.join(source)
    if isinstance(scope, exp.Select):
        query.set("joins", [j.copy() for j in scope.args.get("joins") or []])
        query.set("laterals", [lateral.copy() for lateral in scope.args.get("laterals") or []])
        if is_grouped and any(_is_above_groups(operand, scope) for operand in operands):
            query.set("group", _group(scope))
    return with_ctes(query, scope)


def _sources(scope: Expr) -> list[Expr]:
    if isinstance(scope, exp.Select):
        sources = [scope.args["from_"].this] if scope.args.get("from_") else []
    elif isinstance(scope, exp.Merge):
        sources = [scope.this, scope.args["using"]]
    elif isinstance(scope, exp.Update):
        sources = [scope.this, *_tables(scope.args.get("from_"))]
    elif isinstance(scope, exp.Delete):
        sources = [scope.this, *(scope.args.get("using") or [])]
    else:
        sources = []
    return [source.copy() for source in sources]


def _tables(from_: Expr | None) -> list[Expr]:
    return [from_.this, *(j.this for j in from_.this.args.get("joins") or [])] if from_ else []


def _is_above_groups(operand: Expr, scope: Expr) -> bool:
    """Tell whether an operand is computed from groups of rows rather than from rows."""
    if not isinstance(scope, exp.Select) or not scope.args.get("group"):
        return False
    inside = operand.find_ancestor(
        exp.AggFunc, exp.WithinGroup, exp.Where, exp.Join, exp.Group, exp.From
    )
    return inside is None or inside.find_ancestor(exp.Select) is not scope


def _group(scope: exp.Select) -> exp.Group:
    """The GROUP BY, with positions replaced by what they stand for."""
    group = scope.args["group"].copy()
    for number, key in enumerate(group.expressions):
        if isinstance(key, exp.Literal) and not key.is_string:
            chosen = scope.selects[int(key.name) - 1].unalias()
            group.expressions[number] = chosen.copy()
    group.set("expressions", [_without_aliases(key, scope) for key in group.expressions])
    return group


def _without_aliases(operand: Expr, scope: Expr) -> Expr:
    """An operand with other columns of the same SELECT in place of their aliases."""
    selects = scope.selects if isinstance(scope, exp.Select) else []
    return _spelled_out(operand, {s.alias: s.this for s in selects if isinstance(s, exp.Alias)})


def _spelled_out(operand: Expr, named: Mapping[str, Expr]) -> Expr:
    def spell_out(node: Expr) -> Expr:
        if isinstance(node, exp.Column) and not node.table and node.name in named:
            others = {name: value for name, value in named.items() if name != node.name}
            return exp.paren(_spelled_out(named[node.name], others))
        return node

    return operand.copy().transform(spell_out)


def with_ctes(query: Expr, scope: Expr) -> Expr:
    """The query under the common table expressions that the scope can see."""
    visible: list[exp.CTE] = []
    recursive = False
    inside: Expr | None = None
    node: Expr | None = scope
    while node is not None:
        inside = node if isinstance(node, exp.CTE) else inside
        if with_ := node.args.get("with_"):
            recursive = recursive or bool(with_.args.get("recursive"))
            visible = [*_before(inside, with_.expressions), *visible]
        node = node.parent
    if visible:
        ctes = [cte.copy() for cte in visible]
        query.set("with_", exp.With(expressions=ctes, recursive=recursive))
    return query


def _before(inside: Expr | None, ctes: list[exp.CTE]) -> list[exp.CTE]:
    """The tables defined before the one we are in; all of them from outside.

    One that reads itself has the columns of its first query.
    """
    for number, cte in enumerate(ctes):
        if cte is inside:
            own = []
            if isinstance(cte.this, exp.SetOperation):
                own = [cte.copy()]
                own[0].set("this", cte.this.this.copy())
            return [*ctes[:number], *own]
    return ctes
