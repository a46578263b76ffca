"""JSON on its way in: what Snowflake would refuse is refused, what DuckDB would spoil as well.

DuckDB keeps two attributes of one name, and reads a number with a fraction as a double when it
takes it out of its document: beyond 17 digits it would come out as another number.
"""

import json
import re
from decimal import Decimal
from typing import Any

import msgspec
from sqlglot import Expr, exp

from mocks.snowflake import variant_values
from mocks.snowflake.dialect.json_values import as_json, call
from mocks.snowflake.dialect.names_of_functions import CHECKED, TRIED
from mocks.snowflake.errors import unsupported

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_encode_ordered = msgspec.json.Encoder(order="sorted").encode
_EXTRA_COMMA = re.compile(r",\s*([\]}])")
_LONG_NUMBER = re.compile(r"[0-9][0-9.eE+-]{16}")


class BadJson(ValueError):
    """A text that can't be taken as JSON; the message says why."""


def checked(text: str | None) -> str | None:
    """The text, if it is JSON that keeps its values here, with its attributes in order.

    None for none, and for an empty one.

    Raises:
        BadJson: It is no JSON, repeats an attribute, or has a number that would lose digits.
    """
    if text is None or not text.strip():
        return None
    try:
        value = _decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        if _is_lenient(text):
            raise unsupported("JSON with words in capitals or a comma at the end") from None
        raise BadJson(f"Error parsing JSON: {error}") from None
    if _encode(value) == text.encode():
        return _encode_ordered(value).decode()
    # Spaces, escapes, repeated attributes, long numbers: look closely.
    json.loads(text, object_pairs_hook=_without_repetition, parse_float=_exact)
    return variant_values.compact(variant_values.read(text))


def tried(text: str | None) -> str | None:
    """Parse JSON as TRY_PARSE_JSON does: text that is no JSON gives None.

    Raises:
        StatementFailed: 2 for what Snowflake would read, and this doesn't.
    """
    try:
        return checked(text)
    except BadJson:
        return None


def _is_lenient(text: str) -> bool:
    """Tell whether Snowflake accepts a text that is not valid JSON, such as NULL or [1,]."""
    outside = text.split('"')
    outside[::2] = [_EXTRA_COMMA.sub(r"\1", part.lower()) for part in outside[::2]]
    try:
        _decode('"'.join(outside))
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def kept(text: str) -> str:
    """A text that is known to be JSON, if all its numbers keep their digits here.

    Raises:
        BadJson: One would not.
    """
    if _has_long_number(text):
        checked(text)
    return text


def _has_long_number(text: str) -> bool:
    """Tell whether a JSON text may have a number of 17 digits or more outside its strings.

    Where a quote may be escaped, strings are searched too: a false alarm costs time, nothing else.
    """
    outside = text if "\\" in text else "".join(text.split('"')[::2])
    return _LONG_NUMBER.search(outside) is not None


def parse(node: Expr) -> Expr:
    """PARSE_JSON and TRY_PARSE_JSON over the check."""
    if isinstance(node, exp.ParseJSON):
        return _parsed(node.this, is_tried=bool(node.args.get("safe")))
    if isinstance(node, exp.Anonymous) and str(node.this).upper() == "TRY_PARSE_JSON":
        return _parsed(node.expressions[0], is_tried=True)
    return node


def _parsed(text: Expr, *, is_tried: bool) -> Expr:
    return as_json(call(TRIED if is_tried else CHECKED, text))


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise BadJson(f'Error parsing JSON: duplicate object attribute "{repeated}"')
    return found


def _exact(number: str) -> float:
    value = float(number)
    if Decimal(number) != Decimal(repr(value)):
        raise BadJson(
            f"Error parsing JSON: the number {number} has more digits than the local Snowflake "
            "keeps (17); send it as a string"
        )
    return value
