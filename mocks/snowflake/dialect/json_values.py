"""From a VARIANT to a value and back, in DuckDB's words."""

import re

from sqlglot import Expr, exp

JSON = "JSON"
"""DuckDB's type of VARIANT, ARRAY and OBJECT."""
CHECKED = "_checked_json"
"""The function of json_text.py that refuses what would lose digits."""
_FRACTION = re.compile(r"DECIMAL\(\d+,\s*[1-9]\d*\)")


def text_of(node: Expr) -> Expr:
    """A VARIANT's value as text: strings without quotes, JSON for the rest, NULL for JSON null."""
    root = exp.Literal.string("$")
    return exp.paren(exp.JSONExtractScalar(this=_operand(node), expression=root), copy=False)


def variant_of(node: Expr, kind: str) -> Expr:
    """A value as a VARIANT; a NUMBER without the zeros at its end, as a VARIANT has it."""
    if not is_fraction(kind):
        return exp.Anonymous(this="to_json", expressions=[node.copy()])
    text: Expr = exp.cast(node.copy(), "text")
    for padding in ("0", "."):
        text = exp.Anonymous(this="rtrim", expressions=[text, exp.Literal.string(padding)])
    checked = exp.Anonymous(this=CHECKED, expressions=[text])
    return exp.Anonymous(this="json", expressions=[checked])


def is_fraction(kind: str) -> bool:
    """Whether a DuckDB type is a NUMBER with digits behind the point."""
    return _FRACTION.fullmatch(kind) is not None


def _operand(node: Expr) -> Expr:
    return exp.paren(node.copy()) if isinstance(node, exp.Binary) else node.copy()
