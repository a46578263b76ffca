"""A walk through a Snowflake Scripting block: its statements run in the session, one by one."""

import contextlib
import re
from collections import ChainMap
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from sqlglot import Expr, exp

from mocks.snowflake.errors import StatementFailed, compilation, invalid, unsupported
from mocks.snowflake.results import Result
from mocks.snowflake.scripting import nodes, values
from mocks.snowflake.scripting.reading import position, read
from mocks.snowflake.scripting.values import Value

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

_REFUSALS = frozenset({2, 604, 630, 709, 370001})
"""Numbers of errors that no handler gets: ours alone, or of who stops the statement."""
IMMEDIATE = re.compile(
    r"execute\s+immediate\s+(?P<text>.*?)(?:\s+using\s*\((?P<using>[^()]*)\))?\s*;?\s*",
    re.IGNORECASE | re.DOTALL,
)
_ANY_STATEMENT, _ANY_EXPRESSION, _OTHER = "STATEMENT_ERROR", "EXPRESSION_ERROR", "OTHER"


@dataclass
class Cursor:
    """A cursor: its query or RESULTSET, and once it is open the rows and the next one's number."""

    source: str
    result: Result | None = None
    next_row: int = 0


@dataclass(frozen=True)
class Table:
    """A RESULTSET."""

    result: Result | None


Held = Value | Cursor | Table | nodes.OwnException
Scope = ChainMap[str, Held]
_T = TypeVar("_T", bound=Held)


@dataclass(frozen=True)
class Inner:
    """The block that a statement runs in."""

    values: dict[str, Value]
    bind: Callable[[Expr], None]
    """Writes the block's values into the parsed statement, or refuses it."""


@dataclass
class Raised(Exception):
    """An exception in a block, until a handler takes it."""

    name: str
    error: StatementFailed
    at: int


class _Left(Exception):
    """BREAK and CONTINUE on their way to their loop."""

    def __init__(self, leave: nodes.Leave) -> None:
        super().__init__()
        self.leave = leave


class _Returned(Exception):
    """RETURN on its way out of the block."""

    def __init__(self, result: Result) -> None:
        super().__init__()
        self.result = result


@dataclass(frozen=True)
class Frame:
    """The setting in which a block runs."""

    name: str = "anonymous block"
    """The name of the column with what it returns."""
    arguments: dict[str, Value] = field(default_factory=dict)
    returns: str = ""
    """The type of what it returns, if that is declared."""
    is_owner: bool = False
    """True: it has the rights of a procedure's owner, and nothing of the caller's session."""


def run(session: "Session", text: str, frame: Frame) -> Result:
    """Run a block and return what it returns; NULL if it returns nothing.

    Raises:
        StatementFailed: An exception that no handler took.
    """
    block = read(text)
    walk = _Walk(session, frame, had_transaction=session.transaction.is_open)
    try:
        walk.block(block, ChainMap(dict(frame.arguments)))
        null = walk.evaluated("NULL", ChainMap(), frame.returns or "VARCHAR")
        result = walk.named(null)
    except _Returned as returned:
        result = returned.result
    except Raised as raised:
        raise _uncaught(raised, text) from raised
    except _Left as left:
        raise invalid("syntax error: BREAK or CONTINUE outside of its loop") from left
    finally:
        is_left_open = session.transaction.is_open and not walk.had_transaction
        if is_left_open:
            session.transaction.rollback()
    if is_left_open:
        raise StatementFailed(
            90232,
            "P0000",
            "Stored procedure execution error: Scoped transaction started in stored procedure is "
            "incomplete and it was rolled back.",
        )
    return result


def _uncaught(raised: Raised, text: str) -> StatementFailed:
    error, (line, column) = raised.error, position(text, raised.at)
    return StatementFailed(
        error.errno,
        error.sqlstate,
        f"Uncaught exception of type '{raised.name}' on line {line} at position {column} : "
        f"{error.message}",
    )


@dataclass
class _Walk:
    session: "Session"
    frame: Frame
    had_transaction: bool
    """True where the session had an open transaction before the block."""
    handled: list[Raised] = field(default_factory=list)
    """The exceptions whose handlers run, the latest last."""

    def named(self, result: Result) -> Result:
        """The value under the block's name."""
        return Result(result.table.rename_columns([self.frame.name]), result.types, result.rowcount)

    def block(self, block: nodes.Block, outer: Scope) -> None:
        scope = outer.new_child()
        continuing = [handler for handler in block.handlers if handler.goes_on]
        try:
            self.body(block.declared, scope, ())
            self.body(block.body, scope, continuing)
        except Raised as raised:
            handler = _fitting(block.handlers, raised)
            if handler is None:
                raise
            self.handle(handler, raised, scope)

    def handle(self, handler: nodes.Handler, raised: Raised, scope: Scope) -> None:
        inner = scope.new_child(
            {
                "SQLCODE": _constant(raised.error.errno),
                "SQLERRM": _constant(raised.error.message),
                "SQLSTATE": _constant(raised.error.sqlstate),
            }
        )
        self.handled.append(raised)
        try:
            self.body(handler.body, inner, ())
        finally:
            self.handled.pop()

    def body(self, body: nodes.Body, scope: Scope, continuing: Sequence[nodes.Handler]) -> None:
        for node in body:
            try:
                _RUN[type(node)](self, node, scope)
            except Raised as raised:
                handler = _fitting(continuing, raised)
                if handler is None:
                    raise
                self.handle(handler, raised, scope)

    # What reads and sets variables

    def known(self, scope: Scope) -> dict[str, Value]:
        return {name: held for name, held in scope.items() if isinstance(held, Value)}

    def evaluated(self, text: str, scope: Scope, type_: str = "") -> Result:
        """An expression's value, cast to a type if there is one."""
        query = values.query_of(values.of_expression(text), type_)
        known = self.known(scope)
        return self.session.cursor().run_parsed(
            query, lambda parsed: values.write(parsed, known, is_bare=True)
        )

    def value(self, node: nodes.Node, text: str, scope: Scope, type_: str = "") -> Value:
        with _raising(_ANY_EXPRESSION, node.at):
            result = self.evaluated(text, scope, type_)
            return values.of_row(result, 0, type_)[0]

    def is_true(self, node: nodes.Node, text: str, scope: Scope) -> bool:
        return self.value(node, text, scope, "BOOLEAN").plain is True

    def set(self, node: nodes.Node, name: str, value: Value, scope: Scope) -> None:
        """Give an existing variable a value of its own type."""
        there = _held(scope, name, Value)
        if there.kind != value.kind:
            text = f"({value.written.sql(dialect='snowflake')})"
            if there.is_inferred:
                raise unsupported(
                    f"a {value.kind} in the variable {name}, which has been a {there.kind}",
                    "declare its type",
                )
            value = self.value(node, text, ChainMap(), there.kind)
        place = next(place for place in scope.maps if name in place)
        place[name] = value.inferred() if there.is_inferred else value

    def variable(self, node: nodes.Variable, scope: Scope) -> None:
        value = self.value(node, node.value or "NULL", scope, node.type)
        scope[node.name] = value if node.type else value.inferred()

    def assign(self, node: nodes.Assign, scope: Scope) -> None:
        if isinstance(scope.get(node.name), Table):
            self.result_set(nodes.ResultSet(node.at, node.name, node.value.strip("() ")), scope)
            return
        there = _held(scope, node.name, Value)
        type_ = "" if there.is_inferred else there.kind
        self.set(node, node.name, self.value(node, node.value, scope, type_), scope)

    def set_row(
        self, node: nodes.Node, names: Sequence[str], row: Sequence[Value], scope: Scope
    ) -> None:
        if len(names) != len(row):
            raise invalid(f"{len(row)} columns do not go into {len(names)} variables")
        for name, value in zip(names, row, strict=True):
            self.set(node, name, value, scope)

    # Statements

    def execute(
        self, node: nodes.Node, text: str, scope: Scope, binds: Sequence[Value] = ()
    ) -> Result:
        """Run a statement, or the one that EXECUTE IMMEDIATE makes of an expression."""
        with _raising(_ANY_STATEMENT, node.at):
            if dynamic := IMMEDIATE.fullmatch(text):
                binds = self.each(dynamic["using"], scope)
                text, scope = self.text(dynamic["text"], scope), ChainMap()
            known = self.known(scope)
            inner = Inner(known, lambda expression: self.bind(expression, known, binds))
            return self.session.cursor().run(text, (), inner)

    def bind(self, expression: Expr, known: dict[str, Value], binds: Sequence[Value]) -> None:
        """Write the values of variables and of question marks into a statement."""
        is_transaction = isinstance(expression, exp.Transaction | exp.Commit | exp.Rollback)
        if is_transaction and self.had_transaction:
            raise unsupported("a transaction of a block within the session's")
        if self.frame.is_owner and isinstance(expression, exp.Use | exp.Set):
            raise unsupported(f"{type(expression).__name__.upper()} with the owner's rights")
        values.write(expression, known, is_bare=False)
        marks = [p for p in expression.find_all(exp.Placeholder) if not p.args.get("this")]
        if len(marks) != len(binds):
            raise invalid(f"{len(binds)} values for {len(marks)} question marks")
        for mark, value in zip(marks, binds, strict=True):
            mark.replace(value.written.copy())

    def text(self, expression: str, scope: Scope) -> str:
        (text,) = self.evaluated(expression, scope, "VARCHAR").table.column(0).to_pylist()
        return text or ""

    def each(self, expressions: str | None, scope: Scope) -> list[Value]:
        """The values of a list of expressions."""
        return [
            values.of_row(self.evaluated(part, scope), 0)[0]
            for part in (expressions or "").split(",")
            if part.strip()
        ]

    def statement(self, node: nodes.Statement, scope: Scope) -> None:
        result = self.execute(node, node.text, scope)
        if node.into:
            if result.table.num_rows != 1:
                raise Raised(
                    _ANY_STATEMENT,
                    StatementFailed(
                        2135,
                        "42601",
                        "A SELECT INTO statement expects exactly 1 returned row, but got "
                        f"{result.table.num_rows}.",
                    ),
                    node.at,
                )
            self.set_row(node, node.into, values.of_row(result, 0), scope)
        count = result.rowcount if _is_count(result) else None
        found = exp.convert(count) if count is not None else exp.null()
        scope.maps[-1]["SQLROWCOUNT"] = Value("NUMBER(38,0)", found, count)
        for name, is_so in (("SQLFOUND", bool(count)), ("SQLNOTFOUND", not count)):
            plain = is_so if count is not None else None
            scope.maps[-1][name] = Value("BOOLEAN", exp.convert(plain), plain)
        scope.maps[-1]["SQLID"] = _constant(result.query_id)

    def result_set(self, node: nodes.ResultSet, scope: Scope) -> None:
        result = self.execute(node, node.statement, scope) if node.statement else None
        place = next((place for place in scope.maps if node.name in place), scope.maps[0])
        place[node.name] = Table(result)

    def cursor(self, node: nodes.CursorFor, scope: Scope) -> None:
        scope[node.name] = Cursor(node.source)

    def exception(self, node: nodes.OwnException, scope: Scope) -> None:
        scope[node.name] = node

    def open(self, node: nodes.Open, scope: Scope) -> None:
        cursor = _held(scope, node.cursor, Cursor)
        with _raising(_ANY_EXPRESSION, node.at):
            binds = self.each(node.using, scope)
        cursor.result, cursor.next_row = self.rows_of(node, cursor, scope, binds), 0

    def rows_of(
        self, node: nodes.Node, cursor: Cursor, scope: Scope, binds: Sequence[Value] = ()
    ) -> Result:
        table = scope.get(cursor.source.upper())
        if isinstance(table, Table):
            return _filled(table, cursor.source)
        return self.execute(node, cursor.source, scope, binds)

    def fetch(self, node: nodes.Fetch, scope: Scope) -> None:
        cursor = _held(scope, node.cursor, Cursor)
        if cursor.result is None:
            raise Raised(_ANY_STATEMENT, invalid(f"Cursor '{node.cursor}' is not open."), node.at)
        if cursor.next_row >= cursor.result.table.num_rows:
            for name in node.names:
                there = _held(scope, name, Value)
                null = exp.cast(exp.null(), there.kind, dialect="snowflake")
                self.set(node, name, Value(there.kind, null, None), scope)
            return
        row = values.of_row(cursor.result, cursor.next_row)
        cursor.next_row += 1
        self.set_row(node, node.names, row, scope)

    def close(self, node: nodes.Close, scope: Scope) -> None:
        _held(scope, node.cursor, Cursor).result = None

    # What decides where to go on

    def branch(self, node: nodes.If, scope: Scope) -> None:
        for condition, body in node.branches:
            if self.is_true(node, condition, scope):
                self.body(body, scope, ())
                return
        self.body(node.otherwise, scope, ())

    def loop(self, node: nodes.Loop, scope: Scope) -> None:
        while not node.go_on or self.is_true(node, node.go_on, scope):
            if not self.round(node, scope):
                return
            if node.until and self.is_true(node, node.until, scope):
                return

    def round(self, node: nodes.Loop | nodes.ForNumbers | nodes.ForRows, scope: Scope) -> bool:
        """Run a loop's body once; False when the loop ends by BREAK."""
        self.session.stop_if_canceled()
        try:
            self.body(node.body, scope, ())
        except _Left as left:
            if left.leave.label and left.leave.label != node.label:
                raise
            return left.leave.goes_on
        return True

    def for_numbers(self, node: nodes.ForNumbers, scope: Scope) -> None:
        low, high = (
            int(self.value(node, bound, scope, "NUMBER(38,0)").plain)
            for bound in (node.low, node.high)
        )
        numbers = range(low, high + 1)
        for number in reversed(numbers) if node.is_reverse else numbers:
            held = Value("NUMBER(38,0)", exp.convert(number), number)
            if not self.round(node, scope.new_child({node.name: held})):
                return

    def for_rows(self, node: nodes.ForRows, scope: Scope) -> None:
        source = scope.get(node.source)
        if isinstance(source, Cursor):
            result = source.result or self.rows_of(node, source, scope)
        else:
            result = _filled(_held(scope, node.source, Table), node.source)
        for number in range(result.table.num_rows):
            row: dict[str, Held] = {
                f"{node.name}.{column.upper()}": value
                for column, value in zip(
                    result.table.column_names, values.of_row(result, number), strict=True
                )
            }
            if not self.round(node, scope.new_child(row)):
                return

    def leave(self, node: nodes.Leave, _: Scope) -> None:
        raise _Left(node)

    def raise_(self, node: nodes.Raise, scope: Scope) -> None:
        if not node.name:
            if not self.handled:
                raise invalid("syntax error: RAISE without a name outside of a handler")
            raise self.handled[-1]
        own = _held(scope, node.name, nodes.OwnException)
        raise Raised(node.name, StatementFailed(own.number, "P0001", own.message), node.at)

    def return_(self, node: nodes.Return, scope: Scope) -> None:
        if not node.is_table:
            with _raising(_ANY_EXPRESSION, node.at):
                value = self.evaluated(node.value or "NULL", scope, self.frame.returns)
            raise _Returned(self.named(value))
        table = scope.get(node.value.upper().lstrip(":"))
        if isinstance(table, Cursor):
            raise _Returned(table.result or self.rows_of(node, table, scope))
        if isinstance(table, Table):
            raise _Returned(_filled(table, node.value))
        raise _Returned(self.execute(node, node.value, scope))


_Run = Callable[[_Walk, Any, Scope], None]
_RUN: dict[type, _Run] = {
    nodes.Block: _Walk.block,
    nodes.Variable: _Walk.variable,
    nodes.CursorFor: _Walk.cursor,
    nodes.ResultSet: _Walk.result_set,
    nodes.OwnException: _Walk.exception,
    nodes.Assign: _Walk.assign,
    nodes.If: _Walk.branch,
    nodes.Loop: _Walk.loop,
    nodes.ForNumbers: _Walk.for_numbers,
    nodes.ForRows: _Walk.for_rows,
    nodes.Leave: _Walk.leave,
    nodes.Return: _Walk.return_,
    nodes.Raise: _Walk.raise_,
    nodes.Open: _Walk.open,
    nodes.Fetch: _Walk.fetch,
    nodes.Close: _Walk.close,
    nodes.Statement: _Walk.statement,
}


@contextlib.contextmanager
def _raising(name: str, at: int) -> Generator[None]:
    """Make an exception of the block from an error that handlers may take."""
    try:
        yield
    except StatementFailed as error:
        if error.errno in _REFUSALS:
            raise
        raise Raised(name, error, at) from error


def _fitting(handlers: Iterable[nodes.Handler], raised: Raised) -> nodes.Handler | None:
    return next((h for h in handlers if {raised.name, _OTHER} & set(h.names)), None)


def _held(scope: Scope, name: str, kind: type[_T]) -> _T:
    held = scope.get(name)
    if not isinstance(held, kind):
        raise compilation(904, "42000", f"invalid identifier '{name}'")
    return held


def _filled(table: Table, name: str) -> Result:
    if table.result is None:
        raise invalid(f"RESULTSET '{name}' has not been assigned")
    return table.result


def _constant(plain: int | str) -> Value:
    kind = "VARCHAR" if isinstance(plain, str) else "NUMBER(38,0)"
    return Value(kind, exp.convert(plain), plain)


def _is_count(result: Result) -> bool:
    return result.table.column_names[0].startswith("number of rows")
