"""Several paths into one VARIANT column, read with one parse of its JSON.

DuckDB parses a document anew for each path, and holds what it parsed until it is done with 2,048
rows: 80 MB a path and thread, where a document has 9 kB. Six paths in one query needed more memory
than the stack's local Snowflake has. A list of paths is parsed once, and DuckDB computes equal
expressions once.
"""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake.dialect import scopes

if TYPE_CHECKING:
    from mocks.snowflake.connection import LocalConnection

KINDS = (exp.JSONExtract, exp.JSONExtractScalar)
_ROOT = "$"


def share(expression: Expr, _: "LocalConnection") -> Expr:
    """Read what a query takes from one column by several paths as one list."""
    for scope in scopes.scopes(expression):
        by_column: dict[str, list[Expr]] = {}
        for node in scopes.nodes_of(scope):
            if _is_path_into_column(node):
                by_column.setdefault(node.this.sql(dialect="duckdb"), []).append(node)
        for nodes in by_column.values():
            paths = sorted({_path(node) for node in nodes})
            if len(paths) > 1:
                for node in nodes:
                    node.replace(_element(node, paths))
    return expression


def _is_path_into_column(node: Expr) -> bool:
    if not isinstance(node, KINDS) or not isinstance(node.this, exp.Column):
        return False
    # A wildcard has a list of its own, and the document itself needs no parse to be found.
    return isinstance(node.expression, exp.JSONPath | exp.Literal) and not (
        "*" in _path(node) or _path(node) == _ROOT
    )


def _path(node: Expr) -> str:
    path = node.expression
    if isinstance(path, exp.Literal):
        return str(path.this)
    literal = path.sql(dialect="duckdb")
    return literal[1:-1].replace("''", "'")


def _element(node: Expr, paths: list[str]) -> Expr:
    array = exp.Array(expressions=[exp.Literal.string(path) for path in paths])
    found = exp.Anonymous(this="json_extract", expressions=[node.this.copy(), array])
    number = exp.Literal.number(paths.index(_path(node)) + 1)
    element = exp.Anonymous(this="list_extract", expressions=[found, number])
    if isinstance(node, exp.JSONExtract):
        return element
    root = exp.Literal.string(_ROOT)
    return exp.paren(exp.JSONExtractScalar(this=element, expression=root), copy=False)
