"""Several paths into one VARIANT column, read with one parse of its JSON.

DuckDB parses a document anew for each path, and holds what it parsed until it is done with 2,048
rows: 80 MB a path and thread, where a document has 9 kB. Six paths in one query needed more memory
than the stack's local Snowflake has. A list of paths is parsed once, and DuckDB computes equal
expressions once.
"""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake.dialect import json_values, scopes

if TYPE_CHECKING:
    from mocks.snowflake.connection import LocalConnection

KINDS = (exp.JSONExtract, exp.JSONExtractScalar)
_ROOT = "'$'"


def share(expression: Expr, _: "LocalConnection") -> Expr:
    """Read what a query takes from one column by several paths as one list."""
    for scope in scopes.scopes(expression):
        by_column: dict[str, list[Expr]] = {}
        for node in scopes.nodes_of(scope):
            if _is_path_into_column(node):
                by_column.setdefault(node.this.sql(dialect="duckdb"), []).append(node)
        for nodes in by_column.values():
            paths = {_text(node): node.expression for node in nodes}
            if len(paths) > 1:
                for node in nodes:
                    node.replace(_element(node, paths))
    return expression


def _is_path_into_column(node: Expr) -> bool:
    if not isinstance(node, KINDS) or not isinstance(node.this, exp.Column):
        return False
    # A wildcard has a list of its own, and the document itself needs no parse to be found.
    is_constant = isinstance(node.expression, exp.JSONPath | exp.Literal)
    return is_constant and "*" not in _text(node) and _text(node) != _ROOT


def _text(node: Expr) -> str:
    return node.expression.sql(dialect="duckdb")


def _element(node: Expr, paths: dict[str, Expr]) -> Expr:
    array = exp.Array(expressions=[path.copy() for path in paths.values()])
    found = exp.Anonymous(this="json_extract", expressions=[node.this.copy(), array])
    number = exp.Literal.number([*paths].index(_text(node)) + 1)
    element = exp.Anonymous(this="list_extract", expressions=[found, number])
    return element if isinstance(node, exp.JSONExtract) else json_values.text_of(element)
