"""From a VARIANT to a value and back, in DuckDB's words."""

from sqlglot import Expr, exp

JSON = "JSON"
"""DuckDB's type of VARIANT, ARRAY and OBJECT."""


def text_of(node: Expr) -> Expr:
    """A VARIANT's value as text: strings without quotes, JSON for the rest, NULL for JSON null."""
    root = exp.Literal.string("$")
    return exp.paren(exp.JSONExtractScalar(this=_operand(node), expression=root), copy=False)


def variant_of(node: Expr) -> Expr:
    """A value as a VARIANT."""
    return exp.Anonymous(this="to_json", expressions=[node.copy()])


def _operand(node: Expr) -> Expr:
    return exp.paren(node.copy()) if isinstance(node, exp.Binary) else node.copy()
