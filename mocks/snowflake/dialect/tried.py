"""TRY, which DuckDB has over neither aggregates nor queries."""

from collections.abc import Callable

from sqlglot import Expr, exp

from mocks.snowflake.dialect import scopes
from mocks.snowflake.dialect.json_values import call
from mocks.snowflake.dialect.typed import DONE


def tried(make: Callable[[Expr], Expr], text: Expr) -> Expr:
    """Return what `make` writes for a text, with NULL where that fails."""
    if scopes.is_of_a_row(text):
        return call("try", make(text))
    element = exp.column("_element")
    made = exp.Lambda(this=call("try", make(element)), expressions=[element.this], colon=True)
    for part in made.walk():
        part.meta[DONE] = True
    return call("list_first", call("list_transform", call("list_value", text), made))
