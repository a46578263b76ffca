"""Typed fields of a JSON body and of a query, each refused as a real Scan refuses it.

Bodies are decoded by circe there: a whole number may be written ``2.0`` or ``"2"``, unknown fields
are ignored. Its messages ("DecodingFailure at …") are inferred.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from mocks.canton_scan.clock import Micros, parse_instant
from mocks.canton_scan.refusals import Malformed, MalformedQuery, MissingQuery

INT32, INT64 = 2**31, 2**63
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?", re.ASCII)  # as JSON has it


def json_object(body: bytes) -> dict[str, Any]:
    """The fields of a body.

    Raises:
        Malformed: It is no JSON, or no object.
    """
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed(str(error)) from error
    if not isinstance(fields, dict):
        raise Malformed("DecodingFailure: an object was expected")
    return fields


def integer(fields: dict[str, Any], name: str, bound: int, *, below: str = "") -> int:
    """A whole number from ``-bound`` up to, not including, ``bound``; a text of one will do.

    ``below`` is where the fields are: ``.after``.

    Raises:
        Malformed: There is none.
    """
    value = _required(fields, name, below)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = json.loads(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not -bound <= value < bound:
        raise Malformed(f"DecodingFailure at {below}.{name}: an integer was expected")
    return value


def instant(fields: dict[str, Any], name: str) -> Micros:
    """An instant with its time zone.

    Raises:
        Malformed: There is none.
    """
    value = _required(fields, name)
    try:
        return parse_instant(value)
    except (TypeError, ValueError) as error:
        raise Malformed(f"DecodingFailure at .{name}: an instant was expected") from error


def text(fields: dict[str, Any], name: str) -> str:
    """A text.

    Raises:
        Malformed: There is none.
    """
    value = _required(fields, name)
    if not isinstance(value, str):
        raise Malformed(f"DecodingFailure at .{name}: a string was expected")
    return value


def optional(fields: dict[str, Any], name: str, kind: type[object]) -> None:
    """Hold a field that may be missing or null against its type.

    Raises:
        Malformed: It is of another type.
    """
    value = fields.get(name)
    is_fitting = isinstance(value, kind) and isinstance(value, bool) == (kind is bool)
    if value is not None and not is_fitting:
        raise Malformed(f"DecodingFailure at .{name}: another type was expected")


def texts(fields: dict[str, Any], name: str) -> list[str]:
    """A list of texts.

    Raises:
        Malformed: There is none.
    """
    value = _required(fields, name)
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Malformed(f"DecodingFailure at .{name}: an array of strings was expected")
    return value


def _required(fields: dict[str, Any], name: str, below: str = "") -> Any:
    if name not in fields:
        raise Malformed(f"DecodingFailure at {below}.{name}: Missing required field")
    return fields[name]


def query_integer(query: Mapping[str, str], name: str, bound: int = INT64) -> int:
    """A number of the query, of 64 bits or of 32.

    Raises:
        MissingQuery: There is none.
        MalformedQuery: It is something else.
    """
    text = _queried(query, name)
    value = int(text) if _INTEGER.fullmatch(text) else bound
    if not -bound <= value < bound:
        bits = bound.bit_length()
        raise MalformedQuery(name, f"'{text}' is not a valid {bits}-bit signed integer value")
    return value


def query_instant(query: Mapping[str, str], name: str) -> Micros:
    """An instant of the query, with its time zone.

    Raises:
        MissingQuery: There is none.
        MalformedQuery: It is something else.
    """
    text = _queried(query, name)
    try:
        return parse_instant(text)
    except ValueError as error:
        detail = f"Text '{text}' could not be parsed at index 0"
        raise MalformedQuery(name, detail) from error


def query_boolean(query: Mapping[str, str], name: str) -> bool | None:
    """A boolean of the query; None when it is missing.

    Raises:
        MalformedQuery: It is something else.
    """
    if name not in query:
        return None
    if query[name] not in ("true", "false"):
        raise MalformedQuery(name, f"'{query[name]}' is not a valid Boolean value")
    return query[name] == "true"


def _queried(query: Mapping[str, str], name: str) -> str:
    if name not in query:
        raise MissingQuery(name)
    return query[name]
