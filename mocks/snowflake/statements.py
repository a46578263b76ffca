"""A statement's text, parsed; and what can be told from its form alone."""

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlglot import Dialect, Expr, exp
from sqlglot.errors import ParseError
from sqlglot.tokenizer_core import Token, TokenType

from mocks.snowflake import alter_columns, arguments, column_names, foreign_words, names
from mocks.snowflake.declared_columns import folded
from mocks.snowflake.dialect import queries
from mocks.snowflake.errors import (
    StatementFailed,
    compilation,
    does_not_exist,
    invalid,
    unsupported,
)

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

_SNOWFLAKE = Dialect.get_or_raise("snowflake")
_START_TRANSACTION = re.compile(r"\s*start\s+transaction\b[^;]*;?\s*", re.IGNORECASE)
_PROCEDURE = r"\s*create\s+(?:or\s+replace\s+)?procedure\b"
_QUOTED = r"(?:[^$']|'[^']*')"
_SPELLINGS = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), written)
    for pattern, written in (  # what sqlglot reads as an unknown command, as it reads it
        (r"(?<=^create )\s*(or\s+replace\s+)?scoped\s+(?=temp)", r"\1"),  # Snowpark's
        (r"^(\s*put\s+)(file://\S+)(?=\s)", r"\1'\2'"),  # ``/*`` would begin a comment
        (r"^(\s*put\s+'[^']*'\s+)'(@[^']*)'", r"\1\2"),  # Snowpark's file.put
        # A procedure's body without quotes.
        (rf"^({_PROCEDURE}{_QUOTED}*?\bas\s+)((?:begin|declare)\b.*?);?\s*$", r"\1$$\2$$"),
        (r"^(\s*create\s+[^$]*?schema\b[^$]*?)\s+with\s+managed\s+access\b", r"\1"),
    )
)
_NOT_NULL = re.compile(
    rf"^({_PROCEDURE}{_QUOTED}*?\breturns\s+{_QUOTED}*?)\s+not\s+null\b", re.IGNORECASE | re.DOTALL
)
_OF_ARGUMENTS = re.compile(r"Required (argument|keyword)|number of provided arguments")
"""sqlglot's errors of calls; where it looks for an argument that isn't there, it has others."""
NOT_NULL = "returns_not_null"
"""Set in a CREATE PROCEDURE whose RETURNS has NOT NULL, which sqlglot doesn't parse."""


def parse(text: str) -> Expr:
    """The one statement of a text.

    Raises:
        StatementFailed: 900 for none, 8 for several, 1003 for bad syntax.
    """
    if _START_TRANSACTION.fullmatch(text):  # sqlglot reads a column called START
        return exp.Transaction()
    text, is_not_null = _spelled(text)
    tokens = _tokens(text)
    foreign_words.refuse(tokens, text)
    found = _parsed(text, tokens)
    if not found:
        raise compilation(900, "42601", "Empty SQL statement.")
    if len(found) > 1:
        raise other_count(len(found), 1)
    for volatile in list(found[0].find_all(exp.VolatileProperty)):
        volatile.replace(exp.TemporaryProperty())  # which is another word for it
    if is_not_null:
        found[0].set(NOT_NULL, True)  # noqa: FBT003 -- sqlglot's signature
    return found[0]


def _parsed(text: str, tokens: list[Token]) -> list[Expr]:
    try:
        found = [e for e in _SNOWFLAKE.parser().parse(tokens, text) if e is not None]
    except (ParseError, IndexError, AttributeError) as error:
        if not isinstance(error, ParseError) or _OF_ARGUMENTS.search(str(error)):
            arguments.refuse_unparsed(tokens, text)
        if "number of provided arguments" in str(error):
            raise unsupported("a call with so many arguments") from error
        raise
    found = [e for e in found if not isinstance(e, exp.Semicolon)]
    if len(found) == 1 and isinstance(found[0], exp.Command):
        found = [alter_columns.parse_several(text, tokens) or found[0]]
    for expression in found:
        _refuse_without_select(expression)
        arguments.refuse(expression, tokens, text)
        names.keep_called(expression, text)
        queries.spell_out_all(expression)
    if len(found) == 1:
        column_names.name_columns(found[0], text, tokens)
        if isinstance(found[0], exp.Block):
            return found[0].expressions
    return found


def _refuse_without_select(expression: Expr) -> None:
    """Refuse ``FROM t``, of which sqlglot makes a SELECT without what it notes of a real one."""
    if any("kind" not in select.args for select in expression.find_all(exp.Select)):
        raise invalid("syntax error: unexpected 'FROM' without SELECT")


def _spelled(text: str) -> tuple[str, bool]:
    """The text as sqlglot reads it, and whether NOT NULL of what a procedure returns was cut."""
    for pattern, written in _SPELLINGS:
        text = pattern.sub(written, text, count=1)
    text, is_not_null = _NOT_NULL.subn(r"\1", text, count=1)
    return text, bool(is_not_null)


def split(text: str) -> list[str]:
    """The texts between semicolons, without empty ones; blocks are cut as well."""
    ends = [t.start for t in _SNOWFLAKE.tokenize(text) if t.token_type == TokenType.SEMICOLON]
    pieces = [text[a:b] for a, b in pairwise([0, *ends, len(text)])]
    texts = [piece.lstrip(";").strip() for piece in pieces]
    return [one for one in texts if _SNOWFLAKE.tokenize(one)]


def other_count(found: int, wanted: int) -> StatementFailed:
    """The error for a text of more or fewer statements than are wanted."""
    told = f"Actual statement count {found} did not match the desired statement count {wanted}."
    return StatementFailed(8, "0A000", told)


def _tokens(text: str) -> list[Token]:
    """The text's tokens; of ``?::`` sqlglot makes one, an operator of another engine."""
    found: list[Token] = []
    for token in _SNOWFLAKE.tokenize(text):
        if token.token_type == TokenType.QDCOLON:
            place = (token.line, token.col, token.start, token.end)
            found.append(Token(TokenType.PLACEHOLDER, "?", *place))
            found.append(Token(TokenType.DCOLON, "::", *place))
        else:
            found.append(token)
    return found


def locked_tables(expression: Expr, session: "Session") -> list[str]:
    """Full names of the tables whose locks a statement takes; see locks.py."""
    if isinstance(expression, exp.TruncateTable):
        targets = expression.expressions
    elif isinstance(expression, exp.Update | exp.Delete | exp.Merge):
        targets = [expression.this]
    elif isinstance(expression, exp.Insert) and expression.args.get("overwrite"):
        targets = [target_table(expression)]
    else:
        targets = []
    return [full_name(t, session) for t in targets if isinstance(t, exp.Table)]


def target_table(expression: Expr) -> exp.Table:
    """The table that INSERT, COPY, CREATE and their like name first."""
    target = expression.this
    table = target.this if isinstance(target, exp.Schema) else target
    if not isinstance(table, exp.Table):
        raise compilation(1003, "42000", "expected the name of a table")
    return table


def qualify_tables(query: Expr, database: str, schema: str) -> None:
    """Name the tables of a query in full, in place; those without a schema are of this one."""
    for table in list(query.find_all(exp.Table)):
        if isinstance(table.this, exp.Identifier) and not is_of_query(table):
            if not table.db:
                table.set("db", exp.to_identifier(schema, quoted=True))
            if not table.catalog:
                table.set("catalog", exp.to_identifier(database, quoted=True))


def is_of_query(table: exp.Table) -> bool:
    """Tell whether a name is that of a common table expression, which is known only after it.

    In its own definition it is a table's name, unless that is a UNION: this may be recursive.
    """
    inside, node = None, table.parent
    while node is not None and not table.db:
        inside = node if isinstance(node, exp.CTE) else inside
        for cte in node.args["with_"].expressions if node.args.get("with_") else ():
            is_recursive = isinstance(cte.this, exp.SetOperation)
            if cte.alias.upper() == table.name.upper() and (cte is not inside or is_recursive):
                return True
            if cte is inside:
                break
        node = node.parent
    return False


def dropped(expression: Expr) -> Expr:
    """The name of the object that a DROP names; sqlglot keeps several kinds of DROP in a list."""
    return expression.args["tables"][0] if expression.args.get("tables") else expression.this


def named(text: str) -> exp.Table:
    """The object that a text names, as an argument does.

    Raises:
        StatementFailed: 2003 for a text that is no name of up to three parts.
    """
    try:
        table = exp.to_table(text, dialect="snowflake")
    except ParseError as error:
        raise does_not_exist("Object", text) from error
    are_names = all(isinstance(part, exp.Identifier) for part in table.parts)
    if len(table.parts) > _MOST_PARTS or not are_names:
        raise does_not_exist("Object", text)
    return table


_MOST_PARTS = 3


def full_name(table: exp.Table, session: "Session") -> str:
    """``DATABASE.SCHEMA.TABLE`` of a name as the session resolves it."""
    return ".".join(name_parts(table, session))


def name_parts(table: exp.Table, session: "Session") -> tuple[str, str, str]:
    """Database, schema and name of an object as the session resolves it.

    Raises:
        StatementFailed: 90105 or 90106 when the session has no current database or schema.
    """
    database = _folded_name(table.args.get("catalog")) or session.database
    schema = _folded_name(table.args.get("db")) or session.schema
    for number, what, value in ((90105, "database", database), (90106, "schema", schema)):
        if not value:
            raise StatementFailed(
                number,
                "22000",
                f"Cannot perform operation. This session does not have a current {what}. "
                f"Call 'USE {what.upper()}', or use a qualified name.",
            )
    return str(database), str(schema), _folded_name(table.this)


def _folded_name(node: Expr | None) -> str:
    """A name as the catalog has it; empty for none."""
    return "" if node is None else folded(node)
