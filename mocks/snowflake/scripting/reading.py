"""A Snowflake Scripting block from text to its parts, by sqlglot's tokens."""

import re
from collections.abc import Callable

from sqlglot import Dialect
from sqlglot.tokenizer_core import Token, TokenType

from mocks.snowflake.errors import StatementFailed, invalid, unsupported
from mocks.snowflake.scripting import nodes

_SNOWFLAKE = Dialect.get_or_raise("snowflake")
_LITERALS = (TokenType.STRING, TokenType.RAW_STRING, TokenType.IDENTIFIER)
_OPENING = (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE)
_CLOSING = (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE)
_NOT_READ = ("ASYNC", "AWAIT", "CANCEL", "PROCEDURE")
_SPELLED = re.compile(r"\s*:?\s*([A-Za-z_][\w$]*)\s*")
_CALL_INTO = re.compile(r"(call\b.*\))\s+into\s+(.*)", re.IGNORECASE | re.DOTALL)
_FETCH = re.compile(r"fetch\s+(\w+)\s+into\s+([^;]*);", re.IGNORECASE)


def read(text: str) -> nodes.Block:
    """The block that a text is.

    Raises:
        StatementFailed: 1003 for what is no block, 2 for parts that aren't answered here.
    """
    reader = _Reader(text)
    block = reader.block()
    reader.skip(";")
    reader.expect("")
    return block


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[Token] = _SNOWFLAKE.tokenize(text)
        self._next = 0

    def word(self, ahead: int = 0) -> str:
        """A coming word or sign, in capitals; empty for literals, quoted names and the end."""
        at = self._next + ahead
        if at >= len(self._tokens) or self._tokens[at].token_type in _LITERALS:
            return ""
        return self._tokens[at].text.upper()

    @property
    def at(self) -> int:
        """The position of the next token."""
        is_over = self._next >= len(self._tokens)
        return len(self._text) if is_over else self._tokens[self._next].start

    def skip(self, *words: str) -> str:
        """Pass the next word if it is one of these; which one it was."""
        word = self.word()
        if word not in words:
            return ""
        self._next += 1
        return word

    def expect(self, *words: str) -> str:
        """Pass one of these words; an empty one is the end of the text."""
        is_over = self._next >= len(self._tokens)
        if is_over != (words == ("",)) or (not is_over and self.word() not in words):
            raise self._unexpected()
        self._next += 1
        return words[0] if is_over else self._tokens[self._next - 1].text.upper()

    def _unexpected(self) -> StatementFailed:
        line, column = position(self._text, self.at)
        found = self._text[self.at :].split("\n")[0][:20] or "<EOF>"
        return invalid(f"syntax error line {line} at position {column} unexpected '{found}'.")

    def name(self) -> str:
        """Pass the name of a variable."""
        self.skip(":")
        if not re.fullmatch(r"[A-Z_][\w$]*", self.word()):
            raise self._unexpected()
        self._next += 1
        return self._tokens[self._next - 1].text.upper()

    def until(self, *ends: str) -> str:
        """Pass all before one of these words outside of parentheses and CASE; the text of it."""
        begin, depth = self.at, 0
        while self._next < len(self._tokens):
            word = self.word()
            if depth == 0 and word in ends:
                return self._text[begin : self.at].strip()
            kind = self._tokens[self._next].token_type
            depth += (kind in _OPENING or word == "CASE") - (kind in _CLOSING or word == "END")
            self._next += 1
        raise self._unexpected()

    def line(self) -> str:
        """Pass the rest of a statement, and its semicolon."""
        text = self.until(";")
        self.expect(";")
        return text

    def condition(self, *ends: str) -> str:
        """Pass a condition, which is in parentheses, and the word after it."""
        if self.word() != "(":
            raise self._unexpected()
        text = self.until(*ends)
        self.expect(*ends)
        return text

    def block(self) -> nodes.Block:
        at, declared = self.at, []
        if self.skip("DECLARE"):
            while self.word() != "BEGIN":
                declared.append(self._declaration())
        self.expect("BEGIN")
        body = self.body("EXCEPTION", "END")
        handlers = []
        if self.skip("EXCEPTION"):
            while self.word() != "END":
                handlers.append(self._handler())
        self.expect("END")
        return nodes.Block(at, tuple(declared), body, tuple(handlers))

    def body(self, *ends: str) -> nodes.Body:
        """Statements up to one of these words."""
        found = []
        while self.word() not in ends:
            if self._next >= len(self._tokens):
                raise self._unexpected()
            if not self.skip("NULL"):
                found.append(self._statement())
            else:
                self.expect(";")
        return tuple(found)

    def _handler(self) -> nodes.Handler:
        self.expect("WHEN")
        names = [self.name()]
        while self.skip("OR"):
            names.append(self.name())
        goes_on = self.skip("CONTINUE", "EXIT") == "CONTINUE"
        self.expect("THEN")
        return nodes.Handler(tuple(names), self.body("WHEN", "END"), goes_on)

    def _declaration(self) -> nodes.Node:
        """One of DECLARE's or LET's definitions."""
        at, name = self.at, self.name()
        kind = self.word()
        if kind in _NOT_READ:
            raise unsupported(f"{kind} in a block")
        if self.skip("CURSOR"):
            self.expect("FOR")
            return nodes.CursorFor(at, name, self.line())
        if self.skip("RESULTSET"):
            has_value = self.skip("DEFAULT", ":=")
            return nodes.ResultSet(at, name, _inner(self.line()) if has_value else self._end())
        if self.skip("EXCEPTION"):
            return self._exception(at, name)
        type_ = self.until("DEFAULT", ":=", ";")
        value = self.line() if self.skip("DEFAULT", ":=") else self._end()
        if not type_ and not value:
            raise self._unexpected()
        return nodes.Variable(at, name, type_, value)

    def _end(self) -> str:
        self.expect(";")
        return ""

    def _exception(self, at: int, name: str) -> nodes.OwnException:
        text = self.line()
        found = re.fullmatch(r"(?:\(\s*(-\d+)\s*(?:,\s*'((?:[^']|'')*)'\s*)?\))?", text)
        if found is None:
            raise self._unexpected()
        return nodes.OwnException(
            at, name, int(found[1] or -20000), (found[2] or "").replace("''", "'")
        )

    def _statement(self) -> nodes.Node:
        at, word = self.at, self.word()
        if word in _NOT_READ:
            raise unsupported(f"{word} in a block")
        is_block = word == "DECLARE" or (word == "BEGIN" and not self._is_transaction())
        if is_block:
            block = self.block()
            self.expect(";")
            return block
        if self.word(1) == ":=" or (word == ":" and self.word(2) == ":="):
            return self._assignment(at)
        if read_one := _STATEMENTS.get(word):
            self._next += 1
            return read_one(self, at)
        return self._sql(at)

    def _is_transaction(self) -> bool:
        return self.word(1) in (";", "TRANSACTION", "WORK", "NAME")

    def _assignment(self, at: int) -> nodes.Assign:
        name = self.name()
        self.expect(":=")
        return nodes.Assign(at, name, self.line())

    def let(self, _: int) -> nodes.Node:
        return self._declaration()

    def if_(self, at: int) -> nodes.If:
        branches = []
        while True:
            condition = self.condition("THEN")
            branches.append((condition, self.body("ELSEIF", "ELSE", "END")))
            if not self.skip("ELSEIF"):
                break
        otherwise = self.body("END") if self.skip("ELSE") else ()
        self._end_of("IF")
        return nodes.If(at, tuple(branches), otherwise)

    def case(self, at: int) -> nodes.If:
        value = "" if self.word() == "WHEN" else self.condition_before_when()
        branches = []
        while self.skip("WHEN"):
            wanted = self.until("THEN")
            self.expect("THEN")
            condition = f"({value}) = ({wanted})" if value else wanted
            branches.append((condition, self.body("WHEN", "ELSE", "END")))
        otherwise = self.body("END") if self.skip("ELSE") else ()
        self.expect("END")
        self.skip("CASE")
        self.expect(";")
        return nodes.If(at, tuple(branches), otherwise)

    def condition_before_when(self) -> str:
        """Pass the value of a simple CASE."""
        if self.word() != "(":
            raise self._unexpected()
        return self.until("WHEN")

    def while_(self, at: int) -> nodes.Loop:
        condition = self.condition("DO", "LOOP")
        kind = self._tokens[self._next - 1].text.upper()
        body = self.body("END")
        return nodes.Loop(
            at, condition, "", body, self._end_of("LOOP" if kind == "LOOP" else "WHILE")
        )

    def repeat(self, at: int) -> nodes.Loop:
        body = self.body("UNTIL")
        self.expect("UNTIL")
        condition = self.condition("END")
        self._next -= 1
        return nodes.Loop(at, "", condition, body, self._end_of("REPEAT"))

    def loop(self, at: int) -> nodes.Loop:
        return nodes.Loop(at, "", "", self.body("END"), self._end_of("LOOP"))

    def for_(self, at: int) -> nodes.Node:
        name = self.name()
        self.expect("IN")
        is_reverse = bool(self.skip("REVERSE"))
        low = self.until("TO", "DO", "LOOP")
        high = self.until("DO", "LOOP") if self.skip("TO") else ""
        ending = "LOOP" if self.expect("DO", "LOOP") == "LOOP" else "FOR"
        body = self.body("END")
        label = self._end_of(ending)
        if high:
            return nodes.ForNumbers(at, name, low, high, is_reverse, body, label)
        return nodes.ForRows(at, name, _variable(low), body, label)

    def _end_of(self, word: str) -> str:
        """Pass END, its word and the label that may follow; the label."""
        self.expect("END")
        self.expect(word)
        label = "" if self.word() == ";" else self.name()
        self.expect(";")
        return label

    def leave(self, at: int) -> nodes.Leave:
        goes_on = self._tokens[self._next - 1].text.upper() in ("CONTINUE", "ITERATE")
        label = "" if self.word() == ";" else self.name()
        self.expect(";")
        return nodes.Leave(at, label, goes_on)

    def return_(self, at: int) -> nodes.Return:
        is_table = self.word() == "TABLE" and self.word(1) == "("
        if is_table:
            self._next += 1
        text = self.line()
        return nodes.Return(at, _inner(text) if is_table else text, is_table)

    def raise_(self, at: int) -> nodes.Raise:
        name = "" if self.word() == ";" else self.name()
        self.expect(";")
        return nodes.Raise(at, name)

    def open(self, at: int) -> nodes.Open:
        name = self.name()
        using = self.line() if self.skip("USING") else self._end()
        return nodes.Open(at, name, _inner(using))

    def fetch(self, at: int) -> nodes.Fetch:
        self.line()  # of which sqlglot makes one token
        found = _FETCH.match(self._text, at)
        if found is None:
            raise self._unexpected()
        return nodes.Fetch(at, found[1].upper(), _variables(found[2]))

    def close(self, at: int) -> nodes.Close:
        name = self.name()
        self.expect(";")
        return nodes.Close(at, name)

    def _sql(self, at: int) -> nodes.Statement:
        """A statement; of SELECT … INTO and CALL … INTO the variables apart."""
        first = self.word()
        if first not in ("SELECT", "WITH"):
            self.line()
            text = self._text[at : self._tokens[self._next - 1].start].strip()
            called = _CALL_INTO.fullmatch(text)  # CALL's rest is one token of sqlglot's
            into = _variables(called[2]) if called else ()
            return nodes.Statement(at, called[1] if called else text, into)
        text = self.until(";", "INTO")
        if not self.skip("INTO"):
            self.expect(";")
            return nodes.Statement(at, text)
        names = self.until(";", "FROM")
        rest = self.line()
        return nodes.Statement(at, f"{text} {rest}".strip(), _variables(names))


def _inner(text: str) -> str:
    """A text without the parentheses around it."""
    text = text.strip()
    return text[1:-1].strip() if text.startswith("(") and text.endswith(")") else text


def _variables(text: str) -> tuple[str, ...]:
    return tuple(_variable(part) for part in text.split(","))


def _variable(text: str) -> str:
    found = _SPELLED.fullmatch(text)
    if found is None:
        raise invalid(f"syntax error: '{text.strip()}' is not the name of a variable")
    return found[1].upper()


def position(text: str, at: int) -> tuple[int, int]:
    """Line, from 1, and column, from 0, of a place in a text."""
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1)


_STATEMENTS: dict[str, Callable[[_Reader, int], nodes.Node]] = {
    "LET": _Reader.let,
    "IF": _Reader.if_,
    "CASE": _Reader.case,
    "WHILE": _Reader.while_,
    "REPEAT": _Reader.repeat,
    "LOOP": _Reader.loop,
    "FOR": _Reader.for_,
    "BREAK": _Reader.leave,
    "EXIT": _Reader.leave,
    "CONTINUE": _Reader.leave,
    "ITERATE": _Reader.leave,
    "RETURN": _Reader.return_,
    "RAISE": _Reader.raise_,
    "OPEN": _Reader.open,
    "FETCH": _Reader.fetch,
    "CLOSE": _Reader.close,
}
