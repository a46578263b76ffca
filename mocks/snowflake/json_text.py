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
from mocks.snowflake.dialect.names_of_functions import CHECKED, LAST, TRIED
from mocks.snowflake.errors import StatementFailed, unsupported

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_encode_ordered = msgspec.json.Encoder(order="sorted").encode
_STRING = re.compile(r'("(?:[^"\\]|\\.)*")', re.DOTALL)
_WORD = re.compile(r"([A-Za-z_]\w*)(\s*:)|\b(?:true|false|null)\b", re.IGNORECASE)
_EXTRA_COMMA = re.compile(r",\s*(?=[\],}])|(?<=\[)\s*,")
_LONG_NUMBER = re.compile(r"[0-9][0-9.eE+-]{16}")


class BadJson(ValueError):
    """A text that can't be taken as JSON; the message says why."""


def checked(text: str | None) -> str | None:
    """The text, if it is JSON that keeps its values here, with its attributes in order.

    None for none, and for an empty one.

    Raises:
        BadJson: It is no JSON, or repeats an attribute.
        StatementFailed: 2 for what Snowflake would read, and this doesn't: elements that are left
            out, which are undefined there, and numbers that would lose digits here.
    """
    if text is None or not text.strip():
        return None
    try:
        value = _decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        if _is_lenient(text):
            raise unsupported(
                "JSON with elements that are left out", "they are undefined there"
            ) from None
        raise BadJson(f"Error parsing JSON: {error}") from None
    if _encode(value) == text.encode():
        return _encode_ordered(value).decode()
    # Spaces, escapes, repeated attributes, long numbers: look closely.
    json.loads(text, object_pairs_hook=_without_repetition, parse_float=_exact)
    return variant_values.compact(variant_values.read(text))


def parsed(text: str | None) -> str | None:
    """Parse JSON as PARSE_JSON does: with words in capitals, and names without quotes.

    Raises:
        BadJson: as `checked`.
        StatementFailed: as `checked`.
    """
    try:
        return checked(text)
    except (BadJson, StatementFailed):
        strict = _strict(text or "")
        if strict == text:
            raise
        return checked(strict)


def _strict(text: str) -> str:
    """A text with its names in quotes and its words in small letters."""
    parts = _STRING.split(text)
    parts[::2] = [_WORD.sub(_quoted, part) for part in parts[::2]]
    return "".join(parts)


def _quoted(word: re.Match[str]) -> str:
    return f'"{word[1]}"{word[2]}' if word[1] else word[0].lower()


def last_of_each(text: str | None) -> str | None:
    """Parse JSON as PARSE_JSON(…, 'd') does: of attributes with one name the last is kept.

    Raises:
        BadJson: It is no JSON.
        StatementFailed: 2 for a number that would lose digits.
    """
    if text is None or not text.strip():
        return None
    try:
        json.loads(text, parse_float=_exact)
    except json.JSONDecodeError as error:
        raise BadJson(f"Error parsing JSON: {error}") from None
    return variant_values.compact(variant_values.read(text))


def tried(text: str | None) -> str | None:
    """Parse JSON as TRY_PARSE_JSON does: text that is no JSON gives None.

    Raises:
        StatementFailed: 2 for what Snowflake would read, and this doesn't.
    """
    try:
        return parsed(text)
    except BadJson:
        return None


def _is_lenient(text: str) -> bool:
    """Tell whether Snowflake accepts a text that is not valid JSON, such as [1,]."""
    outside = _strict(text).split('"')
    outside[::2] = [_EXTRA_COMMA.sub("", part.lower()) for part in outside[::2]]
    try:
        _decode('"'.join(outside))
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def kept(text: str) -> str:
    """A text that is known to be JSON, if all its numbers keep their digits here.

    Raises:
        StatementFailed: 2, as one would not.
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
        if node.args.get("safe"):
            return _parsed(node.this, TRIED)
        return _parsed(node.this, LAST if _keeps_last(node.args.get("expression")) else CHECKED)
    if isinstance(node, exp.Anonymous) and str(node.this).upper() == "TRY_PARSE_JSON":
        return _parsed(node.expressions[0], TRIED)
    return node


def _keeps_last(option: Expr | None) -> bool:
    """Tell whether the option is 'd': names may be repeated; 's', the default, refuses them."""
    if option is None or option.name == "s":
        return False
    if option.name != "d":
        raise unsupported(f"PARSE_JSON with the option {option.sql(dialect='snowflake')}")
    return True


def _parsed(text: Expr, function: str) -> Expr:
    return as_json(call(function, text))


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
        raise unsupported(f"the JSON number {number}, of more than 17 digits", "send a string")
    return value
