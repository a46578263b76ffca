"""Names of a query's columns that have none: the text of the expression, in capitals."""

import re
from collections.abc import Sequence

from sqlglot import Expr, exp
from sqlglot.tokenizer_core import Token, TokenType

_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
_ENDS = frozenset(
    {
        TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING, TokenType.QUALIFY,
        TokenType.ORDER_BY, TokenType.LIMIT, TokenType.UNION, TokenType.EXCEPT,
        TokenType.INTERSECT, TokenType.SEMICOLON, TokenType.INTO,
    }
)  # fmt: skip
_BEFORE = re.compile(r"^(?:(?:distinct|all)\s+|top\s+\d+\s+)+", re.IGNORECASE)
_QUOTES = frozenset("'\"")
_NAMED = (exp.Alias, exp.Column, exp.Star)


def name_columns(expression: Expr, text: str, tokens: Sequence[Token]) -> None:
    """Give the columns of the outermost query their names."""
    select = _outermost(expression)
    if select is None or all(isinstance(column, _NAMED) for column in select.expressions):
        return
    texts = _texts(text, tokens)
    texts[:1] = [_BEFORE.sub("", first) for first in texts[:1]]
    if len(texts) != len(select.expressions):
        return
    is_kept = isinstance(expression, exp.Create)  # where no name may have a quotation mark
    named = [
        column
        if isinstance(column, _NAMED) or (is_kept and not _QUOTES.isdisjoint(name))
        else exp.alias_(column, name.upper(), quoted=True)
        for column, name in zip(select.expressions, texts, strict=True)
    ]
    select.set("expressions", named)


def _outermost(expression: Expr) -> exp.Select | None:
    query = expression.expression if isinstance(expression, exp.Create) else expression
    while isinstance(query, exp.SetOperation):
        query = query.this
    return query if isinstance(query, exp.Select) else None


def _texts(text: str, tokens: Sequence[Token]) -> list[str]:
    """The expressions between the first SELECT that is in no parentheses and its end."""
    depth, begins, found = 0, -1, []
    previous: Token | None = None
    for token in tokens:
        kind = token.token_type
        depth += (kind in _OPENING) - (kind in _CLOSING)
        is_end = kind in _ENDS and not (previous and previous.token_type == TokenType.DISTINCT)
        if begins < 0:
            begins = token.end + 1 if kind == TokenType.SELECT and not depth else -1
        elif not depth and (is_end or kind == TokenType.COMMA):
            found.append(text[begins : token.start].strip())
            begins = token.end + 1
            if is_end:
                return found
        previous = token
    return [*found, text[begins:].strip()] if begins >= 0 else []
