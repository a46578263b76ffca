"""Clauses of queries that DuckDB writes in another way."""

from sqlglot import Expr, exp

from mocks.snowflake.errors import unsupported

KINDS = (exp.With, exp.Join, exp.Table, exp.Update, exp.Values)


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
    select = node.parent.parent if isinstance(node.parent, exp.From) else None
    if node.name.upper() != "DUAL" or node.db or not isinstance(select, exp.Select):
        return node
    if select.is_star:
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


_WRITERS = {
    exp.With: _recursive, exp.Join: _nearest, exp.Table: _one_row, exp.Update: _plain_targets,
    exp.Values: _named_values,
}  # fmt: skip
