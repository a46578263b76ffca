"""CREATE DATABASE: a DuckDB file in the data folder, with what each database keeps for itself."""

import re
from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Expr

from mocks.snowflake import catalog
from mocks.snowflake.errors import unsupported
from mocks.snowflake.results import Result

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor


def run_create(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """CREATE DATABASE [IF NOT EXISTS]; it has a schema PUBLIC, and becomes the current database."""
    session = cursor.session
    name = expression.this.name.upper()
    if not re.fullmatch(r"[A-Z_][A-Z0-9_$]*", name):
        raise unsupported(f"a database with the name {name}", "letters, digits and _ alone")

    def create() -> Result:
        existed = session.local.has_schema(name, None)
        result = cursor.run_steps(expression, params)
        session.duck.execute(catalog.database_sql(name))
        if not existed:
            session.duck.execute(f'CREATE SCHEMA "{name}"."PUBLIC"')
            session.use(name, "PUBLIC")
        return result

    return session.transaction.define(create)
