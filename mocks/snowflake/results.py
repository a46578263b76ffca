"""The results of statements, kept for a while within a limit of bytes.

They serve RESULT_SCAN, LAST_QUERY_ID and results that are fetched later (execute_async). Snowflake
keeps results for 24 hours; here the oldest give way, and asking for one of those is an error.
"""

import threading
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

KEPT_BYTES = 64 * 2**20
BYTES_AT_REST = 8 * 2**20
KEPT_RESULTS = 200


@dataclass(frozen=True)
class Result:
    """Rows with the types that DuckDB gave them."""

    table: pa.Table
    types: tuple[str, ...]
    """DuckDB's name of each column's type: Arrow has none for JSON."""
    rowcount: int
    query_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    type_id: int = 0
    """Snowflake's number for the kind of statement."""


def status(text: str = "Statement executed successfully.", rowcount: int = 1) -> Result:
    """The one-row answer of statements that have no rows."""
    return Result(pa.table({"status": [text]}), ("VARCHAR",), rowcount)


def dropped(name: str, *, was_there: bool) -> Result:
    """The answer of a DROP; without an object it is that of DROP … IF EXISTS."""
    already = f"Drop statement executed successfully ({name} already dropped)."
    return status(f"{name} successfully dropped." if was_there else already)


def counts(numbers: dict[str, int]) -> Result:
    """The answer of statements that count the rows they changed, under Snowflake's column names."""
    table = pa.table({name: [number] for name, number in numbers.items()})
    return Result(table, ("BIGINT",) * len(numbers), sum(numbers.values()))


def rows(names: Sequence[str], values: Sequence[tuple], types: Sequence[str]) -> Result:
    """An answer made here rather than by DuckDB."""
    arrow = {
        "VARCHAR": pa.string(), "BIGINT": pa.int64(), "TIMESTAMP": pa.timestamp("us"),
        "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", "UTC"),
    }  # fmt: skip
    columns = list(zip(*values, strict=True)) or [()] * len(names)
    arrays = [pa.array(c, arrow[t]) for c, t in zip(columns, types, strict=True)]
    return Result(pa.table(arrays, names=list(names)), tuple(types), len(values))


class Results:
    """The latest results by query id.

    They are kept as Arrow's stream format has them: a table from DuckDB has room for 2,048 rows in
    each column, whatever it holds.
    """

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._results: OrderedDict[str, _Packed] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def keep(self, result: Result) -> None:
        """Keep a result, letting the oldest go; one that is too large alone isn't kept at all."""
        if result.table.nbytes > self._kept_bytes:
            return
        packed = _Packed(_pack(result.table), result.types, result.rowcount, result.type_id)
        with self._lock:
            self._results[result.query_id] = packed
            self._bytes += packed.rows.size
            self._shrink(self._kept_bytes)

    def rest(self) -> None:
        """Let all go but the newest few; for a time without sessions."""
        with self._lock:
            self._shrink(BYTES_AT_REST)

    def _shrink(self, kept_bytes: int) -> None:
        while self._bytes > kept_bytes or len(self._results) > KEPT_RESULTS:
            _, oldest = self._results.popitem(last=False)
            self._bytes -= oldest.rows.size

    def get(self, query_id: str) -> Result | None:
        """A result that is still kept."""
        with self._lock:
            packed = self._results.get(query_id)
        if packed is None:
            return None
        table = pa.ipc.open_stream(packed.rows).read_all()
        return Result(table, packed.types, packed.rowcount, query_id, packed.type_id)


@dataclass(frozen=True)
class _Packed:
    rows: pa.Buffer
    types: tuple[str, ...]
    rowcount: int
    type_id: int


def _pack(table: pa.Table) -> pa.Buffer:
    packed = pa.BufferOutputStream()
    with pa.ipc.new_stream(packed, table.schema) as stream:
        stream.write_table(table)
    return packed.getvalue()
