"""``create function … language python``: the handler runs in this process, called by DuckDB."""
# ruff: noqa: S608 -- names of our own tables; values are bound

import ast
import inspect
import itertools
import linecache
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from mocks.snowflake import python_values
from mocks.snowflake.errors import StatementFailed, compilation, unsupported
from mocks.snowflake.sources import Code, find_code, followed

_POSITIONAL = inspect.Parameter.POSITIONAL_ONLY
_FIELDS = "database, schema, name, arguments, returns, handler, body, is_strict, comment"


class PythonFunctionFailed(Exception):
    """A handler raised; the message is its traceback. DuckDB passes on nothing but that text."""


@dataclass(frozen=True)
class PythonFunction:
    """A function as it was defined. Types are Snowflake's names, DuckDB's beside them."""

    database: str
    schema: str
    name: str
    arguments: tuple[tuple[str, str], ...]
    """(Snowflake's type, DuckDB's type) of each argument."""
    returns: tuple[str, str]
    handler: str
    body: str
    is_strict: bool = False
    comment: str = ""

    @property
    def path(self) -> str:
        """Its full name without arguments."""
        return f"{self.database}.{self.schema}.{self.name}"

    @property
    def signature(self) -> str:
        """Name and argument types: what tells overloads apart."""
        return f"{self.name}({', '.join(kind for kind, _ in self.arguments)})"

    def compile(self, code: Code) -> Callable[..., Any]:
        """The handler.

        Raises:
            StatementFailed: The code doesn't compile, imports what Snowflake hasn't, or has no
            handler.
        """
        filename = code.filename
        try:
            tree = ast.parse(code.text, filename)
            _refuse_third_party(tree)
            namespace: dict[str, Any] = {"__name__": self.name.lower()}
            exec(compile(tree, filename, "exec"), namespace)  # noqa: S102 -- what a Python function is
        except StatementFailed:
            raise
        except Exception as error:
            # The user's code, running for the first time: whatever it raises is its own error.
            raise _interpreter_error(_trace(error, filename), self) from error
        lines = code.text.splitlines(keepends=True)
        linecache.cache[filename] = (len(code.text), None, lines, filename)
        if not callable(handler := namespace.get(self.handler)):
            raise _interpreter_error(f"the handler '{self.handler}' is not defined", self)
        return handler


class PythonFunctions:
    """The functions of the account: kept in its file, compiled once, registered in DuckDB."""

    def __init__(self, duck: duckdb.DuckDBPyConnection, sources: Sequence[Path] = ()) -> None:
        self._duck = duck
        self._sources = sources
        self._numbers = itertools.count(1)
        self._registered: dict[str, dict[str, tuple[PythonFunction, str]]] = {}

    def load(self) -> None:
        """Register what earlier servers were told to keep."""
        stored = self._duck.execute(f"SELECT {_FIELDS} FROM {_TABLE}").fetchall()
        for *names, arguments, returns, handler, body, is_strict, comment in stored:
            kinds = tuple(tuple(kind) for kind in msgspec.json.decode(arguments))
            self._register(
                PythonFunction(
                    *names,
                    kinds,
                    tuple(msgspec.json.decode(returns)),
                    handler,
                    body,
                    is_strict,
                    comment,
                )
            )

    def create(self, function: PythonFunction, *, replace: bool, if_not_exists: bool) -> bool:
        """Define a function for all sessions; False when it was there and may be.

        Raises:
            StatementFailed: It exists, or its code can't be used.
        """
        if self._named(function.path).get(function.signature) and not replace:
            if if_not_exists:
                return False
            raise compilation(2002, "42710", f"Object '{function.signature}' already exists.")
        self._register(function)
        self._forget(function)
        self._duck.execute(
            f"INSERT INTO {_TABLE} ({_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            _record(function),
        )
        return True

    def drop(self, path: str, signature: str) -> bool:
        """Remove a function; False when there is none."""
        entry = self._named(path).pop(signature, None)
        if entry is None:
            return False
        self._forget(entry[0])
        self._duck.remove_function(entry[1])
        return True

    def find(self, path: str, argument_count: int) -> tuple[PythonFunction, str] | None:
        """The function of that name for so many arguments, and its name in DuckDB.

        Raises:
            StatementFailed: Two functions differ in the types of their arguments only.
        """
        fitting = [e for e in self._named(path).values() if len(e[0].arguments) == argument_count]
        if len(fitting) > 1:
            raise unsupported(f"overloads of {path} with as many arguments")
        return fitting[0] if fitting else None

    def exists(self, path: str) -> bool:
        """Tell whether any Python function has this name."""
        return bool(self._named(path))

    def __iter__(self) -> Iterator[PythonFunction]:
        for named in self._registered.values():
            yield from (function for function, _ in named.values())

    def unregister(self) -> None:
        """Let DuckDB forget all of them, so that it can be closed cleanly."""
        for named in self._registered.values():
            for _, registered_as in named.values():
                self._duck.remove_function(registered_as)

    def _named(self, path: str) -> dict[str, tuple[PythonFunction, str]]:
        return self._registered.setdefault(path, {})

    def _register(self, function: PythonFunction) -> None:
        """Compile, and register under a new name: running statements keep the one they have."""
        registered_as = f"_python_{next(self._numbers)}_{function.name.lower()}"
        self._duck.create_function(
            registered_as,
            _callable(function, self._sources),
            [_carried_as(duck_type) for _, duck_type in function.arguments],  # type: ignore[arg-type]
            _carried_as(function.returns[1]),  # type: ignore[arg-type]
            null_handling="default" if function.is_strict else "special",  # type: ignore[arg-type]
        )
        self._named(function.path)[function.signature] = (function, registered_as)

    def _forget(self, function: PythonFunction) -> None:
        self._duck.execute(
            f"DELETE FROM {_TABLE} "
            "WHERE database = ? AND schema = ? AND name = ? AND arguments = ?",
            _record(function)[:4],
        )


_TABLE = "_fs_global._fs_information_schema._local_python_functions"
CATALOG_SQL = f"""
CREATE TABLE IF NOT EXISTS {_TABLE} (
    database VARCHAR, schema VARCHAR, name VARCHAR, arguments VARCHAR, returns VARCHAR,
    handler VARCHAR, body VARCHAR, is_strict BOOLEAN, comment VARCHAR,
    created_on TIMESTAMPTZ DEFAULT now()
);
"""


def _record(function: PythonFunction) -> list[object]:
    return [
        function.database,
        function.schema,
        function.name,
        msgspec.json.encode(function.arguments).decode(),
        msgspec.json.encode(function.returns).decode(),
        function.handler,
        function.body,
        function.is_strict,
        function.comment,
    ]


def _carried_as(duck_type: str) -> str:
    return "VARCHAR" if duck_type == "JSON" else duck_type


def _callable(function: PythonFunction, sources: Sequence[Path]) -> Callable[..., Any]:
    """Return the function that DuckDB calls per row: convert, run the handler, convert back."""
    name = f"{function.schema.lower()}.{function.name.lower()}"
    code = find_code(function.body, name, sources)
    handler = function.compile(code)
    readers = [python_values.reader(*kinds) for kinds in function.arguments]
    write = python_values.writer(*function.returns)

    def call(*values: Any) -> Any:
        try:
            return write(handler(*[read(v) for read, v in zip(readers, values, strict=True)]))
        except Exception as error:  # noqa: BLE001 -- the user's code: whatever it raises is told
            message = _interpreter_error(_trace(error, code.filename), function).message
            raise PythonFunctionFailed(message) from None

    # DuckDB counts the parameters.
    parameters = [inspect.Parameter(f"a{n}", _POSITIONAL) for n in range(len(readers))]
    called = followed(call)
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return called


def _refuse_third_party(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            if name.partition(".")[0] not in sys.stdlib_module_names:
                raise unsupported(f"import {name}", "functions have the standard library alone")


def _trace(error: BaseException, filename: str) -> str:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == filename]
    head = (
        ["Traceback (most recent call last):\n", *traceback.format_list(frames)] if frames else []
    )
    return "".join([*head, *traceback.format_exception_only(error)]).rstrip()


def _interpreter_error(text: str, function: PythonFunction) -> StatementFailed:
    return StatementFailed(
        100357,
        "P0000",
        f"Python Interpreter Error:\n{text}\n in function {function.name} with handler "
        f"{function.handler}",
    )
