"""``create function … language python``: DuckDB calls the handler in its session's process."""
# ruff: noqa: S608 -- names of our own tables; values are bound

import inspect
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from mocks.snowflake import json_text
from mocks.snowflake.errors import StatementFailed, already_exists, unsupported
from mocks.snowflake.handlers import values
from mocks.snowflake.handlers.children import ProcessLost
from mocks.snowflake.handlers.messages import (
    Definition,
    Failed,
    Refused,
    Reply,
    Results,
    Rows,
    Texts,
)
from mocks.snowflake.handlers.workers import Worker, Workers
from mocks.snowflake.sources import find_code

_POSITIONAL = inspect.Parameter.POSITIONAL_ONLY
_FIELDS = "database, schema, name, arguments, returns, handler, body, is_strict, comment"
_SENT_BYTES = 2**20
"""Rows are sent in portions of about this size, or one by one where a row is larger."""
_OFFSET_BYTES = 4
_ARROW_TYPES = {
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "BLOB": pa.binary(),
    "DATE": pa.date32(),
    "TIME": pa.time64("us"),
    "TIMESTAMP": pa.timestamp("us"),
    "TIMESTAMPTZ": pa.timestamp("us", "UTC"),
}


class PythonFunctionFailed(Exception):
    """A handler failed; DuckDB passes on nothing but this class's name and the text."""


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

    def definition(self, key: str, sources: Sequence[Path]) -> Definition:
        """The definition that a process needs to call the function."""
        code = find_code(self.body, f"{self.schema.lower()}.{self.name.lower()}", sources)
        return Definition(
            key,
            self.name,
            code.text,
            code.filename,
            self.handler,
            self.arguments,
            self.returns,
            self.is_strict,
        )


class PythonFunctions:
    """The functions of the account: kept in its file, registered in DuckDB."""

    def __init__(self, duck: duckdb.DuckDBPyConnection, sources: Sequence[Path] = ()) -> None:
        self.workers = Workers()
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

    def create(
        self, function: PythonFunction, worker: Worker, *, replace: bool, if_not_exists: bool
    ) -> bool:
        """Define a function for all sessions; False when it was there and may be.

        The worker is that of the session that defines it, where its code is tried.

        Raises:
            StatementFailed: It exists, or its code can't be used.
        """
        if self._named(function.path).get(function.signature) and not replace:
            if if_not_exists:
                return False
            raise already_exists(function.signature)
        _try(function.definition("", self._sources), worker)
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
        """End the processes; let DuckDB forget the functions, so that it can be closed cleanly."""
        self.workers.close()
        for named in self._registered.values():
            for _, registered_as in named.values():
                self._duck.remove_function(registered_as)

    def _named(self, path: str) -> dict[str, tuple[PythonFunction, str]]:
        return self._registered.setdefault(path, {})

    def _register(self, function: PythonFunction) -> None:
        """Register under a new name: running statements keep the one they have."""
        registered_as = f"_python_{next(self._numbers)}_{function.name.lower()}"
        self._duck.create_function(
            registered_as,
            _callable(function.definition(registered_as, self._sources), self.workers),
            ["BIGINT", *(_carried_as(duck_type) for _, duck_type in function.arguments)],  # type: ignore[list-item]
            _carried_as(function.returns[1]),  # type: ignore[arg-type]
            type="arrow",  # type: ignore[arg-type]
            null_handling="special",  # type: ignore[arg-type]
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


def _callable(definition: Definition, workers: Workers) -> Callable[..., pa.Array]:
    """Return the function that DuckDB calls with the session's number and columns of arguments."""
    duck_type = definition.returns[1]
    decode = msgspec.msgpack.Decoder(values.list_type(duck_type)).decode
    arrow_type = _ARROW_TYPES.get(duck_type, pa.string())

    def call(*columns: pa.ChunkedArray) -> pa.Array:
        found: list[Any] = []
        worker = workers.of(columns[0][0].as_py())
        count, portions = _portions(columns[1:], len(columns[0]), definition)
        for reply in worker.call(definition, portions, count):
            found += decode(_results(definition, reply).values)
        if duck_type == "JSON":
            found = [text and json_text.kept(text) for text in found]
        return pa.array(found, arrow_type)

    def answer(*columns: pa.ChunkedArray) -> pa.Array:
        try:
            return call(*columns)
        except (StatementFailed, ProcessLost, json_text.BadJson) as error:
            raise PythonFunctionFailed(_failed(definition, error).message) from None

    # DuckDB counts the parameters.
    count = 1 + len(definition.arguments)
    parameters = [inspect.Parameter(f"a{n}", _POSITIONAL) for n in range(count)]
    answer.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return answer


def _portions(
    columns: Sequence[pa.ChunkedArray], count: int, definition: Definition
) -> tuple[int, Iterator[Rows]]:
    """The rows in messages of about one size, and how many those are."""
    size = sum(column.nbytes for column in columns)
    step = max(1, count * _SENT_BYTES // max(size, _SENT_BYTES))
    starts = range(0, count, step)

    def portion(start: int) -> Rows:
        sent = [
            _sent(column.slice(start, step), duck_type)
            for column, (_, duck_type) in zip(columns, definition.arguments, strict=True)
        ]
        return Rows(definition.key, min(step, count - start), sent)

    return len(starts), map(portion, starts)


def _sent(column: pa.ChunkedArray, duck_type: str) -> Texts | list[Any]:
    if not values.is_text(duck_type):
        return column.to_pylist()
    texts = column.cast(pa.string()).combine_chunks()
    _, offsets, content = texts.buffers()
    first, last = texts.offset * _OFFSET_BYTES, (texts.offset + len(texts) + 1) * _OFFSET_BYTES
    used = memoryview(offsets)[first:last]
    ends = used.cast("i")
    nulls = (
        texts.is_null().to_numpy(zero_copy_only=False).nonzero()[0].tolist()
        if texts.null_count
        else []
    )
    return Texts(
        used, memoryview(content)[ends[0] : ends[-1]] if content else memoryview(b""), nulls
    )


def _results(definition: Definition, reply: Reply) -> Results:
    match reply:
        case Results():
            return reply
        case Refused(module):
            raise unsupported(f"import {module}", "functions have the standard library alone")
        case Failed(traceback):
            raise _interpreter_error(traceback, definition)
    raise TypeError(reply)


def _try(definition: Definition, worker: Worker) -> None:
    """Define a function in a session's process.

    Raises:
        StatementFailed: The code doesn't compile, imports what Snowflake hasn't, or has no handler.
    """
    try:
        _results(definition, worker.define(definition))
    except ProcessLost as error:
        raise _failed(definition, error) from None


def _failed(definition: Definition, error: Exception) -> StatementFailed:
    match error:
        case StatementFailed():
            return error
        case ProcessLost():
            return _interpreter_error(f"the handler was ended: {error}", definition)
    return _interpreter_error(f"{type(error).__name__}: {error}", definition)


def _interpreter_error(text: str, definition: Definition) -> StatementFailed:
    return StatementFailed(
        100357,
        "P0000",
        f"Python Interpreter Error:\n{text}\n in function {definition.name} with handler "
        f"{definition.handler}",
    )
