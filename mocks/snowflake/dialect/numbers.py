"""NUMBER as Snowflake computes it."""

from sqlglot import Expr, exp

_INTEGERS = frozenset(
    {
        exp.DataType.Type.TINYINT,
        exp.DataType.Type.SMALLINT,
        exp.DataType.Type.INT,
        exp.DataType.Type.BIGINT,
    }
)


def whole_numbers(node: Expr) -> Expr:
    """INT, NUMBER and NUMBER(38,0) hold 38 digits: DuckDB's HUGEINT.

    Not DECIMAL(38,0), which DuckDB would combine with DECIMAL(38,10) to DECIMAL(38,0), losing ten
    digits without a word (duckdb 2.0, ``select coalesce(null::decimal(38,0),
    1.23::decimal(38,10))``).
    """
    if isinstance(node, exp.DataType) and (node.this in _INTEGERS or _is_whole(node)):
        return exp.DataType(this=exp.DataType.Type.INT128, nested=False)
    return node


def _is_whole(node: exp.DataType) -> bool:
    if node.this != exp.DataType.Type.DECIMAL:
        return False
    sizes = [int(size.name) for size in node.expressions]
    return sizes in ([], [38], [38, 0])
