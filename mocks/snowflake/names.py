"""The check of a statement's names: none may be DuckDB's own or refer to this machine.

DuckDB has functions and tables that Snowflake has not, some of which read files. So a name is
refused unless it is known to be one of Snowflake's. Behind this, the engine itself has no access to
files outside of the data folder (see warehouse.py).
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake.answered_functions import ANSWERED
from mocks.snowflake.declared_columns import folded
from mocks.snowflake.errors import (
    compilation,
    does_not_exist,
    invalid,
    unknown_function,
    unsupported,
)

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

CALLED = "called"
"""The key under which a function's node keeps the name that the statement calls it by."""
_OWN_CATALOGS = re.compile(r"_FS_.*|SYSTEM|TEMP|MEMORY|PG_CATALOG", re.IGNORECASE)
_OWN_TABLES = re.compile(r"(_FS_|DUCKDB_|PRAGMA_|SQLITE_|PG_).*", re.IGNORECASE)
OWN_SCHEMA = "MAIN"
"""The schema that DuckDB makes in each database."""
_TABLE_FUNCTIONS = (exp.Explode, exp.SplitToTable, exp.Generator, exp.Anonymous)
QUOTES = frozenset("'\"")
# Their names go to DuckDB as names alone; those of other statements also into texts of fakesnow's.
_ROWS = (exp.Query, exp.Insert, exp.Update, exp.Delete, exp.Merge)


def keep_called(expression: Expr, text: str) -> None:
    """Note at each function how the text calls it: sqlglot's node may have another name."""
    for node in expression.find_all(exp.Func):
        if "start" in node.meta:
            node.meta[CALLED] = text[node.meta["start"] : node.meta["end"] + 1].strip('"').upper()


def refuse_foreign(expression: Expr, session: "Session") -> None:
    """Return for a statement that names only what Snowflake has.

    Raises:
        StatementFailed: 2140 for a function, 2003 for a table, 2 for a name with quotes.
    """
    own = {function.name for function in session.local.functions}
    own |= {function.name for function in session.local.sql_functions}
    for node in expression.find_all(exp.Func):
        name = _function_name(node)
        if name and name not in ANSWERED and name not in own:
            raise unknown_function(name)
    refuse_tables(expression)
    _refuse_values_as_tables(expression)
    _refuse_unknown_columns(expression)
    _refuse_words(expression, session)
    _refuse_duplicate_aliases(expression)
    if not isinstance(expression, _ROWS):
        _refuse_quotes(expression)
    _refuse_other_case(expression, session)


def _function_name(node: exp.Func) -> str:
    if isinstance(node, exp.Anonymous):
        is_qualified = isinstance(node.parent, exp.Dot) and node.arg_key == "expression"
        return "" if is_qualified else node.name.upper()  # dialect/functions.py looks those up
    if isinstance(node, exp.Unnest):
        return "UNNEST"
    return node.meta.get(CALLED, "")  # none: an operator, or part of a call that has one


def refuse_tables(expression: Expr) -> None:
    """Return for a statement without a path, and without a table of the engine, for a table.

    Raises:
        StatementFailed: 2003.
    """
    reads_places = isinstance(expression, exp.Copy | exp.Put)  # which looks at them itself
    for table in expression.find_all(exp.Table):
        *qualifiers, name = (part.name for part in table.parts)
        places = (table.args.get(part) for part in ("db", "catalog"))  # of DROP SCHEMA as well
        is_file = isinstance(table.this, exp.Literal) and not name.startswith("@")
        is_own = not qualifiers and _OWN_TABLES.fullmatch(name)
        if (
            (is_file and not reads_places)
            or is_own
            or _is_own_schema(qualifiers)
            or any(_OWN_CATALOGS.fullmatch(place.name) for place in places if place)
        ):
            raise does_not_exist("Object", ".".join((*qualifiers, name)))


def _is_own_schema(qualifiers: Sequence[str]) -> bool:
    """Tell whether a table is in MAIN, where DuckDB shows all that it has."""
    return [schema.upper() for schema in qualifiers[-1:]] == [OWN_SCHEMA]


def _refuse_values_as_tables(expression: Expr) -> None:
    """Return for a statement that reads no function as a table but table functions in TABLE(…).

    Raises:
        StatementFailed: 1003 without TABLE, 2140 for a function of values, 2 for GENERATOR without
            a number of rows.
    """
    for source in expression.find_all(exp.Table, exp.TableFromRows, exp.Lateral):
        call = source.this
        if not isinstance(call, exp.Func) or isinstance(call, exp.DynamicIdentifier):
            continue
        name = call.meta.get(CALLED) or call.name.upper()
        if isinstance(source, exp.Table):
            raise invalid(f"syntax error: unexpected '('; a table function is TABLE({name}(…))")
        if isinstance(call, exp.Generator) and call.args.get("rowcount") is None:
            raise unsupported("GENERATOR without ROWCOUNT")
        if not isinstance(call, _TABLE_FUNCTIONS):
            raise unknown_function(name, "table function")


def _refuse_unknown_columns(expression: Expr) -> None:
    """Return for a statement whose columns are of tables that its queries read.

    DuckDB takes `v.t` for a part of the column V.

    Raises:
        StatementFailed: 904 for another column.
    """
    sources = {alias.name.upper() for alias in expression.find_all(exp.TableAlias)}
    sources |= {source.alias_or_name.upper() for source in expression.find_all(*_SOURCES)}
    for column in expression.find_all(exp.Column):
        is_in_query = column.find_ancestor(exp.Select) and column.name.upper() not in _OF_SEQUENCES
        if sources and is_in_query and column.table and column.table.upper() not in sources:
            raise compilation(904, "42000", f"invalid identifier '{column.sql().upper()}'")


def _refuse_words(expression: Expr, session: "Session") -> None:
    """Return for a statement whose words are columns; DuckDB has a function of each.

    Raises:
        StatementFailed: 904 for a word that is the name of no column.
    """
    columns = (column for column in expression.find_all(exp.Column) if not column.table)
    words = {name for column in columns if (name := column.name.upper()) in _WORDS}
    if words and not _reads_results(expression):
        known = _known_names(session).union(_defined_names(expression))
        for word in sorted(words - {name.upper() for name in known}):
            raise compilation(904, "42000", f"invalid identifier '{word}'")


def _refuse_duplicate_aliases(expression: Expr) -> None:
    """Return for a statement none of whose FROMs has two sources of one name.

    Raises:
        StatementFailed: 2027.
    """
    for scope in expression.find_all(exp.Select, exp.Update, exp.Delete, exp.Merge):
        known: set[str] = set()
        for name in filter(None, map(_source_name, _sources(scope))):
            if name in known:
                raise compilation(2027, "42601", f"duplicate alias '{name}'")
            known.add(name)


def _sources(scope: Expr) -> Iterator[Expr]:
    """Yield the sources that a query, or a statement that writes, names itself."""
    if not isinstance(scope, exp.Select) and scope.this:  # nothing in a WHEN of MERGE
        yield scope.this
    source = scope.args.get("from_")
    found = [source.this] if source else []
    using = scope.args.get("using") or []
    found += using if isinstance(using, list) else [using]
    for one in found:
        yield one
        yield from (join.this for join in one.args.get("joins") or [])
    yield from (join.this for join in scope.args.get("joins") or [])
    yield from scope.args.get("laterals") or []


def _source_name(source: Expr) -> str:
    """A source's alias, or its own name; empty for one that has none here."""
    alias = source.args.get("alias")
    named = alias.this if isinstance(alias, exp.TableAlias) else None
    if isinstance(named, exp.Identifier):
        return folded(named)
    if source.args.get("pivots"):
        return ""
    if isinstance(source, exp.Subquery) and isinstance(source.this, exp.Query):
        return "values"  # which no unquoted name can be
    is_table = isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier)
    return folded(source.this) if is_table else ""


_SOURCES = (
    exp.Table, exp.Subquery, exp.Lateral, exp.TableFromRows, exp.Values, exp.Pivot,
)  # fmt: skip
_OF_SEQUENCES = ("NEXTVAL", "CURRVAL")
_WORDS = ("CURRENT_CATALOG", "CURRENT_ROLE", "SESSION_USER", "USER")


def _refuse_other_case(expression: Expr, session: "Session") -> None:
    """DuckDB finds "aBc" by ABC; Snowflake doesn't.

    Raises:
        StatementFailed: 904 or 2003 for a name that is there in another case alone.
    """
    identifiers = list(expression.find_all(exp.Identifier))
    are_mixed = any(_is_quoted_lower(i) for i in identifiers)
    if session.local.has_mixed_names is False and not are_mixed:
        return
    known = _known_names(session)
    mixed = {name.upper() for name in known if name != name.upper()}
    session.local.has_mixed_names = bool(mixed) or (None if are_mixed else False)
    known |= set(_defined_names(expression))
    mixed |= set(_renamed_in_quotes(expression))
    folded = mixed if _reads_results(expression) else {name.upper() for name in known}
    for identifier in identifiers:
        name = identifier.name if identifier.args.get("quoted") else identifier.name.upper()
        is_column = isinstance(identifier.parent, exp.Column) and identifier.arg_key == "this"
        is_table = isinstance(identifier.parent, exp.Table) and not _defines(identifier.parent)
        is_other = name.upper() in (folded if _is_quoted_lower(identifier) else mixed)
        if is_other and name not in known and (is_column or is_table):
            if is_column:
                raise compilation(904, "42000", f"invalid identifier '{name}'")
            raise does_not_exist("Object", name)


def _reads_results(expression: Expr) -> bool:
    """Tell whether RESULT_SCAN is read, whose columns may be those of SHOW, in lower case."""
    return any(call.name.upper() == "RESULT_SCAN" for call in expression.find_all(exp.Anonymous))


def _known_names(session: "Session") -> set[str]:
    """Names of all tables and columns, as they are written."""
    with session.probe() as duck:
        return {name for (name,) in duck.execute(_NAMES_OF_ALL).fetchall()}


def _is_quoted_lower(identifier: exp.Identifier) -> bool:
    return bool(identifier.args.get("quoted")) and identifier.name != identifier.name.upper()


def _defined_names(expression: Expr) -> Iterator[str]:
    """Names that a statement gives itself: its aliases."""
    for node in expression.find_all(exp.Alias, exp.TableAlias):
        columns = node.columns if isinstance(node, exp.TableAlias) else []
        for identifier in (node.args.get("alias"), node.this, *columns):
            if isinstance(identifier, exp.Identifier):
                is_quoted = identifier.args.get("quoted")
                yield identifier.name if is_quoted else identifier.name.upper()


def _renamed_in_quotes(expression: Expr) -> Iterator[str]:
    """In capitals, names in another case that a statement gives to values of another name.

    None where columns aren't known here: of table functions, VALUES and INFORMATION_SCHEMA.
    """
    of_catalog = any(t.db.upper() == "INFORMATION_SCHEMA" for t in expression.find_all(exp.Table))
    if of_catalog or expression.find(exp.TableFromRows, exp.Lateral, exp.Values):
        return
    for node in expression.find_all(exp.Alias):
        alias = node.args.get("alias")
        if isinstance(alias, exp.Identifier) and _is_quoted_lower(alias):
            inside = {part.name.upper() for part in node.this.find_all(exp.Identifier)}
            if alias.name.upper() not in inside:
                yield alias.name.upper()


def _defines(table: exp.Table) -> bool:
    parent = table.parent.parent if isinstance(table.parent, exp.Schema) else table.parent
    return isinstance(parent, exp.Create | exp.AlterRename)


_NAMES_OF_ALL = """
    SELECT unnest([column_name, table_name]) FROM duckdb_columns()
    WHERE NOT internal AND database_name <> '_fs_global'
      AND schema_name <> '_fs_information_schema'
"""


def _refuse_quotes(expression: Expr) -> None:
    for identifier in expression.find_all(exp.Identifier):
        if not QUOTES.isdisjoint(identifier.name):
            raise unsupported(f"the name {identifier.name}", "it has a quotation mark")
