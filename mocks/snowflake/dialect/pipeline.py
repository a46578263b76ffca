"""The order in which a statement is rewritten.

fakesnow's own list (`FakeSnowflakeCursor._transform`), minus what `OMITTED` names, plus our steps.
`tests/unit/snowflake_mock/test_pipeline.py` fails when fakesnow's list changes.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from fakesnow import transforms
from fakesnow.params import MutableParams
from sqlglot import Expr

from mocks.snowflake import json_text, macros
from mocks.snowflake.dialect import (
    arithmetic,
    assignments,
    combining,
    definitions,
    flatten,
    functions,
    functions_of_duckdb,
    numbers,
    session_functions,
    timestamps,
    typed,
    variants,
)

if TYPE_CHECKING:
    from mocks.snowflake.connection import LocalConnection

Step = Callable[[Expr, "LocalConnection"], Expr]


def _nodes(transform: Callable[[Expr], Expr]) -> Step:
    """A step that looks at each node alone."""
    return lambda expression, _: expression.transform(transform, copy=False)


def _nodes_of_session(transform: Callable[..., Expr]) -> Step:
    """A step that needs the current database and schema."""
    return lambda expression, session: expression.transform(
        lambda node: transform(node, session.database, session.schema), copy=False
    )


def _nodes_of_database(transform: Callable[..., Expr]) -> Step:
    """A step that needs the current database."""
    return lambda expression, session: expression.transform(
        lambda node: transform(node, session.database), copy=False
    )


def _show_keys(kind: str) -> Step:
    return lambda expression, session: expression.transform(
        lambda node: transforms.show_keys(node, session.database, kind=kind),  # type: ignore[arg-type]
        copy=False,
    )


OMITTED = {
    "identifier": "needs the bound parameters: runs first, in `rewrite`",
    "put_stage": "needs the bound parameters: runs in `rewrite`",
    "list_stage": "looks at local folders alone; see stages.py",
    "alter_session": "refuses every parameter but two; see parameters.py",
    "to_timestamp": "reads any text of digits as seconds; see timestamps.py",
    "try_parse_json": "keeps what Snowflake refuses; see json_text.py",
    "update_variables": "works on the text of the statement; see variables.py",
    "current_version": "answered with the other functions of the session",
    "create_stage": "keeps the URL and forgets all other properties; see stages.py",
    "flatten": "ignores path, outer, recursive and mode; see flatten.py",
    "flatten_value_cast_as_varchar": "guesses by the column's name; see variants.py",
    "integer_precision": "keeps 64 bits of NUMBER(38,0)'s 128; see numbers.py",
    "numeric_agg_implicit_cast": "sums through DOUBLE",
    "show_functions": "always empty; see python functions",
    "show_parameters": "knows two of them; see parameters.py",
}
RULES: typed.Rules = {**arithmetic.RULES, **variants.RULES, **combining.RULES}
STEPS: tuple[Step, ...] = (
    _nodes(transforms.upper_case_unquoted_identifiers),
    session_functions.replace,
    functions.replace,
    _nodes(definitions.strip_constraints),
    _nodes_of_database(transforms.set_schema),
    lambda e, s: e.transform(transforms.create_database, db_path=s.db_path, copy=False),
    _nodes(transforms.extract_comment_on_table),
    _nodes(transforms.extract_comment_on_columns),
    _nodes(transforms.information_schema_fs),
    lambda e, s: e.transform(
        transforms.information_schema_databases, current_schema=s.schema, copy=False
    ),
    _nodes(transforms.drop_schema_cascade),
    _nodes(transforms.tag),
    _nodes(transforms.semi_structured_types),
    _nodes(json_text.parse),
    _nodes(transforms.split),
    _nodes(transforms.trim_cast_varchar),
    _nodes(transforms.indices_to_json_extract),
    _nodes(transforms.json_extract_cast_as_varchar),
    _nodes(transforms.json_extract_cased_as_varchar),
    _nodes(transforms.json_extract_precedence),
    _nodes(transforms.regex_replace),
    _nodes(transforms.regex_substr),
    _nodes(transforms.result_scan),
    _nodes(transforms.sequence_nextval),
    _nodes(transforms.values_columns),
    _nodes(transforms.to_date),
    _nodes(transforms.timestamp_offsets),
    _nodes(transforms.to_decimal),
    _nodes(timestamps.spell_casts),
    _nodes(transforms.to_variant),
    _nodes(transforms.object_construct),
    _nodes(transforms.timestamp_ntz),
    _nodes(transforms.float_to_double),
    _nodes(numbers.whole_numbers),
    _nodes(transforms.extract_text_length),
    _nodes(transforms.sample),
    _nodes(transforms.array_size),
    _nodes(transforms.random),
    _nodes(transforms.array_agg_within_group),
    _nodes(transforms.array_agg),
    _nodes(transforms.object_agg),
    _nodes(transforms.array_construct_etc),
    _nodes(transforms.dateadd_date_cast),
    _nodes(transforms.dateadd_string_literal_timestamp_cast),
    _nodes(transforms.datediff_string_literal_timestamp_cast),
    _nodes(transforms.show_databases),
    _nodes(transforms.show_procedures),
    _nodes(transforms.show_warehouses),
    _nodes_of_database(transforms.show_schemas),
    _nodes_of_session(transforms.show_tables_etc),
    _nodes_of_session(transforms.show_columns),
    _nodes_of_session(transforms.show_stages),
    _nodes_of_session(transforms.show_sequences),
    _show_keys("PRIMARY"),
    _show_keys("UNIQUE"),
    _show_keys("FOREIGN"),
    _nodes(transforms.show_users),
    _nodes(transforms.create_user),
    _nodes(transforms.haversine),
    _nodes(transforms.hex_string),
    _nodes(transforms.sha256),
    _nodes(transforms.create_clone),
    _nodes(transforms.alias_in_join),
    _nodes(transforms.alias_in_where),
    _nodes(transforms.alter_table_strip_cluster_by),
    _nodes_of_session(transforms.create_file_format),
    lambda e, s: e.transform(lambda node: transforms.create_table_as(node, s.duck), copy=False),
    _nodes(functions_of_duckdb.whole_arguments),
    _nodes(functions_of_duckdb.list_of_texts),
    _nodes(functions_of_duckdb.type_of),
    _nodes(functions_of_duckdb.array_contains),
    _nodes(functions_of_duckdb.refuse_inexact),
    lambda e, s: typed.rewrite(e, s, RULES),
    combining.unite,
    assignments.convert,
    _nodes(macros.qualify),
    # Last: it writes DuckDB's own structs and lists, which other steps would take for Snowflake's.
    _nodes(flatten.flatten),
)


def rewrite(expression: Expr, session: "LocalConnection", params: MutableParams | None) -> Expr:
    """A Snowflake statement as DuckDB runs it."""
    expression = expression.transform(lambda e: transforms.identifier(e, params), copy=False)
    for step in STEPS:
        expression = step(expression, session)
    return expression.transform(
        lambda e: transforms.put_stage(
            e, session.database, session.schema, params, session.table_stages
        ),
        copy=False,
    )
