"""The handler of each kind of statement, and the transaction rule that it runs under."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fakesnow.params import MutableParams
from fakesnow.statement_type import statement_type_id
from sqlglot import Expr, exp

from mocks.snowflake import (
    add_columns,
    admission,
    alter_columns,
    copy_into,
    databases,
    declared_results,
    describe_table,
    drop_columns,
    drops,
    existing,
    function_statements,
    isolation,
    kinds,
    lent_rows,
    merge,
    multi_insert,
    object_options,
    schema_clones,
    schemas,
    session_statements,
    show,
    sql_functions,
    stage_files,
    stages,
    statements,
    tables,
    transaction_statements,
    users,
)
from mocks.snowflake.continuous import entry as continuous
from mocks.snowflake.continuous import guard, streams
from mocks.snowflake.continuous.guard import changed_tables
from mocks.snowflake.dialect import identifiers
from mocks.snowflake.errors import unsupported
from mocks.snowflake.results import Result, counts, status
from mocks.snowflake.scripting import entry, procedures
from mocks.snowflake.translation import DUPLICATE_ROW

if TYPE_CHECKING:
    from mocks.snowflake.scripting.running import Inner
    from mocks.snowflake.session import Cursor, Session

Handler = Callable[["Cursor", Expr, MutableParams | None], Result]


def execute(
    cursor: "Cursor", text: str, bound: Sequence[list[Any]], inner: "Inner | None" = None
) -> Result:
    """Run one statement in the cursor's session, once for each row of bound values.

    Raises:
        StatementFailed: It is refused; any other error is for the caller to translate.
    """
    if admission.is_without_effect(text):
        return status()
    head = admission.head(text)
    of_text = (entry.runner, continuous.runner, users.runner, object_options.runner)
    if run := next((found for runner in of_text if (found := runner(head))), None):
        if bound:
            raise unsupported(f"bound values of {head.split()[0].upper()}")
        return run(cursor, head, inner)
    kinds.refuse(head)
    expression = statements.parse(text)
    cursor.type_id = statement_type_id(expression)
    params = bound[0] if len(bound) == 1 else None
    if inner:
        inner.bind(expression)
    identifiers.resolve(expression, params, cursor.session.local_variables)
    admission.refuse(expression, text, cursor.session)
    guard.refuse(expression, cursor.session)
    if len(bound) > 1:
        with (
            streams.followed(cursor.session, expression),
            isolation.committed(cursor, expression, None),
            _noted(cursor.session, expression),
        ):
            return _write_each(cursor, expression, bound)
    is_query = isinstance(expression, exp.Select)
    with (
        lent_rows.lent(cursor, expression, text, params),
        streams.followed(cursor.session, expression),
        isolation.committed(cursor, expression, params),
    ):
        with _noted(cursor.session, expression):
            result = _handler(expression)(cursor, expression, params)
        return declared_results.completed(result, text, cursor.session) if is_query else result


@contextlib.contextmanager
def _noted(session: "Session", expression: Expr) -> Iterator[None]:
    """Note the tables that a statement changes, by the names that it has for them at first."""
    changed = [t for t in changed_tables(expression) if isinstance(t.this, exp.Identifier)]
    names = {statements.full_name(table, session) for table in changed}
    yield
    session.transaction.wrote(names)


def _write_each(cursor: "Cursor", expression: Expr, bound: Sequence[list[Any]]) -> Result:
    """An array bind: every row of values, or none."""
    if not isinstance(expression, exp.Insert | exp.Update | exp.Delete):
        raise unsupported("array binds of anything but INSERT, UPDATE and DELETE")
    if expression.args.get("overwrite"):
        raise unsupported("array binds of INSERT OVERWRITE", "TRUNCATE, then INSERT")

    def write_all() -> Result:
        total = sum(cursor.run_steps(expression.copy(), row).rowcount for row in bound)
        return counts({_COUNT_NAMES[type(expression)]: total})

    locking = statements.locked_tables(expression, cursor.session)
    return cursor.session.transaction.write(write_all, locking=locking)


_COUNT_NAMES: dict[type[Expr], str] = {
    exp.Insert: "number of rows inserted",
    exp.Update: "number of rows updated",
    exp.Delete: "number of rows deleted",
}


def _handler(expression: Expr) -> Handler:
    for fits, handler in _HANDLERS:
        if fits(expression):
            return handler
    return _read


def _is(*kinds: type[Expr]) -> Callable[[Expr], bool]:
    return lambda expression: isinstance(expression, kinds)


def _is_kind(statement: type[Expr], *kinds: str) -> Callable[[Expr], bool]:
    return lambda e: isinstance(e, statement) and str(e.args.get("kind")).upper() in kinds


def _read(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    return cursor.session.transaction.read(lambda: cursor.run_steps(expression, params))


def _update(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """UPDATE, and how many of its rows had several partners in FROM."""

    def update() -> Result:
        if not expression.args.get("from_"):
            return cursor.run_steps(expression, params)
        twice = _multi_joined(expression)
        found = cursor.run_steps(twice, params).table.column(0).to_pylist()[0]
        if found and cursor.session.parameters["ERROR_ON_NONDETERMINISTIC_UPDATE"]:
            raise DUPLICATE_ROW
        updated = cursor.run_steps(expression, params).rowcount
        names = ("number of rows updated", "number of multi-joined rows updated")
        result = counts(dict(zip(names, (updated, found), strict=True)))
        return replace(result, rowcount=updated)

    return cursor.session.transaction.write(
        update, locking=statements.locked_tables(expression, cursor.session)
    )


def _multi_joined(expression: Expr) -> Expr:
    target = expression.this
    row = exp.column("rowid", table=target.alias_or_name, quoted=False)
    joined = exp.select(row).from_(target.copy()).group_by(row.copy())
    joined = joined.having("count(*) > 1")
    source = expression.args["from_"].this
    joined = joined.join(source.copy(), join_type="cross")
    if where := expression.args.get("where"):
        joined.set("where", where.copy())
    return exp.select("count(*)").from_(joined.subquery("_M"))


def _write(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    return cursor.session.transaction.write(
        lambda: cursor.run_steps(expression, params),
        locking=statements.locked_tables(expression, cursor.session),
    )


def _define(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    if isinstance(expression, exp.Create) and expression.args.get("exists"):
        name = existing.find(expression.this, str(expression.kind), cursor.session)
        if name:
            return status(f"{name} already exists, statement succeeded.")
    if isinstance(expression, exp.Comment) and not existing.holds(expression, cursor.session):
        return status()
    result = cursor.session.transaction.define(lambda: cursor.run_steps(expression, params))
    return status() if isinstance(expression, exp.Alter | exp.Comment) else result


def _commit(cursor: "Cursor", _: Expr, __: MutableParams | None) -> Result:
    cursor.session.transaction.commit()
    return status()


def _rollback(cursor: "Cursor", _: Expr, __: MutableParams | None) -> Result:
    cursor.session.transaction.rollback()
    return status()


_HANDLERS: tuple[tuple[Callable[[Expr], bool], Handler], ...] = (
    (_is(exp.Transaction), transaction_statements.run_begin),
    (_is(exp.Commit), _commit),
    (_is(exp.Rollback), _rollback),
    (_is(exp.Copy), copy_into.run),
    (_is(exp.Merge), merge.run),
    (_is(exp.Update), _update),
    (multi_insert.is_overwrite, multi_insert.run_overwrite),
    (_is(exp.Insert, exp.Delete), _write),
    (_is(exp.MultitableInserts), multi_insert.run),
    (_is(exp.TruncateTable), copy_into.run_truncate),
    (sql_functions.is_create, sql_functions.run_create),
    (_is_kind(exp.Create, "FUNCTION"), function_statements.run_create),
    (_is_kind(exp.Create, "PROCEDURE"), procedures.run_create),
    (_is_kind(exp.Drop, "PROCEDURE"), procedures.run_drop),
    (_is_kind(exp.Drop, "FUNCTION"), sql_functions.run_drop),
    (function_statements.is_show, function_statements.run_show),
    (_is_kind(exp.Create, "DATABASE"), databases.run_create),
    (_is_kind(exp.Drop, "DATABASE"), databases.run_drop),
    (_is_kind(exp.Create, "STAGE"), stages.run_create),
    (_is_kind(exp.Drop, "STAGE"), stages.run_drop),
    (_is_kind(exp.Drop, "FILE FORMAT"), stages.run_drop_format),
    (_is(exp.ListStage), stage_files.run_list),
    (stage_files.is_get, stage_files.run_get),
    (stage_files.is_remove, stage_files.run_remove),
    (_is_kind(exp.Alter, "SESSION"), session_statements.run_alter),
    (_is(exp.Describe), describe_table.run),
    (describe_table.is_show_keys, describe_table.run_show_keys),
    (describe_table.is_show_exported_keys, describe_table.run_show_exported_keys),
    (_is(exp.Show), show.run),
    (transaction_statements.is_show, transaction_statements.run_show),
    (transaction_statements.is_abort, transaction_statements.run_abort),
    (session_statements.is_show_parameters, session_statements.run_show_parameters),
    (_is(exp.Use), session_statements.run_use),
    (session_statements.is_variable, session_statements.run_variable),
    (_is_kind(exp.Create, "TABLE"), tables.run_create),
    (_is_kind(exp.Drop, "TABLE"), tables.run_drop),
    (_is_kind(exp.Create, "VIEW"), tables.run_create_view),
    (_is_kind(exp.Drop, "VIEW", "SEQUENCE"), drops.run),
    (tables.is_rename, tables.run_rename),
    (tables.is_swap, tables.run_swap),
    (alter_columns.is_rename, alter_columns.run_rename),
    (drop_columns.is_drop, drop_columns.run),
    (alter_columns.is_of_keys, alter_columns.run_keys),
    (alter_columns.is_of_columns, alter_columns.run),
    (add_columns.is_addition, add_columns.run),
    (object_options.is_alteration, object_options.run_alteration),
    (schema_clones.is_clone, schema_clones.run),
    (_is_kind(exp.Create, "SCHEMA"), schemas.run),
    (_is_kind(exp.Drop, "SCHEMA"), schemas.run),
    (_is(exp.Create, exp.Drop, exp.Alter, exp.Comment), _define),
)
