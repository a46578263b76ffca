"""Rows that a statement reads and no table holds: of files, results and table functions."""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Expr

from mocks.snowflake import infer_schema, result_scan, stage_files, table_functions

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor

_LENDERS: tuple[tuple[str, Callable[..., contextlib.AbstractContextManager[None]]], ...] = (
    ("@", lambda cursor, expression, _: stage_files.as_tables(cursor, expression)),
    ("INFER_SCHEMA", infer_schema.as_tables),
    ("RESULT_SCAN", lambda cursor, expression, _: result_scan.as_tables(cursor, expression)),
    (table_functions.MARK, table_functions.as_tables),
)
"""Marks in the text of such a statement, and what lends it the rows."""


@contextlib.contextmanager
def lent(
    cursor: "Cursor", expression: Expr, text: str, params: MutableParams | None
) -> Iterator[None]:
    """Give a statement these rows as tables, in place; ``text`` is the statement's."""
    with contextlib.ExitStack() as lenders:
        for mark, as_tables in _LENDERS:
            if mark in text.upper():
                lenders.enter_context(as_tables(cursor, expression, params))
        yield
