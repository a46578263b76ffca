"""The request body of `POST /v2/updates`, and the answers to bodies that a real Scan refuses.

Texts of the limits: API facts, section 2. Of malformed bodies: Pekko HTTP's default rejection
handler ("The request content was malformed:"), what follows it is inferred; of malformed instants:
Scan's `parseTimestamp`.
"""

import json
from dataclasses import dataclass
from typing import Any

from mocks.canton_scan.clock import parse_instant
from mocks.canton_scan.history import Position

MAX_PAGE_SIZE = 1000
_INT32, _INT64 = 2**31, 2**63


class Malformed(ValueError):
    """The body is no JSON of the right shape: 400, text."""


class Refused(ValueError):
    """The body has the right shape and an impossible value: 400, JSON with ``error``."""


class Unserved(ValueError):
    """A real Scan answers this, the mock can't."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page of at most `page_size` updates after a position; None: from genesis."""

    page_size: int
    after: Position | None


def parse(body: bytes) -> PageRequest:
    """The request that the body makes.

    Raises:
        Malformed: No JSON, or a field that is missing or of another type.
        Refused: A page size outside 1 to 1000, or an ``after_record_time`` that is no instant.
        Unserved: Values are wanted as protobuf_json.
    """
    try:
        fields = json.loads(body)
    except ValueError as error:
        raise Malformed(str(error)) from error
    if not isinstance(fields, dict):
        raise Malformed("DecodingFailure: an object was expected")
    page_size = _integer(fields, "page_size", _INT32)
    check_encoding(fields.get("daml_value_encoding"))
    after = _after(fields.get("after"))
    if page_size > MAX_PAGE_SIZE:
        raise Refused(f"Exceeded limit maximum ({page_size} > {MAX_PAGE_SIZE}).")
    if page_size < 1:
        raise Refused("Limit must be at least 1.")
    return PageRequest(page_size, after)


def _after(fields: Any) -> Position | None:
    if fields is None:
        return None
    if not isinstance(fields, dict):
        raise Malformed("DecodingFailure at .after: an object was expected")
    migration_id = _integer(fields, "after_migration_id", _INT64)
    text = fields.get("after_record_time")
    if not isinstance(text, str):
        raise Malformed("DecodingFailure at .after.after_record_time: a string was expected")
    try:
        return Position(migration_id, parse_instant(text))
    except ValueError as error:
        raise Refused(f"Invalid timestamp: Text '{text}' could not be parsed at index 0") from error


def _integer(fields: dict[str, Any], name: str, bound: int) -> int:
    value = fields.get(name)
    if name not in fields:
        raise Malformed(f"DecodingFailure at .{name}: Missing required field")
    if not isinstance(value, int) or isinstance(value, bool) or not -bound <= value < bound:
        raise Malformed(f"DecodingFailure at .{name}: an integer was expected")
    return value


def check_encoding(value: Any) -> None:
    """Compact JSON is the default, and all that the mock can write.

    Raises:
        Malformed: No such encoding.
        Unserved: protobuf_json.
    """
    if value == "protobuf_json":
        raise Unserved("This mock serves daml_value_encoding compact_json only.")
    if value not in {None, "compact_json"}:
        raise Malformed("DecodingFailure at .daml_value_encoding: unknown value")
