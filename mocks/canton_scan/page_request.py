"""The request body of `POST /v2/updates` and `POST /v0/events`.

Texts of the limits: API facts, section 2; of malformed instants: Scan's `parseTimestamp`.
"""

from dataclasses import dataclass
from typing import Any

from mocks.canton_scan.clock import parse_instant
from mocks.canton_scan.fields import INT32, INT64, integer, json_object
from mocks.canton_scan.history import Position
from mocks.canton_scan.refusals import Malformed, MalformedQuery, Refused, Unserved

MAX_PAGE_SIZE = 1000


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page of at most `page_size` items after a position; None: from genesis."""

    page_size: int
    after: Position | None


def parse(body: bytes) -> PageRequest:
    """The request that the body makes.

    Raises:
        Malformed: No JSON, or a field that is missing or of another type.
        Refused: A page size outside 1 to 1000, or an ``after_record_time`` that is no instant.
        Unserved: Values are requested as protobuf_json.
    """
    fields = json_object(body)
    page_size = integer(fields, "page_size", INT32)
    if not _is_supported(fields.get("daml_value_encoding")):
        raise Malformed("DecodingFailure at .daml_value_encoding: unknown value")
    after = _after(fields.get("after"))
    check_limit(page_size)
    return PageRequest(page_size, after)


def check_limit(page_size: int) -> None:
    """The number of items that a page may have.

    Raises:
        Refused: It is outside 1 to 1000.
    """
    if page_size > MAX_PAGE_SIZE:
        raise Refused(f"Exceeded limit maximum ({page_size} > {MAX_PAGE_SIZE}).")
    if page_size < 1:
        raise Refused("Limit must be at least 1.")


def _after(fields: Any) -> Position | None:
    if fields is None:
        return None
    if not isinstance(fields, dict):
        raise Malformed("DecodingFailure at .after: an object was expected")
    migration_id = integer(fields, "after_migration_id", INT64, below=".after")
    text = fields.get("after_record_time")
    if not isinstance(text, str):
        raise Malformed("DecodingFailure at .after.after_record_time: a string was expected")
    try:
        return Position(migration_id, parse_instant(text))
    except ValueError as error:
        shown = text.encode(errors="replace").decode()  # an escape may name half a character
        raise Refused(
            f"Invalid timestamp: Text '{shown}' could not be parsed at index 0"
        ) from error


def check_encoding(value: str | None) -> None:
    """The encoding that a query requests.

    Raises:
        MalformedQuery: No such encoding.
        Unserved: protobuf_json.
    """
    if not _is_supported(value):
        raise MalformedQuery("daml_value_encoding", f"{value} is no DamlValueEncoding")


def check_lossless(value: Any) -> None:
    """The encoding that a request of the first version names.

    Raises:
        Malformed: It is no boolean.
        Unserved: The lossless one, which is protobuf_json.
    """
    if value is True:
        raise Unserved("This mock serves updates with lossless false only.")
    if value is not None and value is not False:
        raise Malformed("DecodingFailure at .lossless: a boolean was expected")


def _is_supported(encoding: Any) -> bool:
    """Compact JSON is the default, and all that the mock can write."""
    if encoding == "protobuf_json":
        raise Unserved("This mock serves daml_value_encoding compact_json only.")
    return encoding is None or encoding == "compact_json"
