"""LATERAL FLATTEN and TABLE(FLATTEN(…)), and SPLIT_TO_TABLE with its like.

Written as ``LATERAL (SELECT UNNEST(list of rows))``, which DuckDB's optimizer turns into a plain
UNNEST of the outer rows; through fakesnow's table macro it joins the outer rows with themselves by
the flattened value (20,000 updates of 10 kB: 30 s and 3.6 GB).
https://docs.snowflake.com/en/sql-reference/functions/flatten
"""

import functools
from collections.abc import Iterator

from sqlglot import Expr, exp, parse_one

from mocks.snowflake.errors import invalid, unsupported

_OPTIONS = frozenset({"INPUT", "PATH", "OUTER", "RECURSIVE", "MODE"})
_ROWS = """
CASE json_type({input})
WHEN 'OBJECT' THEN list_transform(
    map_entries(CAST({input} AS MAP(VARCHAR, JSON))),
    lambda e: {{'SEQ': 1::BIGINT, 'KEY': e.key, 'PATH': {prefix} || e.key, 'INDEX': NULL::BIGINT,
               'VALUE': coalesce(e.value, 'null'::JSON), 'THIS': {this}}})
WHEN 'ARRAY' THEN list_transform(
    CAST({input} AS JSON[]),
    lambda v, i: {{'SEQ': 1::BIGINT, 'KEY': NULL::VARCHAR, 'PATH': {array} || '[' || (i - 1) || ']',
                  'INDEX': i - 1, 'VALUE': coalesce(v, 'null'::JSON), 'THIS': {this}}})
END
"""
_WALKED = """
list_transform(
    from_json(CAST(_variant_flatten(
                  CAST(_input AS VARCHAR), {path}, '{is_recursive}', '{mode}') AS JSON),
              '[{{"KEY":"VARCHAR","PATH":"VARCHAR","INDEX":"BIGINT","VALUE":"JSON","THIS":"JSON"}}]'),
    lambda e: {{'SEQ': 1::BIGINT, 'KEY': e.KEY, 'PATH': e.PATH, 'INDEX': e.INDEX,
               'VALUE': coalesce(e.VALUE, 'null'::JSON), 'THIS': e.THIS}})
"""
_NO_ROW = """
[{{'SEQ': 1::BIGINT, 'KEY': NULL::VARCHAR, 'PATH': NULL::VARCHAR, 'INDEX': NULL::BIGINT,
  'VALUE': NULL::JSON, 'THIS': {this}}}]
"""


def flatten(node: Expr) -> Expr:
    """Rows of an array or object, with all of FLATTEN's columns."""
    if not isinstance(node, exp.Lateral | exp.TableFromRows):
        return node
    if isinstance(node.this, exp.Explode):
        rows = _rows(_options(node.this), with_this=_reads_this(node))
    elif (parts := _split(node.this)) is not None:
        rows = parts
    else:
        return node
    _number(rows, node)
    select = exp.select(exp.Anonymous(this="unnest", expressions=[rows, exp.var("max_depth := 2")]))
    return exp.Lateral(this=select.subquery(), alias=_alias(node))


def _options(explode: exp.Explode) -> dict[str, Expr]:
    given = [explode.this, *explode.expressions]
    named = {a.this.name.upper(): a.expression for a in given if isinstance(a, exp.Kwarg)}
    if not isinstance(explode.this, exp.Kwarg):
        named["INPUT"] = explode.this
    if unknown := sorted(set(named) - _OPTIONS):
        raise invalid(f"invalid argument {unknown[0]} for function FLATTEN")
    if "INPUT" not in named:
        raise invalid("missing argument INPUT for function FLATTEN")
    return named


_PARTS = {
    "SPLIT_TO_TABLE": "string_split(_value, _by)",
    "STRTOK_SPLIT_TO_TABLE": "CAST(CAST(_strtok_to_array(_value, _by) AS JSON) AS VARCHAR[])",
}


def _split(called: Expr) -> Expr | None:
    """The rows of SPLIT_TO_TABLE and STRTOK_SPLIT_TO_TABLE; None for another function.

    https://docs.snowflake.com/en/sql-reference/functions/split_to_table
    """
    if isinstance(called, exp.SplitToTable):
        name, arguments = "SPLIT_TO_TABLE", [called.this, called.expression]
    else:
        name, arguments = called.name.upper(), called.expressions
    if name not in _PARTS:
        return None
    text, by = [*arguments, exp.Literal.string(" ")][:2]
    if isinstance(by, exp.Literal) and not by.name:
        raise unsupported(f"{name} by nothing")
    rows = f"""list_transform({_PARTS[name]},
        lambda v, i: {{'SEQ': 1::BIGINT, 'INDEX': i, 'VALUE': v}})"""
    return _filled(parse_one(rows, read="duckdb"), {"_value": text, "_by": by})


def _filled(rows: Expr, values: dict[str, Expr]) -> Expr:
    for column in list(rows.find_all(exp.Column)):
        if column.name in values:
            column.replace(values[column.name].copy())
    return rows


def _number(rows: Expr, node: Expr) -> None:
    """SEQ tells the inputs apart: 1 for one input, else by the row of the only table.

    Snowflake promises neither an order nor that no number is left out.
    """
    select = node.find_ancestor(exp.Select)
    if select is None or node.this.find(exp.Column) is None:
        return
    if not _reads_sequence(select, node.alias.upper()):
        return
    table = _only_table(select)
    if table is None:
        raise unsupported("SEQ of FLATTEN over the rows of anything but one table")
    row = exp.column("rowid", table=table.alias_or_name)
    number = exp.Add(this=row, expression=exp.Literal.number(1))
    for pair in rows.find_all(exp.PropertyEQ):
        if pair.this.name == "SEQ":
            pair.set("expression", number.copy())


def _reads_sequence(select: exp.Select, alias: str) -> bool:
    """Tell whether a query reads SEQ, by its name or by a star."""
    shown = [s for s in select.selects if isinstance(s, exp.Star)
             or (isinstance(s, exp.Column) and s.is_star and s.table.upper() == alias)]  # fmt: skip
    return bool(shown) or any(c.name.upper() == "SEQ" for c in select.find_all(exp.Column))


def _only_table(select: exp.Select) -> exp.Table | None:
    source = select.args["from_"].this if select.args.get("from_") else None
    ctes = {cte.alias for scope in _around(select) for cte in scope.find_all(exp.CTE)}
    is_plain = isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier)
    is_alone = len(select.args.get("joins") or []) + len(select.args.get("laterals") or []) == 1
    return source if is_plain and is_alone and source.name not in ctes else None


def _around(select: Expr) -> Iterator[Expr]:
    node: Expr | None = select
    while node is not None:
        yield from [node.args["with_"]] if node.args.get("with_") else []
        node = node.parent


def _is_true(option: Expr | None) -> bool:
    if option is None:
        return False
    if not isinstance(option, exp.Boolean):
        raise unsupported("FLATTEN with an option that is not a constant")
    return bool(option.this)


def _rows(options: dict[str, Expr], *, with_this: bool) -> Expr:
    value, path = options["INPUT"], ""
    if "PATH" in options:
        path = options["PATH"].name
        value = parse_one(f"SELECT x:{path}", read="snowflake").selects[0]
        value.find(exp.Column).replace(options["INPUT"].copy())  # type: ignore[union-attr]
    rows = _template(path, _walk(options), is_outer=_is_true(options.get("OUTER")),
                     with_this=with_this).copy()  # fmt: skip
    return _filled(rows, {"_value": value})


def _walk(options: dict[str, Expr]) -> tuple[str, str] | None:
    """RECURSIVE and MODE as `variant_values` takes them; None where neither is set."""
    is_recursive = _is_true(options.get("RECURSIVE"))
    mode = options["MODE"].name.upper() if "MODE" in options else "BOTH"
    if mode not in ("BOTH", "ARRAY", "OBJECT"):
        raise invalid(f"invalid value [{mode}] for parameter MODE of FLATTEN")
    return (str(is_recursive).lower(), mode) if is_recursive or mode != "BOTH" else None


@functools.cache
def _template(path: str, walk: tuple[str, str] | None, *, is_outer: bool, with_this: bool) -> Expr:
    """The list of rows of `_value`, parsed once for each form that FLATTEN takes."""
    prefix = exp.Literal.string(f"{path}." if path else "").sql(dialect="duckdb")
    array = exp.Literal.string(path).sql(dialect="duckdb")
    this = "_input" if with_this else "NULL::JSON"
    rows = _ROWS.format(input="_input", prefix=prefix, array=array, this=this)
    if walk is not None:
        rows = _WALKED.format(path=array, is_recursive=walk[0], mode=walk[1], this=this)
    if is_outer:
        rows = f"coalesce(nullif(({rows}), []), {_NO_ROW.format(this=this)})"
    # A lambda over a list of one, so that the input is computed once however often it is named.
    return parse_one(f"list_transform([_value], lambda _input: {rows})[1]", read="duckdb")


def _reads_this(node: Expr) -> bool:
    """Tell whether the query reads THIS, which copies the whole input to each row."""
    select = node.find_ancestor(exp.Select)
    if select is None:
        return True
    reads_it = any(column.name.upper() == "THIS" for column in select.find_all(exp.Column))
    return reads_it or any(isinstance(s, exp.Star) or s.is_star for s in select.selects)


def _alias(node: Expr) -> exp.TableAlias:
    alias = node.args.get("alias")
    return exp.TableAlias(
        this=alias.this if alias and alias.this else exp.to_identifier("_FLATTEN")
    )
