"""The definitions of functions and procedures in SQL, as the account keeps them."""
# ruff: noqa: S608 -- names of our own tables; values are bound

from collections.abc import Iterator

import duckdb
import msgspec

FUNCTIONS = "_fs_global._fs_information_schema._local_sql_functions"
PROCEDURES = "_fs_global._fs_information_schema._local_procedures"
"""The tables that keep the definitions of functions, and of procedures."""
CATALOG_SQL = "".join(
    f"CREATE TABLE IF NOT EXISTS {table} (path VARCHAR, count BIGINT, definition VARCHAR);\n"
    for table in (FUNCTIONS, PROCEDURES)
)


class SqlFunction(msgspec.Struct, frozen=True):
    """A function as it was defined; types are written as Snowflake has them."""

    path: str
    arguments: list[tuple[str, str]]
    """Name and type of each."""
    returns: str
    body: str
    defaults: list[str] = []
    """The defaults of the last arguments."""
    columns: list[tuple[str, str]] = []
    """Name and type of each column of a table function."""
    is_caller: bool = False
    """True for a procedure that has the caller's rights."""
    is_not_null: bool = False
    """True for a procedure that may return no NULL."""

    @property
    def name(self) -> str:
        """Its name without database and schema."""
        return self.path.rpartition(".")[2]


class SqlFunctions:
    """The functions or procedures of the account, by path."""

    def __init__(self, duck: duckdb.DuckDBPyConnection, table: str) -> None:
        self._table = table
        self._known: dict[str, list[SqlFunction]] = {}
        for (definition,) in duck.execute(f"SELECT definition FROM {table}").fetchall():
            function = msgspec.json.decode(definition, type=SqlFunction)
            self._known.setdefault(function.path, []).append(function)

    def __iter__(self) -> Iterator[SqlFunction]:
        return (function for of_path in self._known.values() for function in of_path)

    def at(self, path: str) -> list[SqlFunction]:
        """The functions of a path."""
        return self._known.get(path, [])

    def find(self, path: str, count: int) -> SqlFunction | None:
        """The function of a path that takes so many arguments."""
        for function in self._known.get(path, ()):
            most = len(function.arguments)
            if most - len(function.defaults) <= count <= most:
                return function
        return None

    def keep(self, duck: duckdb.DuckDBPyConnection, function: SqlFunction) -> None:
        """Add a function, in place of one with as many arguments."""
        self.drop(duck, function.path, len(function.arguments))
        self._known.setdefault(function.path, []).append(function)
        text = msgspec.json.encode(function).decode()
        count = len(function.arguments)
        duck.execute(f"INSERT INTO {self._table} VALUES (?, ?, ?)", [function.path, count, text])

    def drop(self, duck: duckdb.DuckDBPyConnection, path: str, count: int) -> bool:
        """Remove a function; False if there is none."""
        kept = [f for f in self._known.get(path, ()) if len(f.arguments) != count]
        is_gone = len(kept) != len(self._known.get(path, ()))
        self._known[path] = kept
        duck.execute(f"DELETE FROM {self._table} WHERE path = ? AND count = ?", [path, count])
        return is_gone
