"""Rows on the wire: Arrow as the connector's nanoarrow iterator reads it.

Its converters: snowflake-connector-python, `nanoarrow_cpp/ArrowIterator/CArrowChunkIterator.cpp`.
"""

import re
from typing import TypedDict

import pyarrow as pa
import pyarrow.compute as pc

from mocks.snowflake import variant_values
from mocks.snowflake.duck_types import in_snowflakes_words
from mocks.snowflake.errors import StatementFailed, unsupported
from mocks.snowflake.results import Result

TEXT_BYTES = 16 * 2**20
BINARY_BYTES = 8 * 2**20
_SCALE_9 = {"precision": 0, "scale": 9}
_INTEGERS = {
    "TINYINT": 3,
    "SMALLINT": 5,
    "INTEGER": 10,
    "BIGINT": 18,  # COUNT, ROW_NUMBER and their like are NUMBER(18,0)
    "HUGEINT": 38,
    "UTINYINT": 3,
    "USMALLINT": 5,
    "UINTEGER": 10,
    "UBIGINT": 20,
}
_OTHERS: dict[str, tuple[str, dict[str, int]]] = {
    "VARCHAR": ("text", {"length": TEXT_BYTES, "byteLength": TEXT_BYTES}),
    "UUID": ("text", {"length": TEXT_BYTES, "byteLength": TEXT_BYTES}),
    '"NULL"': ("text", {"length": TEXT_BYTES, "byteLength": TEXT_BYTES}),
    "JSON": ("variant", {}),
    "BOOLEAN": ("boolean", {}),
    "DOUBLE": ("real", {}),
    "FLOAT": ("real", {}),
    "DATE": ("date", {}),
    "TIME": ("time", _SCALE_9),
    "TIMESTAMP": ("timestamp_ntz", _SCALE_9),
    "TIMESTAMP_NS": ("timestamp_ntz", _SCALE_9),
    "TIMESTAMP WITH TIME ZONE": ("timestamp_tz", _SCALE_9),
    "ARRAY": ("array", {}),
    "OBJECT": ("object", {}),
    "TIMESTAMP_LTZ": ("timestamp_ltz", _SCALE_9),
    "BLOB": ("binary", {"length": BINARY_BYTES, "byteLength": BINARY_BYTES}),
}
_SEMI_STRUCTURED = frozenset({"variant", "array", "object"})
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


class ColumnType(TypedDict):
    """A column as the answer's ``rowtype`` describes it."""

    name: str
    database: str
    schema: str
    table: str
    nullable: bool
    type: str
    byteLength: int | None
    length: int | None
    scale: int | None
    precision: int | None
    collation: str | None


def column_types(result: Result) -> list[ColumnType]:
    """Each column of a result as Snowflake describes it."""
    names = result.table.column_names
    return [_column_type(n, t) for n, t in zip(names, result.types, strict=True)]


def _column_type(name: str, duck_type: str) -> ColumnType:
    column: ColumnType = {
        "name": name,
        "database": "",
        "schema": "",
        "table": "",
        "nullable": True,
        "type": "",
        "byteLength": None,
        "length": None,
        "scale": None,
        "precision": None,
        "collation": None,
    }
    if decimal := _DECIMAL.fullmatch(duck_type):
        sizes = {"precision": int(decimal[1]), "scale": int(decimal[2])}
        return column | {"type": "fixed", **sizes}  # type: ignore[return-value]
    if duck_type in _INTEGERS:
        return column | {"type": "fixed", "precision": _INTEGERS[duck_type], "scale": 0}
    if duck_type not in _OTHERS:
        if duck_type.startswith(("STRUCT", "TUPLE")):
            raise unsupported("a row as one column of a result", "name its columns")
        raise unsupported(f"a column of type {in_snowflakes_words(duck_type)} in a result")
    kind, sizes = _OTHERS[duck_type]
    return column | {"type": kind, **sizes}  # type: ignore[return-value]


def to_ipc(table: pa.Table, columns: list[ColumnType]) -> bytes:
    """An Arrow stream of these rows, as the connector reads them."""
    arrays = [
        _to_wire(_displayed(array.combine_chunks(), column["type"]), column["type"])
        for array, column in zip(table.columns, columns, strict=True)
    ]
    schema = pa.schema([_field(a, c) for a, c in zip(arrays, columns, strict=True)])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        stream.write_table(pa.Table.from_arrays(arrays, schema=schema))
    return sink.getvalue().to_pybytes()


def _field(array: pa.Array, column: ColumnType) -> pa.Field:
    metadata = {
        "logicalType": column["type"].upper(),
        "precision": str(column["precision"] or 38),
        "scale": str(column["scale"] or 0),
        "charLength": str(column["length"] or 0),
    }
    return pa.field(column["name"], array.type, metadata=metadata)


def _displayed(array: pa.Array, kind: str) -> pa.Array:
    if kind not in _SEMI_STRUCTURED:
        return array
    return pa.array([variant_values.display(text) for text in array.to_pylist()], pa.string())


def _to_wire(array: pa.Array, wanted: str) -> pa.Array:
    kind = array.type
    if pa.types.is_timestamp(kind):
        return _timestamp(array, has_zone=wanted == "timestamp_tz")
    if pa.types.is_time(kind):
        return pc.multiply(array.cast(pa.time64("us")).cast(pa.int64()), 1000)
    if pa.types.is_decimal(kind) and kind.scale == 0:
        return whole_number(array)
    if pa.types.is_unsigned_integer(kind):
        return array.cast(pa.int64())
    if pa.types.is_null(kind):
        return array.cast(pa.string())  # an untyped NULL is TEXT
    return array


def whole_number(array: pa.Array) -> pa.Array:
    """Integers where they fit, as Snowflake sends them: the connector makes `int` of those."""
    try:
        return array.cast(pa.int64())
    except pa.ArrowInvalid:
        numbers = (number for number in array.to_pylist() if number is not None)
        if any(number.adjusted() >= 38 for number in numbers):  # HUGEINT holds somewhat more
            raise StatementFailed(100046, "22003", "Number out of representable range") from None
        return array.cast(pa.decimal128(38, 0))


def _timestamp(array: pa.Array, *, has_zone: bool) -> pa.StructArray:
    """Seconds and nanoseconds of the second; a NULL stays one (fakesnow sends 1970 for it)."""
    array = array.cast(pa.timestamp("us", tz=array.type.tz))
    whole = pc.floor_temporal(array, unit="second").cast(pa.int64())
    micros = pc.subtract(array.cast(pa.int64()), whole)
    parts = {
        "epoch": pc.divide(whole, 1_000_000),
        "fraction": pc.multiply(micros, 1000).cast(pa.int32()),
    }
    if has_zone:
        utc = 1440  # minutes east of UTC, plus a day
        parts["timezone"] = pa.array([utc] * len(array), pa.int32())
    return pa.StructArray.from_arrays(
        list(parts.values()), names=list(parts), mask=pc.is_null(array)
    )
