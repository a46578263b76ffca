"""Values on their way into columns: INSERT, UPDATE and MERGE convert to and from VARIANT.

A text becomes a TIMESTAMP_TZ or TIMESTAMP_LTZ by its offset, of which the former keeps UTC's alone,
and BINARY by its hexadecimal digits.

https://docs.snowflake.com/en/sql-reference/data-type-conversion#data-types-that-can-be-cast
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake import statements
from mocks.snowflake.declared_columns import LOCAL_KIND, Declarations
from mocks.snowflake.dialect import casts, combining, names_of_functions, scopes, texts
from mocks.snowflake.dialect.arithmetic import Number
from mocks.snowflake.dialect.json_values import (
    FLOATS,
    JSON,
    WITH_ZONE,
    as_text,
    call,
    is_written,
    text_of,
    variant_of,
)
from mocks.snowflake.errors import compilation

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

_AS_IT_IS = frozenset({'"NULL"', scopes.UNKNOWN})


def convert(expression: Expr, session: "Session") -> Expr:
    """Write the conversions that Snowflake makes by itself."""
    if isinstance(expression, exp.Insert):
        _convert_rows(expression, session)
    elif isinstance(expression, exp.Update | exp.Merge):
        _convert_values(expression, session)
    return expression


def _convert_values(scope: Expr, session: "Session") -> None:
    pairs = list(_pairs(scope))
    _refuse_others([column.name for column, _ in pairs], _types_of(scope.this, session))
    flat = [part for pair in pairs for part in pair]
    kinds = scopes.types_of(session, scope, flat)
    local = _local_columns(scope.this, session) if WITH_ZONE in kinds else frozenset()
    for number, (column, value) in enumerate(pairs):
        column_type, kind = kinds[2 * number : 2 * number + 2]
        column_type = LOCAL_KIND if column.name in local else column_type
        if _is_read(column_type, kind) or _differ(column_type, kind):
            value.replace(_written(value, kind, column_type))


_READERS = {
    WITH_ZONE: names_of_functions.IN_UTC,
    LOCAL_KIND: names_of_functions.ZONED,
    "BLOB": texts.UNHEX,
}


def _is_read(column_type: str, kind: str) -> bool:
    if column_type == "VARCHAR":
        return is_written(kind)
    return kind == "VARCHAR" and (column_type in _READERS or casts.is_read(column_type))


def _written(value: Expr, kind: str, column_type: str) -> Expr:
    """A value as the column takes it: DuckDB makes others of some texts, and of some values."""
    if column_type == JSON:
        return variant_of(value, kind)
    if column_type == "VARCHAR":
        return as_text(value, kind)
    text = text_of(value) if kind == JSON else value
    if casts.is_read(column_type):
        return casts.read_text(text, column_type)
    return call(_READERS[column_type], text) if column_type in _READERS else text


def _local_columns(table: exp.Table, session: "Session") -> frozenset[str]:
    """The columns of a table that are TIMESTAMP_LTZ; DuckDB has one type for both with a zone."""
    name = statements.name_parts(table, session)
    declared = session.temporary_tables.get(".".join(name))
    if declared is None:
        with session.probe() as duck:
            declared = Declarations(duck, name).read()
    return frozenset(c.column for c in declared.values() if c.kind == LOCAL_KIND)


def _pairs(scope: Expr) -> Iterator[tuple[Expr, Expr]]:
    """Each column that is set, under its table's name, with the value it's set to."""
    target = scope.this.alias_or_name
    updates = [scope] if isinstance(scope, exp.Update) else scope.find_all(exp.Update)
    for update in updates:
        for assignment in update.expressions:
            yield exp.column(assignment.this.this.copy(), table=target), assignment.expression
    inserts = scope.find_all(exp.Insert) if isinstance(scope, exp.Merge) else ()
    for insert in inserts:
        if isinstance(insert.this, exp.Tuple) and isinstance(insert.expression, exp.Tuple):
            for name, value in zip(
                insert.this.expressions, insert.expression.expressions, strict=False
            ):
                yield exp.column(name.this.copy(), table=target), value


def _differ(column_type: str, kind: str) -> bool:
    return (column_type == JSON) != (kind == JSON) and not {column_type, kind} & _AS_IT_IS


def _convert_rows(insert: exp.Insert, session: "Session") -> None:
    source = insert.expression
    if not isinstance(source, exp.Query | exp.Values):
        return
    wanted = _column_types(insert, session)
    if isinstance(source, exp.Values):
        _cast_texts(source, wanted)
        cells = [
            cell
            for row in source.expressions
            for cell in zip(row.expressions, wanted, strict=False)
            if not _is_default(cell[0])
        ]
        if len(cells) < sum(len(row.expressions) for row in source.expressions):
            _convert_cells(cells, session)
            return  # a query has no DEFAULT
        _write_texts(source, wanted, session)
    query = _as_query(source)
    kinds = scopes.types_of_query(session, query)
    if len(kinds) != len(wanted):
        return  # DuckDB says what is wrong
    pairs = list(zip(wanted, kinds, strict=True))
    if any(_differ(column, kind) or _is_read(column, kind) for column, kind in pairs):
        insert.set("expression", _converted(query, kinds, wanted))


def _cast_texts(values: exp.Values, wanted: Sequence[str]) -> None:
    """Give the texts among numbers their column's type: a query has one type for all its rows."""
    columns = zip(*(row.expressions for row in values.expressions), strict=False)
    for column, kind in zip(columns, wanted, strict=False):
        is_number = Number.of(kind) or kind in FLOATS
        found = [value for value in column if isinstance(value, exp.Literal) and value.is_string]
        are_mixed = len(found) < len(column) and (is_number or kind == "BOOLEAN")
        for text in found if are_mixed else ():
            if is_number:
                casts.refuse_number(text.name)
                text.replace(combining.converted(text, "VARCHAR", kind))
            else:
                text.replace(casts.read_text(text, kind))


def _write_texts(values: exp.Values, wanted: Sequence[str], session: "Session") -> None:
    """Write as text what stands in a text column below a text, which is the first row's type."""
    columns = zip(*(row.expressions for row in values.expressions), strict=False)
    found = [
        (value, kind)
        for (first, *others), kind in zip(columns, wanted, strict=False)
        if kind == "VARCHAR" and texts.is_text(first)
        for value in others
        if not (isinstance(value, exp.Literal) or texts.is_text(value) or _is_default(value))
    ]
    _convert_cells(found, session)


def _convert_cells(cells: Sequence[tuple[Expr, str]], session: "Session") -> None:
    """Convert values one by one, each to its column's type."""
    query = exp.select(*(value.copy() for value, _ in cells))
    kinds = scopes.types_of_query(session, query) if cells else []
    for (value, column), kind in zip(cells, kinds, strict=False):
        if _is_read(column, kind) or _differ(column, kind):
            value.replace(_written(value, kind, column))


def _is_default(value: Expr) -> bool:
    """Tell whether a value of VALUES is the word DEFAULT: there are no columns."""
    return isinstance(value, exp.Column | exp.Var)


def _as_query(source: Expr) -> Expr:
    return exp.select("*").from_(source.copy()) if isinstance(source, exp.Values) else source


def _converted(query: Expr, kinds: Sequence[str], wanted: Sequence[str]) -> exp.Select:
    targets = [
        JSON if column == JSON and _differ(column, kind) else kind
        for column, kind in zip(wanted, kinds, strict=True)
    ]
    select = combining.with_types(query, kinds, targets)
    for chosen, column, kind in zip(select.selects, wanted, kinds, strict=True):
        if column != JSON and (_is_read(column, kind) or _differ(column, kind)):
            chosen.set("this", _written(chosen.this, kind, column))
    return select


def _column_types(insert: exp.Insert, session: "Session") -> list[str]:
    """The types of the columns that are inserted into, in the order of the statement.

    They are DuckDB's, or `LOCAL_KIND`.
    """
    table = statements.target_table(insert)
    types = _types_of(table, session)
    if WITH_ZONE in types.values():
        types |= dict.fromkeys(_local_columns(table, session), LOCAL_KIND)
    if isinstance(insert.this, exp.Schema):
        names = [column.name for column in insert.this.expressions]
        _refuse_others(names, types)
        return [types[name] for name in names]
    return list(types.values())


def _types_of(table: Expr, session: "Session") -> dict[str, str]:
    """The columns of a table with DuckDB's types."""
    session.duck.execute(exp.select("*").from_(table.copy()).limit(0).sql(dialect="duckdb"))
    return {column[0]: str(column[1]) for column in session.duck.description or ()}


def _refuse_others(names: Sequence[str], known: Mapping[str, str]) -> None:
    """Refuse names of no column, for DuckDB would find one whose case is another."""
    for name in names:
        if name not in known:
            raise compilation(904, "42000", f"invalid identifier '{name}'")


def read_first(expression: Expr, session: "Session") -> Expr:
    """Let INSERT read all of its query before it writes a row, where it reads its own table.

    Of a UNION, also of one in a view, DuckDB reads the second part once the first is written, with
    its rows if it is the same table.
    """
    query = expression.expression if isinstance(expression, exp.Insert) else None
    if not isinstance(query, exp.Query):
        return expression
    names = {table.name for table in query.find_all(exp.Table)}
    is_own = statements.target_table(expression).name in names
    if (is_own and query.find(exp.SetOperation)) or _has_view(names, session):
        rows = exp.select("*").from_("_read_first")
        expression.set("expression", rows.with_("_read_first", as_=query, materialized=True))
    return expression


def _has_view(names: Collection[str], session: "Session") -> bool:
    sql = "SELECT 1 FROM duckdb_views() WHERE NOT internal AND list_contains(?, view_name)"
    return bool(names) and bool(session.duck.execute(sql, [list(names)]).fetchall())
