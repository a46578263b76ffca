"""Types of a result's columns that DuckDB has not: ARRAY, OBJECT, TIMESTAMP_LTZ.

A column that is a table's own, or the result of a function, a cast or a constant of such a type.
"""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake import statements
from mocks.snowflake.declared_columns import Declarations, folded
from mocks.snowflake.dialect.json_values import JSON, WITH_ZONE
from mocks.snowflake.names import CALLED
from mocks.snowflake.results import Result

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

_Type = exp.DataType.Type
_ARRAYS = """
    ARRAYS_ZIP ARRAY_AGG ARRAY_APPEND ARRAY_CAT ARRAY_COMPACT ARRAY_CONSTRUCT
    ARRAY_CONSTRUCT_COMPACT ARRAY_DISTINCT ARRAY_EXCEPT ARRAY_FLATTEN ARRAY_INSERT
    ARRAY_INTERSECTION ARRAY_PREPEND ARRAY_REMOVE ARRAY_REMOVE_AT ARRAY_REVERSE ARRAY_SLICE
    ARRAY_SORT ARRAY_UNIQUE_AGG AS_ARRAY OBJECT_KEYS REGEXP_SUBSTR_ALL SPLIT STRTOK_TO_ARRAY
    TO_ARRAY
"""
_OBJECTS = """
    ARRAYS_TO_OBJECT AS_OBJECT OBJECT_AGG OBJECT_CONSTRUCT OBJECT_CONSTRUCT_KEEP_NULL OBJECT_DELETE
    OBJECT_INSERT OBJECT_PICK PARSE_URL TO_OBJECT
"""
_TIMES = "CURRENT_TIMESTAMP GETDATE LOCALTIMESTAMP SYSTIMESTAMP TO_TIMESTAMP_LTZ"
_BY_NAME = {
    **dict.fromkeys(_ARRAYS.split(), "ARRAY"),
    **dict.fromkeys(_OBJECTS.split(), "OBJECT"),
    **dict.fromkeys(_TIMES.split(), "TIMESTAMP_LTZ"),
}
_OF_STAGES = {"METADATA$START_SCAN_TIME": "TIMESTAMP_LTZ"}
_BY_TYPE = {
    _Type.ARRAY: "ARRAY", _Type.OBJECT: "OBJECT", _Type.TIMESTAMPLTZ: "TIMESTAMP_LTZ",
}  # fmt: skip
DUCK_TYPES = {"ARRAY": JSON, "OBJECT": JSON, "TIMESTAMP_LTZ": WITH_ZONE}


def completed(result: Result, text: str, session: "Session") -> Result:
    """A query's result with these types; ``text`` is the query."""
    if not {JSON, WITH_ZONE} & set(result.types):
        return result
    query = statements.parse(text)
    if not isinstance(query, exp.Select):
        return result
    kinds = _kinds(query, result.table.column_names, session)
    types = tuple(
        kind if kind is not None and DUCK_TYPES[kind] == known else known
        for kind, known in zip(kinds, result.types, strict=True)
    )
    return Result(result.table, types, result.rowcount, result.query_id)


def _kinds(query: exp.Select, names: list[str], session: "Session") -> list[str | None]:
    is_asked = query.is_star or any(_is_column(one) for one in query.selects)
    declared = _declared(query, session) if is_asked else {}
    if query.is_star:
        return [declared.get(name) for name in names]
    if len(query.selects) != len(names):
        return [None] * len(names)
    return [_kind(projection, declared) for projection in query.selects]


def _is_column(projection: Expr) -> bool:
    return isinstance(projection.unalias().unnest(), exp.Column)


def _kind(projection: Expr, declared: dict[str, str]) -> str | None:
    value = projection.unalias().unnest()
    if isinstance(value, exp.Cast | exp.TryCast):
        return _BY_TYPE.get(value.to.this)
    if isinstance(value, exp.Column):
        name = folded(value.this)
        return _OF_STAGES.get(name) or declared.get(name)
    if isinstance(value, exp.Array):
        return "ARRAY"
    if isinstance(value, exp.Struct):
        return "OBJECT"
    function = value.this if isinstance(value, exp.Window | exp.WithinGroup) else value
    return _BY_NAME.get(function.meta.get(CALLED, "")) if isinstance(function, exp.Func) else None


def _declared(query: exp.Select, session: "Session") -> dict[str, str]:
    """The declared types of the columns of the query's tables; none of names that several have."""
    from_ = query.args.get("from_")
    sources = [from_.this, *(join.this for join in query.args.get("joins") or [])] if from_ else []
    found: dict[str, str] = {}
    known: list[str] = []
    for source in sources:
        if not isinstance(source, exp.Table) or not isinstance(source.this, exp.Identifier):
            return {}
        name = statements.name_parts(source, session)
        known += session.column_names(name)
        if session.local.has_schema(name[0], None):
            with session.probe() as duck:
                columns = Declarations(duck, name).read()
            found |= {column: told.kind.partition("(")[0] for column, told in columns.items()}
    return {c: kind for c, kind in found.items() if kind in DUCK_TYPES and known.count(c) == 1}
