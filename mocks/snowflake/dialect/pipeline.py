"""The order in which a statement is rewritten.

fakesnow's own list (`FakeSnowflakeCursor._transform`), minus what `OMITTED` names, plus our steps.
`tests/unit/snowflake_mock/test_pipeline.py` fails when fakesnow's list changes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fakesnow import transforms
from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake import json_text, macros, names, sql_functions
from mocks.snowflake.dialect import (
    aggregates,
    arithmetic,
    arrays,
    assignments,
    binaries,
    calls,
    casts,
    combining,
    date_parts,
    definitions,
    duplicates,
    flatten,
    functions,
    functions_of_duckdb,
    identifiers,
    joins,
    moments,
    numbers,
    percentiles,
    pivots,
    queries,
    row_counts,
    sequences,
    session_functions,
    shared_paths,
    sources,
    temporary,
    texts,
    timestamps,
    typed,
    types,
    variables,
    variants,
    views,
)
from mocks.snowflake.errors import does_not_exist, unsupported

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

Transform = Callable[[Expr, "Session"], Expr]


@dataclass(frozen=True)
class Step:
    """One rewriting of a statement, and the kinds of nodes without which it has nothing to do."""

    transform: Transform
    kinds: tuple[type[Expr], ...] = ()
    """Those that the transform's own conditions name; none: it always runs."""


def _statement(transform: Callable[[Expr], Expr]) -> Step:
    """A step that looks at the statement itself."""
    return Step(lambda expression, _: transform(expression))


def _statement_in_schema(transform: Callable[..., Expr]) -> Step:
    """The same, in the current database and schema."""
    return Step(lambda e, session: transform(e, session.database, session.schema))


def _statement_in_database(transform: Callable[..., Expr]) -> Step:
    """The same, in the current database."""
    return Step(lambda e, session: transform(e, session.database))


def _nodes(transform: Callable[[Expr], Expr], *kinds: type[Expr]) -> Step:
    """A step that looks at each node alone."""
    return Step(lambda expression, _: expression.transform(transform, copy=False), kinds)


def _each(write: Callable[[Expr], Expr], *kinds: type[Expr]) -> Step:
    """A step of ours for every node of these kinds, inner ones first.

    sqlglot's `transform`, which fakesnow's steps are made for, leaves out what is inside of a node
    that it has replaced: of nested calls it rewrites the outer one alone.
    """

    def step(expression: Expr, _: "Session") -> Expr:
        for node in reversed(list(expression.find_all(*kinds))):
            written = write(node)
            if written is not node:
                expression = written if node is expression else expression
                node.replace(written)
        return expression

    return Step(step, kinds)


def _show_keys(kind: str) -> Step:
    return Step(lambda e, s: transforms.show_keys(e, s.database, kind=kind))  # type: ignore[arg-type]


def _information_schema(expression: Expr, session: "Session") -> Expr:
    names = {table.db.upper() for table in expression.find_all(exp.Table)} | {session.schema}
    if "INFORMATION_SCHEMA" not in names:
        return expression
    for table in expression.find_all(exp.Table):
        is_there = not table.catalog or session.local.has_schema(table.catalog, None)
        if table.db.upper() == "INFORMATION_SCHEMA" and not is_there:
            raise does_not_exist("Database", table.catalog)
    definitions.information_schema(expression)
    expression = expression.transform(sequences.information_schema, copy=False)
    expression = expression.transform(transforms.information_schema_fs, copy=False)
    return expression.transform(
        transforms.information_schema_databases, current_schema=session.schema, copy=False
    )


OMITTED = {
    "json_extract_cast_as_varchar": "also where the cast is to ARRAY; see variants.py",
    "trim_cast_varchar": "loses the side and the characters; see functions_of_duckdb.py",
    "list_stage": "looks at local folders alone; see stages.py",
    "alter_session": "refuses every parameter but two; see parameters.py",
    "to_timestamp": "reads any text of digits as seconds; see timestamps.py",
    "try_parse_json": "keeps what Snowflake refuses; see json_text.py",
    "upper_case_unquoted_identifiers": "copies each of them; see identifiers.py",
    "update_variables": "sets them as text; see session_statements.py",
    "result_scan": "reads fakesnow's own results; see result_scan.py",
    "current_version": "answered with the other functions of the session",
    "array_size": "also of what is no array, in DuckDB's words; see arrays.py",
    "array_agg": "NULL where Snowflake has an empty array; see aggregates.py",
    "random": "the first of a query alone, and once more for each query around it; see calls.py",
    "array_construct_etc": "looks at arrays directly in a SELECT's list alone; see arrays.py",
    "create_stage": "keeps the URL and forgets all other properties; see stages.py",
    "flatten": "ignores path, outer, recursive and mode; see flatten.py",
    "flatten_value_cast_as_varchar": "guesses by the column's name; see variants.py",
    "integer_precision": "keeps 64 bits of NUMBER(38,0)'s 128; see numbers.py",
    "numeric_agg_implicit_cast": "sums through DOUBLE",
    "regex_replace": "two backslashes as one, and the first match alone of a pattern in a column",
    "regex_substr": "reads a group alone as an array's element; see calls.py",
    "sequence_nextval": "of the current schema, and between columns alone; see sequences.py",
    "show_functions": "always empty; see python functions",
    "show_parameters": "knows two of them; see parameters.py",
}
RULES: typed.Rules = {
    **arithmetic.RULES,
    **variants.RULES,
    **combining.RULES,
    **timestamps.RULES,
    **arrays.RULES,
    **casts.RULES,
    **texts.RULES,
    **binaries.RULES,
    **moments.RULES,
    **percentiles.RULES,
}
_JSON_NODES = (exp.JSONExtract, exp.Bracket, exp.Cast)
STEPS: tuple[Step, ...] = (
    _each(functions_of_duckdb.write_now, *functions_of_duckdb.NOW),
    Step(sql_functions.write, (exp.Anonymous,)),
    Step(sequences.write, (exp.Anonymous,)),
    Step(sources.write, (exp.StarMap, exp.Count)),
    Step(pivots.write, (exp.Pivot,)),
    _each(numbers.spell_out, exp.Literal),
    _each(numbers.widen, *numbers.LITERAL_ARITHMETIC),
    _each(date_parts.name, *date_parts.KINDS),
    _each(date_parts.name_weekday, *date_parts.WEEKDAYS),
    Step(lambda e, _: joins.spell_out_marks(e), (exp.Column,)),
    _each(casts.note, exp.Cast, exp.TryCast),
    _each(casts.read_literal, exp.Cast, exp.TryCast),
    _each(identifiers.fold, exp.Identifier),
    Step(temporary.unqualify, (exp.Table,)),
    Step(variables.replace, (exp.Parameter,)),
    Step(session_functions.replace, (exp.Func,)),
    Step(functions.replace, (exp.Anonymous,)),
    _each(functions_of_duckdb.text_arguments, *functions_of_duckdb.TEXTS),
    _each(calls.write, exp.Func),
    _each(queries.write, *queries.KINDS),
    _each(combining.spell_out, *combining.COMPARED),
    _each(combining.keep_texts, *combining.KINDS),
    _each(combining.refuse_mixed_rows, exp.Values),
    _each(definitions.strip_constraints, exp.Schema, exp.ColumnDef),
    _each(sequences.unordered, exp.SequenceProperties),
    _each(definitions.check_lengths, exp.ColumnDef),
    _each(definitions.name_columns, exp.Create),
    _each(definitions.type_nulls, exp.Create),
    Step(definitions.qualify_view, (exp.Create,)),
    _statement_in_database(transforms.set_schema),
    Step(lambda e, s: transforms.create_database(e, db_path=s.db_path)),
    _statement(transforms.extract_comment_on_table),
    _statement(transforms.extract_comment_on_columns),
    Step(_information_schema, (exp.Table,)),
    _statement(transforms.drop_schema_cascade),
    _statement(transforms.tag),
    _each(json_text.parse, exp.ParseJSON, exp.Anonymous),
    _nodes(transforms.split, exp.Split),
    _each(variants.write_get, exp.GetExtract, exp.JSONExtract),
    _each(transforms.indices_to_json_extract, exp.Bracket),
    _nodes(variants.extract_text, *_JSON_NODES),
    _nodes(transforms.json_extract_cased_as_varchar, exp.Upper, exp.Lower),
    _nodes(transforms.json_extract_precedence, exp.JSONExtract, exp.JSONExtractScalar),
    _each(functions_of_duckdb.replace_all, exp.RegexpReplace),
    Step(sequences.next_values, (exp.Column,)),
    _nodes(transforms.values_columns, exp.Values),
    _nodes(transforms.to_date, exp.Anonymous),
    _nodes(transforms.timestamp_offsets, exp.Cast),
    _each(texts.number_of, exp.ToNumber, exp.ToDouble),
    _each(percentiles.refuse, *percentiles.KINDS),
    _each(texts.uuid_of, exp.Uuid),
    _nodes(transforms.to_decimal, exp.ToNumber),
    _each(timestamps.spell_casts, *timestamps.KINDS),
    _each(casts.read_literal, exp.Cast, exp.TryCast),
    _each(variants.note_type, exp.Typeof),
    _nodes(transforms.to_variant, exp.ToVariant),
    _each(types.convert, exp.DataType),
    _each(arrays.write, *arrays.KINDS),  # before lists are written that are DuckDB's own
    _nodes(transforms.object_construct, exp.StarMap, exp.Struct, exp.JSONObject),
    Step(lambda e, _: e if temporary.is_temporary(e) else transforms.extract_text_length(e)),
    _nodes(transforms.sample, exp.TableSample),
    _nodes(transforms.array_agg_within_group, exp.WithinGroup),
    _nodes(transforms.object_agg, exp.ObjectAgg),
    _each(aggregates.write, *aggregates.KINDS),
    _each(timestamps.from_parts, *timestamps.PARTS),
    _nodes(transforms.dateadd_date_cast, exp.DateAdd),
    _nodes(transforms.dateadd_string_literal_timestamp_cast, exp.DateAdd),
    _nodes(transforms.datediff_string_literal_timestamp_cast, exp.DateDiff),
    _statement(transforms.show_databases),
    _statement(transforms.show_procedures),
    _statement(transforms.show_warehouses),
    _statement_in_database(transforms.show_schemas),
    _statement_in_schema(transforms.show_tables_etc),
    Step(temporary.list_own),
    Step(row_counts.count, (exp.Table,)),
    _statement_in_schema(transforms.show_columns),
    _statement_in_schema(transforms.show_stages),
    _statement_in_schema(transforms.show_sequences),
    _show_keys("PRIMARY"),
    _show_keys("UNIQUE"),
    _show_keys("FOREIGN"),
    _statement(transforms.show_users),
    _statement(transforms.create_user),
    _nodes(transforms.haversine, exp.Anonymous),
    _nodes(transforms.hex_string, exp.HexString),
    _nodes(transforms.sha256, exp.SHA2, exp.SHA2Digest, exp.Anonymous),
    _statement(transforms.create_clone),
    _nodes(transforms.alias_in_join, exp.Join),
    _each(joins.cross, exp.Join),
    _nodes(transforms.alias_in_where, exp.Where),
    _statement(transforms.alter_table_strip_cluster_by),
    _statement_in_schema(transforms.create_file_format),
    Step(lambda e, s: transforms.create_table_as(e, s.duck)),
    _each(functions_of_duckdb.whole_arguments, *functions_of_duckdb.WHOLE),
    _each(functions_of_duckdb.similarity, exp.JarowinklerSimilarity),
    _each(functions_of_duckdb.percentile, exp.ApproxQuantile),
    _each(functions_of_duckdb.write_window, exp.Window),
    _each(functions_of_duckdb.list_separator, exp.GroupConcat),
    _each(functions_of_duckdb.refuse_inexact, *functions_of_duckdb.INEXACT),
    Step(lambda e, s: typed.rewrite(e, s, RULES), tuple(RULES)),
    _each(functions_of_duckdb.trim, exp.Trim),
    _each(functions_of_duckdb.extreme, exp.ArgMax, exp.ArgMin),
    _each(date_parts.write_epoch, exp.Extract),
    Step(combining.unite, (exp.SetOperation, exp.In)),
    Step(combining.refuse_places, (exp.Star,)),
    Step(assignments.convert, (exp.Insert, exp.Update, exp.Merge)),
    Step(duplicates.refuse, (exp.Subquery, exp.CTE, exp.Create)),
    _each(macros.qualify, exp.Anonymous),
    # Last: it writes DuckDB's own structs and lists, which other steps would take for Snowflake's.
    _each(flatten.flatten, exp.Lateral, exp.TableFromRows),
    Step(shared_paths.share, shared_paths.KINDS),
    Step(views.declare, (exp.Create,)),
    Step(assignments.read_first, (exp.Insert,)),
)


def rewrite(expression: Expr, session: "Session", params: MutableParams | None) -> Expr:
    """A Snowflake statement as DuckDB runs it."""
    present = _kinds(expression)
    if not present.isdisjoint((exp.DynamicIdentifier, exp.Anonymous)):
        expression = expression.transform(lambda e: transforms.identifier(e, params), copy=False)
        names.refuse_tables(expression)
    for step in STEPS:
        if not step.kinds or not present.isdisjoint(step.kinds):
            expression = _transformed(step, expression, session)
            present = _kinds(expression) if step.kinds else present
    definitions.escape_comment(expression)
    return transforms.put_stage(
        expression, session.database, session.schema, params, session.table_stages
    )


def _transformed(step: Step, expression: Expr, session: "Session") -> Expr:
    """The statement after a step; of a call that no step was made for, its refusal."""
    try:
        return step.transform(expression, session)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        calls = (node.meta.get(names.CALLED, "") for node in expression.find_all(exp.Func))
        called = " or ".join(dict.fromkeys(name for name in calls if name))
        if not called:
            raise
        raise unsupported(f"{called} with these arguments") from error


def _kinds(expression: Expr) -> set[type]:
    """Every class that a node of the statement is an instance of.

    Asked once, so that a step without work costs nothing: walking the tree for each took most of a
    statement's time.
    """
    return {base for kind in {type(node) for node in expression.walk()} for base in kind.__mro__}
