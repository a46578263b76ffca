"""Functions of BINARY that DuckDB has for text alone, or for its own bit strings.

https://docs.snowflake.com/en/sql-reference/functions/bitand
"""

import operator
from collections.abc import Callable

from mocks.snowflake.errors import unsupported

_BITS: dict[str, Callable[[int, int], int]] = {
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
}


def bits(called: str, one: bytes, other: bytes, padded: str) -> bytes:
    """BITAND, BITOR and BITXOR, bit by bit; a shorter value is padded at the side that is named."""
    size = max(len(one), len(other))
    if len(one) != len(other) and not padded:
        raise unsupported("bits of BINARY values of several lengths without LEFT or RIGHT")
    pad = bytes.rjust if padded.upper() == "LEFT" else bytes.ljust
    numbers = (int.from_bytes(pad(value, size, b"\0")) for value in (one, other))
    return _BITS[called](*numbers).to_bytes(size)


def substring(value: bytes, start: int, length: int) -> bytes:
    """SUBSTR: from a position that is 1 for the first byte and less than 0 from the end."""
    begin = max(start - 1, 0) if start >= 0 else len(value) + start
    return value[begin : begin + max(length, 0)] if begin >= 0 else b""


def position(value: bytes, wanted: bytes, start: int) -> int:
    """POSITION and CHARINDEX: where a value is found first, 1 for the first byte; 0 for nowhere."""
    return value.find(wanted, max(start - 1, 0)) + 1
