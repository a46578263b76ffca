"""Replacements for the parts of fakesnow's modules that no subclass reaches.

One function a patch, with its reason; `tests/unit/snowflake_mock/test_upstream.py` fails once one
of them isn't needed or doesn't work any more.
"""

import copy
import warnings
from collections import defaultdict, deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakesnow import logger
from fakesnow.transforms import file_format, stage
from sqlglot import Expr, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.expressions import core

if TYPE_CHECKING:
    from sqlglot.generator import Generator


def keep_internal_stages_in(folder: Path) -> None:
    """Files put on internal stages outlive the server.

    fakesnow makes a temporary folder when it is imported, and reads its name from the module each
    time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stage.LOCAL_BUCKET_PATH = str(folder)


def keep_default_escape() -> None:
    """CREATE FILE FORMAT notes Snowflake's own default of ESCAPE_UNENCLOSED_FIELD.

    fakesnow notes NONE, because DuckDB's reader knows no such escape.
    """
    file_format.CSV_DEFAULT_OPTIONS["ESCAPE_UNENCLOSED_FIELD"] = "\\"


def tell_sql(tell: Callable[[str], None]) -> None:
    """Tell the SQL that fakesnow gives DuckDB, and not what it then selects as the answer.

    It tells of the latter without values, of the former with them, if None.
    """

    def told(sql: str, *values: object) -> None:
        if values:
            tell(sql)

    logger.log_sql = told


def silence_arrow_output() -> None:
    """DuckDB 2 warns of a copy each time that fakesnow's cursor takes its rows as Arrow."""
    warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")


def share_notes() -> None:
    """A copy of a node has notes of its own, and shares what stands in them, which nobody changes.

    sqlglot copies that in depth as well, by Python's own `deepcopy`: most of a copy's time.
    """
    core.deepcopy = lambda kept: kept.copy() if type(kept) is dict else copy.deepcopy(kept)


def reuse_generators() -> None:
    """A generator of SQL serves one statement after another.

    Each of sqlglot's compiled generators keeps some memory for good, and a statement takes several:
    960 for each run of the pipeline.
    """
    idle: defaultdict[type[Dialect], deque[Generator]] = defaultdict(deque)
    generate = Dialect.generate

    def generated(self: Dialect, expression: Expr, copy: bool = True, **opts: Any) -> str:  # noqa: FBT001, FBT002 -- sqlglot's signature
        if opts or self.settings:
            return generate(self, expression, copy, **opts)
        unused = idle[type(self)]
        try:
            generator = unused.pop()
        except IndexError:
            generator = self.generator()
        sql = generator.generate(expression, copy=copy)
        unused.append(generator)  # but after an error, in the midst of a statement
        return sql

    Dialect.generate = generated


def read_formats_as_written() -> None:
    """TO_CHAR, TO_TIMESTAMP, TO_DATE and TO_TIME keep their formats.

    Of a format beside a cast sqlglot makes one of STRFTIME, in which letters lose their case, and
    forgets that of an ISO date.
    """
    for name in ("TO_CHAR", "TO_VARCHAR"):
        Snowflake.Parser.FUNCTIONS[name] = _to_char

    moments = ("TO_TIMESTAMP", "TO_TIMESTAMP_NTZ", "TO_DATE", "TO_TIME")
    for name in (*moments, *(f"TRY_{name}" for name in moments), "DATE"):
        Snowflake.Parser.FUNCTIONS[name] = _with_its_format(Snowflake.Parser.FUNCTIONS[name])


def _with_its_format(build: Callable[..., Expr]) -> Callable[..., Expr]:
    """A builder of sqlglot's, whose nodes keep the format as it is written."""

    def built(arguments: list[Expr], **given: Any) -> Expr:
        form = arguments[1].copy() if len(arguments) > 1 else None
        node = build(arguments, **given)
        if isinstance(node, exp.StrToTime | exp.TsOrDsToDate | exp.TsOrDsToTime):
            node.set("format", form)
        return node

    return built


def _to_char(arguments: list[Expr]) -> Expr:
    value, *form = arguments
    return exp.ToChar(this=value, format=form[0] if form else None)
