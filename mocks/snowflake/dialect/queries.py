"""Clauses of queries that DuckDB writes in another way."""

from sqlglot import Expr, exp

from mocks.snowflake.answered_functions import AGGREGATES
from mocks.snowflake.errors import compilation, unsupported

KINDS = (exp.With, exp.Join, exp.Table, exp.Update, exp.Values, exp.Fetch, exp.Select)


def spell_out_all(expression: Expr) -> None:
    """``ORDER BY ALL`` as the places of the columns, in place.

    Raises:
        StatementFailed: 2 where a star stands for the columns.
    """
    for order in expression.find_all(exp.Order):
        query, (ordered, *others) = order.parent, order.expressions
        key = ordered.this
        is_all = isinstance(key, exp.Column) and key.sql().upper() == "ALL"
        if not is_all or others or not isinstance(query, exp.Query):
            continue
        if query.is_star:
            raise unsupported("ORDER BY ALL of *", "name the columns")
        places = [exp.Literal.number(n) for n in range(1, len(query.selects) + 1)]
        order.set("expressions", [_with_key(ordered, place) for place in places])


def _with_key(ordered: Expr, key: Expr) -> Expr:
    copy = ordered.copy()
    copy.set("this", key)
    return copy


def write(node: Expr) -> Expr:
    """Rewrite a clause whose DuckDB form is another one; return any other node as it is."""
    return _WRITERS[type(node)](node) if type(node) in _WRITERS else node


def _recursive(node: exp.With) -> Expr:
    """A common table expression that reads itself is recursive, with or without the word."""
    for cte in node.expressions:
        name = cte.alias.upper()
        if any(t.name.upper() == name and not t.db for t in cte.this.find_all(exp.Table)):
            node.args["recursive"] = True
    return node


def _nearest(node: exp.Join) -> Expr:
    """ASOF JOIN keeps every row of the left side, as a left join does.

    https://docs.snowflake.com/en/sql-reference/constructs/asof-join
    """
    if str(node.args.get("method")).upper() != "ASOF":
        return node
    if node.args.get("using"):
        raise unsupported("ASOF JOIN with USING", "write ON")
    match, on = node.args.pop("match_condition"), node.args.get("on")
    node.set("side", "LEFT")
    node.set("on", match if on is None else exp.and_(on.copy(), match.copy()))
    return node


def _one_row(node: exp.Table) -> Expr:
    """DUAL has one row; what its column is called isn't known."""
    query = node.parent.parent if isinstance(node.parent, exp.From | exp.Join) else node.parent
    is_read = isinstance(query, exp.Select) or node.arg_key == "using"
    if node.name.upper() != "DUAL" or node.db or not is_read:
        return node
    if isinstance(query, exp.Select) and query.is_star:
        raise unsupported("SELECT * FROM DUAL")
    row = exp.select(exp.alias_(exp.null(), "_DUAL")).subquery("DUAL")
    if alias := node.args.get("alias"):
        row.set("alias", alias.copy())
    return row


def _named_values(node: exp.Values) -> Expr:
    """``(VALUES …) AS v``: its columns are COLUMN1, COLUMN2 and so on, unless they are named."""
    alias, row = node.args.get("alias"), node.expressions[0]
    if isinstance(alias, exp.TableAlias) and not alias.columns and isinstance(row, exp.Tuple):
        numbers = range(1, len(row.expressions) + 1)
        alias.set("columns", [exp.to_identifier(f"COLUMN{n}", quoted=True) for n in numbers])
    return node


def _plain_targets(node: exp.Update) -> Expr:
    """``UPDATE t x SET x.a = …``: DuckDB knows the table already."""
    for assignment in node.expressions:
        if isinstance(assignment, exp.EQ) and isinstance(assignment.this, exp.Column):
            assignment.this.set("table", None)
    return node


def _limit(node: exp.Fetch) -> Expr:
    """``FETCH FIRST n ROWS ONLY``; one row where no number is given."""
    return exp.Limit(expression=(node.args.get("count") or exp.Literal.number(1)).copy())


def _sorted_by_its_columns(node: exp.Select) -> Expr:
    """SELECT DISTINCT is sorted by what it selects: DuckDB takes any row of those that are equal.

    Raises:
        StatementFailed: 979, or 2 where a star stands for columns that aren't known here.
    """
    order = node.args.get("order")
    if order is None or node.args.get("distinct") is None or _has_every_column(node):
        return node
    columns = [column.unalias() for column in node.selects]
    aliased = {s.alias: s.this for s in node.selects if isinstance(s, exp.Alias)}
    for key in (ordered.this for ordered in order.expressions):
        if not _is_made_of(key, [*columns, *map(exp.column, node.named_selects)]):
            if node.is_star:
                raise unsupported("ORDER BY of SELECT DISTINCT t.*", "name the columns")
            is_column = isinstance(key, exp.Column)
            parts = [part.name for part in key.parts] if is_column else [key.sql("snowflake")]
            told = ".".join(parts)
            raise compilation(979, "42601", f"[{told}] is not a valid order by expression")
        for column in () if isinstance(key, exp.Column) else list(key.find_all(exp.Column)):
            if not column.table and column.name in aliased and column not in columns:
                column.replace(exp.paren(aliased[column.name].copy()))
    return node


def _select(node: exp.Select) -> Expr:
    return _sorted_by_its_columns(_grouped_by_its_columns(node))


def _grouped_by_its_columns(node: exp.Select) -> exp.Select:
    """GROUP BY ALL beside window functions: DuckDB would group by those as well.

    https://docs.snowflake.com/en/sql-reference/constructs/group-by
    """
    group = node.args.get("group")
    if group is None or not group.args.get("all") or node.is_star or not node.find(exp.Window):
        return node
    above: set[str] = set()
    keys = []
    for number, column in enumerate(node.selects, 1):
        if _is_above_groups(column, above):
            above.add(column.alias)
        else:
            keys.append(exp.Literal.number(number))
    node.set("group", exp.Group(expressions=keys) if keys else None)
    return node


def _is_above_groups(column: Expr, aliases: set[str]) -> bool:
    """Tell whether a column is made of groups of rows, also by the alias of one that is."""
    for part in column.walk(prune=lambda part: isinstance(part, exp.Query)):
        if isinstance(part, exp.AggFunc | exp.WithinGroup | exp.Window):
            return True
        if isinstance(part, exp.Anonymous) and part.name.upper() in AGGREGATES:
            return True
        if isinstance(part, exp.Column) and not part.table and part.name in aliases:
            return True
    return False


def _has_every_column(node: exp.Select) -> bool:
    return any(
        isinstance(column, exp.Star) and not any(column.args.values()) for column in node.selects
    )


def _is_made_of(key: Expr, columns: list[Expr]) -> bool:
    """Tell whether an expression's value is known from columns that are selected."""
    if any(key == column or _is_same_column(key, column) for column in columns):
        return True
    if isinstance(key, exp.Column | exp.AggFunc | exp.Window | exp.Query):
        return False
    return all(
        _is_made_of(part, columns) for part in key.iter_expressions() if isinstance(part, Expr)
    )


def _is_same_column(key: Expr, column: Expr) -> bool:
    if not isinstance(key, exp.Column) or not isinstance(column, exp.Column):
        return False
    is_of_table = not key.table or not column.table or key.table == column.table
    return is_of_table and (key.name == column.name or (column.is_star and bool(key.table)))


_WRITERS = {
    exp.With: _recursive, exp.Join: _nearest, exp.Table: _one_row, exp.Update: _plain_targets,
    exp.Values: _named_values, exp.Fetch: _limit, exp.Select: _select,
}  # fmt: skip
