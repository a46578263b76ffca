"""``TABLE(INFER_SCHEMA(…))``: the columns of staged Parquet files, as a table of the query.

https://docs.snowflake.com/en/sql-reference/functions/infer_schema
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from fakesnow.params import MutableParams, pop_qmark_param
from sqlglot import Expr, exp

from mocks.snowflake import stage_files, stages
from mocks.snowflake.errors import does_not_exist, invalid, unsupported

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session

_SCHEMA = pa.schema(
    {
        "COLUMN_NAME": pa.string(), "TYPE": pa.string(), "NULLABLE": pa.bool_(),
        "EXPRESSION": pa.string(), "FILENAMES": pa.string(), "ORDER_ID": pa.int64(),
    }
)  # fmt: skip
_TYPES: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
    (pa.types.is_boolean, "BOOLEAN"),
    (pa.types.is_integer, "NUMBER(38, 0)"),
    (pa.types.is_floating, "REAL"),
    (pa.types.is_string, "TEXT"),
    (pa.types.is_large_string, "TEXT"),
    (pa.types.is_date32, "DATE"),
    (pa.types.is_struct, "VARIANT"),
)
_LOGICAL = "USE_LOGICAL_TYPE"


@contextlib.contextmanager
def as_tables(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Iterator[None]:
    """Give a query the columns of files in place of its calls, in place.

    Raises:
        StatementFailed: 2 for files and types of which it isn't known what Snowflake infers.
    """
    calls = [e for e in expression.find_all(exp.Anonymous) if e.name.upper() == "INFER_SCHEMA"]
    with contextlib.ExitStack() as lent:
        for number, call in enumerate(calls):
            source = call.parent
            if not isinstance(source, exp.TableFromRows):
                raise invalid("syntax error: INFER_SCHEMA is a table function")
            name = f"_inferred_{number}"
            columns = _columns(cursor.session, _arguments(call, params))
            lent.enter_context(cursor.session.temporary_rows(name, columns))
            alias = source.args.get("alias") or exp.TableAlias(this=exp.to_identifier("_INFERRED"))
            source.replace(exp.Table(this=exp.to_identifier(name, quoted=True), alias=alias))
        yield


def _arguments(call: exp.Anonymous, params: MutableParams | None) -> dict[str, str]:
    found = {}
    for argument in list(call.expressions):
        name, value = argument.this.name.upper(), argument.expression
        if name not in ("LOCATION", "FILE_FORMAT", "IGNORE_CASE"):
            raise unsupported(f"INFER_SCHEMA with {name}")
        if isinstance(value, exp.Placeholder):
            found[name] = str(pop_qmark_param(params, value.root(), value))
            value.replace(exp.null())  # of which those after it are not counted any more
        else:
            found[name] = str(value.this)
    for name in ("LOCATION", "FILE_FORMAT"):
        if name not in found:
            raise invalid(f"INFER_SCHEMA without {name}")
    return found


def _columns(session: "Session", arguments: dict[str, str]) -> pa.Table:
    """A row for each column of the files, in the order of the first file that has it."""
    reference = arguments["LOCATION"]
    table = stage_files.table_of(session, reference)
    urls = stage_files.urls_under(session, stages.url_of(session, reference, table))
    options = stages.named_format(session, arguments["FILE_FORMAT"])
    if str(options.get("TYPE")).upper() != "PARQUET":
        raise unsupported("INFER_SCHEMA of anything but Parquet files")
    is_logical = str(options.get(_LOGICAL)).upper() == "TRUE"
    if not urls:
        raise does_not_exist("Remote file", reference)
    found: dict[str, dict[str, Any]] = {}
    for url in urls:
        file = stage_files.file(session, url)
        for column in pq.read_schema(pa.BufferReader(file.content)):
            kind = _type(column, is_logical=is_logical)
            name = column.name
            if arguments.get("IGNORE_CASE", "").upper() == "TRUE":
                name = name.upper()
            known = found.setdefault(name, _row(name, kind, column.nullable, len(found)))
            if known["TYPE"] != kind:
                raise unsupported(f"INFER_SCHEMA of files where {name} is of several types")
            known["FILENAMES"] = ", ".join(filter(None, (known["FILENAMES"], file.path)))
    return pa.Table.from_pylist(list(found.values()), schema=_SCHEMA)


def _row(name: str, kind: str, is_nullable: bool, number: int) -> dict[str, Any]:  # noqa: FBT001
    told = f"$1:{name}::{kind}"
    values = (name, kind, is_nullable, told, "", number)
    return dict(zip(_SCHEMA.names, values, strict=True))


def _type(column: pa.Field, *, is_logical: bool) -> str:
    kind = column.type
    for fits, told in _TYPES:
        if fits(kind):
            return told
    if pa.types.is_decimal(kind):
        return f"NUMBER({kind.precision}, {kind.scale})"
    is_wall_clock = pa.types.is_timestamp(kind) and kind.tz is None
    if is_logical and (is_wall_clock or pa.types.is_time(kind)):
        return "TIMESTAMP_NTZ" if is_wall_clock else "TIME"
    hint = f"{_LOGICAL} = TRUE" if is_wall_clock or pa.types.is_time(kind) else "create the table"
    raise unsupported(f"INFER_SCHEMA of the column {column.name}, {kind}", hint)
