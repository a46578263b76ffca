"""The statements that are blocks, run blocks or make statements of texts; by their first words."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from mocks.snowflake.admission import COMMENTS
from mocks.snowflake.errors import invalid, unsupported
from mocks.snowflake.results import Result
from mocks.snowflake.scripting import procedures, running, values

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor

Run = Callable[["Cursor", str, running.Inner | None], Result]


def _block(cursor: "Cursor", text: str, _: running.Inner | None) -> Result:
    return running.run(cursor.session, text, running.Frame())


def _immediate(cursor: "Cursor", text: str, _: running.Inner | None) -> Result:
    """EXECUTE IMMEDIATE outside of blocks: of a constant or a session variable."""
    found = running.IMMEDIATE.fullmatch(text)
    if found is None or found["using"]:
        raise unsupported("EXECUTE IMMEDIATE … USING outside of a block")
    value = values.of_expression(found["text"])
    if not isinstance(value, exp.Literal | exp.RawString | exp.Parameter):
        raise invalid("syntax error: EXECUTE IMMEDIATE takes a text or a variable")
    if isinstance(value, exp.Parameter):
        held = cursor.session.cursor().run_parsed(values.query_of(value))
        (statement,) = held.table.column(0).to_pylist()
        return cursor.session.cursor().run(statement)
    return cursor.session.cursor().run(value.name)


_KINDS: tuple[tuple[re.Pattern[str], Run], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), run)
    for pattern, run in (
        (r"declare\b", _block),
        (rf"begin\b(?!{COMMENTS}(;|$|transaction\b|work\b|name\b))", _block),
        (r"execute\s+immediate\b", _immediate),
        (r"call\b", procedures.call),
    )
)


def runner(head: str) -> Run | None:
    """Return the function that runs a statement of Scripting, by how it begins; None for others."""
    return next((run for pattern, run in _KINDS if pattern.match(head)), None)
