"""Messages between the server and a handler's process: MessagePack, each with its length before it.

The server decodes nothing but these types: what a handler sends can be no code.
"""

import socket
import struct
from typing import Any

import msgspec

LONGEST_BYTES = 256 * 2**20
"""A longer message comes from no honest process."""
_LENGTH = struct.Struct("!I")


class Definition(msgspec.Struct, array_like=True, frozen=True):
    """A function's code, and Snowflake's and DuckDB's names for the types it takes and returns."""

    key: str
    name: str
    text: str
    filename: str
    handler: str
    arguments: tuple[tuple[str, str], ...]
    returns: tuple[str, str]
    is_strict: bool


class Define(msgspec.Struct, array_like=True, tag=True):
    """Compile a function, and keep it under its key."""

    definition: Definition


class Texts(msgspec.Struct, array_like=True):
    """A column of texts as Arrow keeps it: UTF-8, and 32-bit offsets of where each begins."""

    offsets: memoryview
    content: memoryview
    nulls: list[int]


class Rows(msgspec.Struct, array_like=True, tag=True):
    """Call a function once per row; the columns are its arguments.

    They are `Texts` (numbers and JSON as well), or lists of another type's values.
    """

    key: str
    count: int
    columns: list[Any]


class SentRows(msgspec.Struct, array_like=True, tag="Rows"):
    """The same as it is received."""

    key: str
    count: int
    columns: list[msgspec.Raw]


class Working(msgspec.Struct, array_like=True, tag=True):
    """At least one more row is done, the answer follows."""


class Results(msgspec.Struct, array_like=True, tag=True):
    """One value per row; numbers and JSON are text. Without rows, a function was defined."""

    values: msgspec.Raw = msgspec.Raw(b"\x90")


class Failed(msgspec.Struct, array_like=True, tag=True):
    """The user's code raised; its traceback."""

    traceback: str


class Refused(msgspec.Struct, array_like=True, tag=True):
    """The user's code imports a module that is not of the standard library."""

    module: str


Request = Define | Rows
Reply = Working | Results | Failed | Refused
encode = msgspec.msgpack.Encoder().encode
decode_request = msgspec.msgpack.Decoder(Define | SentRows).decode
decode_reply = msgspec.msgpack.Decoder(Reply).decode


class Channel:
    """One end of a socket that messages are sent over."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self._received = bytearray(2**16)

    def send(self, message: Request | Reply) -> None:
        """Send a message, however long it takes the other side to read it."""
        content = encode(message)
        self.socket.sendall(_LENGTH.pack(len(content)))
        self.socket.sendall(content)

    def receive(self) -> memoryview:
        """The content of the next message; the one before it is overwritten.

        Raises:
            EOFError: The other side has closed the channel.
            ValueError: It is longer than messages are.
        """
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size))
        if length > LONGEST_BYTES:
            raise ValueError(f"a message of {length} bytes")
        if length > len(self._received):
            self._received = bytearray(length)
        return self._read(length)

    def _read(self, length: int) -> memoryview:
        content = memoryview(self._received)[:length]
        rest = content
        while rest:
            count = self.socket.recv_into(rest)
            if not count:
                raise EOFError
            rest = rest[count:]
        return content
