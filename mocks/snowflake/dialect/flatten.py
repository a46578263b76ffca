"""LATERAL FLATTEN and TABLE(FLATTEN(…)).

Written as ``LATERAL (SELECT UNNEST(list of rows))``, which DuckDB's optimizer turns into a plain
UNNEST of the outer rows; through fakesnow's table macro it joins the outer rows with themselves by
the flattened value (20,000 updates of 10 kB: 30 s and 3.6 GB).
https://docs.snowflake.com/en/sql-reference/functions/flatten
"""

import functools

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
_NO_ROW = """
[{{'SEQ': 1::BIGINT, 'KEY': NULL::VARCHAR, 'PATH': NULL::VARCHAR, 'INDEX': NULL::BIGINT,
  'VALUE': NULL::JSON, 'THIS': {this}}}]
"""


def flatten(node: Expr) -> Expr:
    """Rows of an array or object, with all of FLATTEN's columns."""
    if not isinstance(node, exp.Lateral | exp.TableFromRows) or not isinstance(
        node.this, exp.Explode
    ):
        return node
    options = _options(node.this)
    _refuse_inexact(options)
    _refuse_sequence(node)
    rows = _rows(options, with_this=_reads_this(node))
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


def _refuse_inexact(options: dict[str, Expr]) -> None:
    if _is_true(options.get("RECURSIVE")):
        raise unsupported("FLATTEN with RECURSIVE => TRUE")
    mode = options.get("MODE")
    if mode is not None and mode.name.upper() != "BOTH":
        raise unsupported(f"FLATTEN with MODE => '{mode.name}'")


def _refuse_sequence(node: Expr) -> None:
    """SEQ tells the inputs apart, and is 1 here: right for one input, a constant."""
    select = node.find_ancestor(exp.Select)
    if select is None or node.this.find(exp.Column) is None:
        return
    if any(column.name.upper() == "SEQ" for column in select.find_all(exp.Column)):
        raise unsupported("SEQ of FLATTEN over several rows")


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
    rows = _template(path, is_outer=_is_true(options.get("OUTER")), with_this=with_this).copy()
    next(c for c in rows.find_all(exp.Column) if c.name == "_value").replace(value.copy())
    return rows


@functools.cache
def _template(path: str, *, is_outer: bool, with_this: bool) -> Expr:
    """The list of rows of `_value`, parsed once for each form that FLATTEN takes."""
    prefix = exp.Literal.string(f"{path}." if path else "").sql(dialect="duckdb")
    array = exp.Literal.string(path).sql(dialect="duckdb")
    this = "_input" if with_this else "NULL::JSON"
    rows = _ROWS.format(input="_input", prefix=prefix, array=array, this=this)
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
