"""Signs and words of other engines, which sqlglot reads in Snowflake's dialect as well.

What sqlglot makes of them often looks like what it makes of Snowflake's own, so they are refused by
the text's tokens, of which only the listed signs pass.
https://docs.snowflake.com/en/sql-reference/operators
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from sqlglot.tokenizer_core import Token, TokenType

from mocks.snowflake.errors import invalid, unknown_function, unsupported

_LISTED = "( ) [ ] { } , . ; : :: := = <> != < <= > >= + - * / % || ? ?:: $ @ => -> (+)"
_SIGNS = frozenset(_LISTED.split())
_SIGN = re.compile(r"[^\w\s'\"$]+")
_STATEMENT = re.compile(r"\s*(select|with|insert|merge|show|create|call)\b", re.IGNORECASE)
_AFTER_PATH = frozenset("(),;")
_OF_BITS = frozenset("&|^~#")
_BITS = "; Snowflake has functions of bits, as BITXOR"
_LISTS = (TokenType.ARRAY, TokenType.MAP, TokenType.STRUCT, TokenType.LIST)
_SETS = (TokenType.UNION, TokenType.EXCEPT, TokenType.INTERSECT, TokenType.SEMICOLON)
_BEGIN = Token(TokenType.SEMICOLON, ";")


def refuse(tokens: Sequence[Token], text: str) -> None:
    """Return for a text without them; the names of files on a stage may have any sign.

    Raises:
        StatementFailed: 1003, 2140 for a function, 2 for Snowflake's own sign between statements.
    """
    if tokens and tokens[0].text.upper() == "GET":
        return  # nothing but two paths
    is_path = False
    for before, token in pairwise((_BEGIN, *tokens)):
        written = text[token.start : token.end + 1]
        is_next = before.end + 1 == token.start and before is not _BEGIN
        is_path = written == "@" or (is_path and is_next and written not in _AFTER_PATH)
        is_sign = _SIGN.fullmatch(written) is not None
        if is_sign and written not in _SIGNS and not is_path:
            if written == "->>" and _STATEMENT.match(text, token.end + 1):
                raise unsupported("->> between statements", "use RESULT_SCAN(LAST_QUERY_ID())")
            hint = _BITS if written in _OF_BITS else ""
            raise invalid(f"syntax error: unexpected '{written}'{hint}")
        if not is_path:
            _refuse_words(before, token, written, is_next=is_next)
    _refuse_from_first(tokens)


def _refuse_words(before: Token, token: Token, written: str, *, is_next: bool) -> None:
    if is_next and before.text == written and written in "<>":
        raise invalid(f"syntax error: unexpected '{written * 2}'{_BITS}")
    is_suffix = before.token_type == TokenType.NUMBER and token.token_type == TokenType.VAR
    if is_suffix and is_next:  # 1_000, 0b11
        raise invalid(f"syntax error: unexpected '{before.text}{written}'")
    if token.token_type == TokenType.HEX_STRING and written[0] == "0":
        raise invalid(f"syntax error: unexpected '{written}'; write TO_BINARY or TO_NUMBER")
    if token.token_type in (TokenType.ISNULL, TokenType.NOTNULL) and before.token_type in _ENDS:
        raise invalid(f"syntax error: unexpected '{written}'; write IS NULL or IS NOT NULL")
    if token.token_type == TokenType.L_PAREN and before.text.upper() in _FUNCTIONS:
        raise unknown_function(before.text.upper())
    if before.token_type in _LISTS and token.token_type in (TokenType.L_BRACKET, TokenType.L_BRACE):
        raise invalid(f"syntax error: unexpected '{written}' after {before.text.upper()}")


_FUNCTIONS = ("IF", "ARG_MAX", "ARGMAX", "ARG_MIN", "ARGMIN", "JSON_OBJECT")
"""Functions of other engines for which sqlglot has a name of Snowflake's."""
_ENDS = (
    TokenType.VAR, TokenType.IDENTIFIER, TokenType.STRING, TokenType.NUMBER, TokenType.NULL,
    TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.TRUE, TokenType.FALSE,
)  # fmt: skip
"""The kinds of tokens that may end an operand."""


def _refuse_from_first(tokens: Sequence[Token]) -> None:
    """Refuse ``FROM t SELECT a``; that there is no SELECT at all is seen by `statements`."""
    follows_from = [False]
    for token in tokens:
        if token.token_type == TokenType.L_PAREN:
            follows_from.append(False)
        elif token.token_type == TokenType.R_PAREN and follows_from[1:]:
            follows_from.pop()
        elif token.token_type in _SETS:
            follows_from[-1] = False
        elif token.token_type == TokenType.FROM:
            follows_from[-1] = True
        elif token.token_type == TokenType.SELECT and follows_from[-1]:
            raise invalid("syntax error: unexpected 'FROM' before SELECT")
