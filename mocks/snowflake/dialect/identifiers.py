"""Names that are words of DuckDB's own language, and plain names in Snowflake."""

import functools

import duckdb
from sqlglot import Expr, exp


@functools.cache
def _reserved() -> frozenset[str]:
    with duckdb.connect(":memory:") as duck:
        rows = duck.execute(
            """SELECT upper(keyword_name) FROM duckdb_keywords()
               WHERE keyword_category <> 'unreserved'"""
        ).fetchall()
    return frozenset(word for (word,) in rows)


def quote_reserved(node: Expr) -> Expr:
    """Quote what DuckDB would read as a keyword, such as AT."""
    if isinstance(node, exp.Identifier) and not node.quoted and node.name.upper() in _reserved():
        node.args["quoted"] = True
    return node
