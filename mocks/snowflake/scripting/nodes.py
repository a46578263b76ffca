"""The parts of a Snowflake Scripting block, as `reading` finds them.

Expressions and statements stay text: the session evaluates them. ``at`` is where a part begins in
the block's text.
https://docs.snowflake.com/en/developer-guide/snowflake-scripting/index
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """DECLARE or LET of a value; without a type its first value's type is the variable's."""

    at: int
    name: str
    type: str
    value: str


@dataclass(frozen=True)
class CursorFor:
    """DECLARE or LET of a cursor for a query or a RESULTSET."""

    at: int
    name: str
    source: str


@dataclass(frozen=True)
class ResultSet:
    """DECLARE, LET or assignment of a RESULTSET, with the statement that fills it."""

    at: int
    name: str
    statement: str


@dataclass(frozen=True)
class OwnException:
    """DECLARE of an exception with its number and message."""

    at: int
    name: str
    number: int
    message: str


@dataclass(frozen=True)
class Assign:
    """``name := expression``."""

    at: int
    name: str
    value: str


@dataclass(frozen=True)
class If:
    """IF and CASE: the body of the first condition that is true, or the last body."""

    at: int
    branches: tuple[tuple[str, "Body"], ...]
    otherwise: "Body"


@dataclass(frozen=True)
class Loop:
    """WHILE, REPEAT and LOOP: conditions to go on before a round and to end after one."""

    at: int
    go_on: str
    until: str
    body: "Body"
    label: str


@dataclass(frozen=True)
class ForNumbers:
    """FOR … IN [REVERSE] low TO high."""

    at: int
    name: str
    low: str
    high: str
    is_reverse: bool
    body: "Body"
    label: str


@dataclass(frozen=True)
class ForRows:
    """FOR … IN a cursor or a RESULTSET."""

    at: int
    name: str
    source: str
    body: "Body"
    label: str


@dataclass(frozen=True)
class Leave:
    """BREAK, or CONTINUE if `goes_on`, of the innermost loop or the one with the label."""

    at: int
    label: str
    goes_on: bool


@dataclass(frozen=True)
class Return:
    """RETURN of an expression, or of a table if `is_table`."""

    at: int
    value: str
    is_table: bool


@dataclass(frozen=True)
class Raise:
    """RAISE of an exception; without a name, of the one that is handled."""

    at: int
    name: str


@dataclass(frozen=True)
class Open:
    """OPEN of a cursor, with the expressions for its question marks."""

    at: int
    cursor: str
    using: str


@dataclass(frozen=True)
class Fetch:
    """FETCH of a cursor's next row into variables."""

    at: int
    cursor: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Close:
    """CLOSE of a cursor."""

    at: int
    cursor: str


@dataclass(frozen=True)
class Statement:
    """A SQL statement; the columns of its only row go into variables if there are any."""

    at: int
    text: str
    into: tuple[str, ...] = ()


@dataclass(frozen=True)
class Handler:
    """WHEN name OR name … THEN; after it the block is left, or goes on if `goes_on`."""

    names: tuple[str, ...]
    body: "Body"
    goes_on: bool


@dataclass(frozen=True)
class Block:
    """DECLARE … BEGIN … EXCEPTION … END."""

    at: int
    declared: "Body"
    body: "Body"
    handlers: tuple[Handler, ...]


Node = (
    Variable | CursorFor | ResultSet | OwnException | Assign | If | Loop | ForNumbers | ForRows
    | Leave | Return | Raise | Open | Fetch | Close | Statement | Block
)  # fmt: skip
Body = tuple[Node, ...]
