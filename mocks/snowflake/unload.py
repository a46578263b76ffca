"""COPY INTO a stage: the rows of a table or query as files.

https://docs.snowflake.com/en/sql-reference/sql/copy-into-location
"""

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake import copy_csv, description, stage_files, stages
from mocks.snowflake.copy_options import FormatOptions, given_format
from mocks.snowflake.errors import StatementFailed, invalid, unsupported
from mocks.snowflake.results import Result, rows

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor

_COLUMNS = ("rows_unloaded", "input_bytes", "output_bytes")
_VALUES = (("JSON",), ("ARRAY",), ("OBJECT",))
_SWITCHES = ("SINGLE", "OVERWRITE", "HEADER")


@dataclass(frozen=True)
class _Unload:
    """An unloading, resolved."""

    reference: str
    query: exp.Query
    switches: dict[str, bool]
    file_format: FormatOptions

    @property
    def kind(self) -> str:
        """The type of the file format."""
        return str(self.file_format.get("TYPE", "CSV")).upper()


def is_unload(expression: Expr) -> bool:
    """Tell whether a COPY INTO names a location in place of a table."""
    target = expression.this
    return isinstance(target, exp.Table) and not isinstance(
        target.this, exp.Identifier | exp.Anonymous | exp.DynamicIdentifier
    )


def run(cursor: "Cursor", expression: Expr) -> Result:
    """Write the rows into one file.

    Raises:
        StatementFailed: 2 for an option, a format or a place that isn't answered here.
    """
    unload = _resolve(cursor, expression)
    lines, header = _records(cursor, unload)
    if not lines:
        return rows(_COLUMNS, [(0, 0, 0)], ("BIGINT",) * 3)
    form = copy_csv.CsvFormat.of(unload.file_format) if unload.kind == "CSV" else None
    if form is None:
        text = "".join(f"{value}\n" for (value,) in lines)
    else:
        named = [header] if unload.switches.get("HEADER") else []
        text = copy_csv.write([*named, *lines], form)
    packs = str(unload.file_format.get("COMPRESSION", "AUTO")).upper() != "NONE"
    content = gzip.compress(text.encode(), mtime=0) if packs else text.encode()
    place = _place(cursor, unload, ".gz" if packs else "")
    if place.exists() and not unload.switches.get("OVERWRITE"):
        raise unsupported(f"unloading into {place.name}, which is on the stage", "OVERWRITE = TRUE")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return rows(_COLUMNS, [(len(lines), len(text.encode()), len(content))], ("BIGINT",) * 3)


def _resolve(cursor: "Cursor", expression: Expr) -> _Unload:
    reference = expression.this.this.name.strip("'")
    if not reference.startswith("@"):
        raise unsupported("COPY INTO a location that is no stage")
    switches, given = {}, None
    for option in expression.args.get("params") or []:
        name = option.this.name.upper()
        value = option.args.get("expression")
        if name == "FILE_FORMAT":
            given = given_format(option)
        elif name in _SWITCHES and isinstance(value, exp.Boolean):
            switches[name] = bool(value.this)
        elif name != "MAX_FILE_SIZE":
            raise unsupported(f"COPY INTO a stage with {name}")
    form = stages.resolve_format(cursor.session, given, reference) or {}
    if str(form.get("TYPE", "CSV")).upper() not in ("CSV", "JSON"):
        raise unsupported(f"unloading as {form['TYPE']}")
    source = expression.args["files"][0]
    if isinstance(source, exp.Subquery):
        query = source.this
    else:
        query = exp.select("*").from_(source.copy())
    return _Unload(reference, query, switches, form)


def _records(cursor: "Cursor", unload: _Unload) -> tuple[list[copy_csv.Record], copy_csv.Record]:
    """The rows as texts, and the names of the columns."""
    described = description.describe(cursor, unload.query.sql(dialect="snowflake"))
    names = described.table.column_names
    if unload.kind == "JSON" and described.types not in _VALUES:
        raise invalid("JSON is unloaded from one column of the type VARIANT, OBJECT or ARRAY")
    given = [f"_{number}" for number in range(len(names))]
    alias = exp.TableAlias(
        this=exp.to_identifier("_U"), columns=[exp.to_identifier(name) for name in given]
    )
    source = exp.Subquery(this=unload.query.copy(), alias=alias)
    query = exp.select(*(exp.cast(exp.column(name), "text") for name in given)).from_(source)
    result = cursor.session.transaction.read(lambda: cursor.run_steps(query, None))
    columns = [column.to_pylist() for column in result.table.columns]
    return [list(row) for row in zip(*columns, strict=True)], list(names)


def _place(cursor: "Cursor", unload: _Unload, packed: str) -> Path:
    session = cursor.session
    table = stage_files.table_of(session, unload.reference)
    url = stages.url_of(session, unload.reference, table)
    if stages.is_external(url):
        raise unsupported("unloading to an external stage")
    is_folder = url.endswith("/") or "/" not in unload.reference
    if unload.switches.get("SINGLE"):
        place = Path(url) / "data" if is_folder else Path(url)
    else:
        begin = f"{url.rstrip('/')}/data" if is_folder else url
        place = Path(f"{begin}_0_0_0.{unload.kind.lower()}{packed}")
    if not stages.holds(session, place):
        raise StatementFailed(91016, "22000", "The place is not on the stage.")
    return place
