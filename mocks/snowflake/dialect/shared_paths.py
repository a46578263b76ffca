"""Several paths into one VARIANT column, read with one parse of its JSON.

DuckDB parses a document anew for each path, and holds what it parsed until it is done with 2,048
rows: 80 MB a path and thread, where a document has 9 kB. Six paths in one query needed more memory
than the stack's local Snowflake has. A list of paths is parsed once, and DuckDB computes equal
expressions once. A path that goes on from what another found, as in ``v[0]:a``, starts at the
column.
"""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake.dialect import json_values, scopes

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

KINDS = (exp.JSONExtract, exp.JSONExtractScalar)
_ROOT = "$"


def share(expression: Expr, _: "Session") -> Expr:
    """Read what a query takes from one column by several paths as one list."""
    for scope in scopes.scopes(expression):
        by_column: dict[str, list[tuple[Expr, exp.Column, str]]] = {}
        for node in scopes.nodes_of(scope):
            if (found := _path_into_column(node)) and not _path_into_column(_around(node)):
                by_column.setdefault(found[0].sql(dialect="duckdb"), []).append((node, *found))
        for nodes in by_column.values():
            paths = list(dict.fromkeys(path for _, _, path in nodes))
            if len(paths) > 1:
                for node, column, path in nodes:
                    node.replace(_element(node, column, paths, path))
    return expression


def _around(node: Expr) -> Expr | None:
    """The node that takes a path out of what this one found, if one does."""
    outer = node.parent
    while isinstance(outer, exp.Paren):
        outer = outer.parent
    return outer if isinstance(outer, KINDS) and outer.this.unnest() is node else None


def _path_into_column(node: Expr | None) -> tuple[exp.Column, str] | None:
    """The column and the path of an expression like ``v:a[0]`` or ``v:a:b``; None of any other."""
    if not isinstance(node, KINDS) or not isinstance(node.expression, exp.JSONPath | exp.Literal):
        return None
    path = node.expression.sql(dialect="duckdb")[1:-1]
    # A wildcard has a list of its own, and the document itself needs no parse to be found.
    if "*" in path or path == _ROOT:
        return None
    inner = node.this.unnest()
    if isinstance(inner, exp.Column):
        return inner, path
    if isinstance(inner, exp.JSONExtract) and (found := _path_into_column(inner)):
        column, start = found
        return column, start + path.removeprefix(_ROOT)
    return None


def _element(node: Expr, column: exp.Column, paths: list[str], path: str) -> Expr:
    array = exp.Array(expressions=[exp.Literal.string(one.replace("''", "'")) for one in paths])
    found = exp.Anonymous(this="json_extract", expressions=[column.copy(), array])
    number = exp.Literal.number(paths.index(path) + 1)
    element = exp.Anonymous(this="list_extract", expressions=[found, number])
    return element if isinstance(node, exp.JSONExtract) else json_values.text_of(element)
