"""One statement from text to result, over fakesnow's cursor."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import duckdb
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.params import MutableParams
from fakesnow.transforms import (
    alter_table_add_multiple_columns,
    insert_overwrite,
)
from sqlglot import Expr, exp

from mocks.snowflake import admission, description, execution, identities, isolation, lent_rows
from mocks.snowflake.activity import Origin
from mocks.snowflake.continuous import streams
from mocks.snowflake.dialect import pipeline
from mocks.snowflake.results import Result
from mocks.snowflake.translation import translate

if TYPE_CHECKING:
    from mocks.snowflake.connection import LocalConnection
    from mocks.snowflake.scripting.running import Inner


class LocalCursor(FakeSnowflakeCursor):
    """Runs a statement in its session."""

    upload: Mapping[str, Any] | None = None
    """The place where the client is to put its file; PUT's only answer."""
    upload_stage: str = ""
    download: Mapping[str, Any] | None = None
    """The files that the client is to get, and where to; GET's only answer."""
    query_id: str = ""
    """The id of the statement that runs, or ran."""
    type_id: int = 0
    """Snowflake's number for the kind of the statement that ran; 0 for unknown kinds."""

    @property
    def session(self) -> "LocalConnection":
        """The session this cursor belongs to."""
        return cast("LocalConnection", self._conn)

    def run(
        self, text: str, bound: Sequence[list[Any]] = (), inner: "Inner | None" = None
    ) -> Result:
        """Execute one statement, with each row of bound values if there are several.

        Args:
            text: The statement.
            bound: Values for its question marks.
            inner: The block that it stands in, if it stands in one.

        Raises:
            StatementFailed: Whatever goes wrong.
        """
        session = self.session
        tag = str(session.parameters["QUERY_TAG"])
        origin = Origin(session.identity, session.database, session.schema, tag)
        with session.local.activity.statement(text, origin, session.cancel) as statement:
            self.query_id = statement.query_id
            result = self._run(text, bound, inner)
            result = replace(result, type_id=self.type_id, query_id=self.query_id)
        self.session.keep_query_id(result.query_id)
        self.session.local.results.keep(result)
        return result

    def _run(self, text: str, bound: Sequence[list[Any]], inner: "Inner | None") -> Result:
        try:
            with (
                self.session.transaction.statement(),
                self.session.time_limit(),
                self.session.local.descriptions.beside(admission.head(text)),
            ):
                return execution.execute(self, text, bound, inner)
        except Exception as error:  # noqa: BLE001 -- the engine's outermost edge: each error gets Snowflake's form
            translate(error, text)

    def run_parsed(self, expression: Expr, bind: Callable[[Expr], None] | None = None) -> Result:
        """Execute a query of our own making, of which no query id is told.

        Args:
            expression: The query.
            bind: Writes values into it, once it is known that it may run.

        Raises:
            StatementFailed: Whatever goes wrong.
        """
        try:
            admission.refuse(expression, "", self.session)
            if bind:
                bind(expression)
            text = expression.sql(dialect="snowflake")
            with (
                lent_rows.lent(self, expression, text, None),
                streams.followed(self.session, expression),
            ):
                return self.session.transaction.read(lambda: self.run_steps(expression, None))
        except Exception as error:  # noqa: BLE001 -- as in `run`
            translate(error)

    def describe_columns(self, text: str) -> Result:
        """The columns that a statement would answer with; nothing is run.

        Raises:
            StatementFailed: The statement fails, or can only be described by running it.
        """
        try:
            return description.describe(self, text)
        except Exception as error:  # noqa: BLE001 -- as in `run`
            translate(error)

    def run_steps(
        self,
        expression: Expr,
        params: MutableParams | None,
        duck: duckdb.DuckDBPyConnection | None = None,
    ) -> Result:
        """Rewrite and execute, in as many steps as it takes; the last one's answer counts.

        Args:
            expression: A statement.
            params: Its bound values.
            duck: Where to run it; by default where it sees what Snowflake shows it.
        """
        self.check_db_and_schema(expression)
        known = dict(self.session.temporary_tables)
        with contextlib.ExitStack() as failed:
            failed.callback(setattr, self.session, "temporary_tables", known)
            for step in self._transform_explode(expression):
                with (
                    contextlib.nullcontext(duck)
                    if duck
                    else isolation.connection(self.session, step)
                ) as self._duck_conn:
                    transformed = pipeline.rewrite(step, self.session, params)
                    bound = params if transformed.find(exp.Placeholder) else None
                    self._execute(transformed, bound)
                    result = self._last_result()
            failed.pop_all()
        self.upload = transformed.args.get("put_stage_data")
        self.upload_stage = transformed.args.get("put_stage_name", "")
        return result

    def check_db_and_schema(self, expression: Expr) -> None:
        """Refuse names that need a current database or schema where there is none."""
        if self.session.database_set and self.session.schema_set:
            return
        named = expression.copy()
        for table in named.find_all(exp.Table):
            if self.session.is_lent(table.name):
                table.replace(exp.table_(table.name, db="main", catalog="temp"))
        super().check_db_and_schema(named)

    def _last_result(self) -> Result:
        self.session.results_cache.clear()  # fakesnow's own, which keeps every result for ever
        types = tuple(str(column[1]) for column in self._duck_conn.description or ())
        return Result(self._arrow_table, types, self._rowcount or 0)

    def _transform_explode(self, expression: Expr) -> list[Expr]:
        # fakesnow's list without MERGE, whose steps are neither atomic nor exact (see merge.py).
        for explode in (
            lambda e: identities.explode(e, self.session),
            alter_table_add_multiple_columns,
            insert_overwrite,
        ):
            if len(steps := explode(expression)) > 1:
                return steps
        return [expression]
