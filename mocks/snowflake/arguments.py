"""The number of arguments of each call, counted in the statement's text.

What sqlglot makes of a call has arguments that it adds and lacks those that it drops, and of some
functions it makes an operator. How many each function takes is told in `answered_functions.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlglot import Dialect, Expr, exp
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from mocks.snowflake.answered_functions import ANSWERED
from mocks.snowflake.errors import StatementFailed

_OPENING = (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE)
_CLOSING = (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE)
_SNOWFLAKE = Dialect.get_or_raise("snowflake")
_WITHOUT_PLACE = frozenset(_SNOWFLAKE.parser_class.FUNCTION_PARSERS)
"""Functions of which sqlglot's node doesn't keep the place in the text."""
_NO_CALL_AFTER = (
    TokenType.DOT, TokenType.VAR, TokenType.IDENTIFIER, TokenType.R_PAREN, TokenType.ALIAS,
    TokenType.INTO, TokenType.TABLE, TokenType.VIEW, TokenType.FUNCTION, TokenType.PROCEDURE,
    TokenType.WITH, TokenType.RECURSIVE, TokenType.EXISTS, TokenType.REFERENCES,
)  # fmt: skip
"""After these, a name with parentheses is no call of a function of Snowflake's."""
_SEPARATORS = {
    "DATE_PART": TokenType.FROM, "EXTRACT": TokenType.FROM, "POSITION": TokenType.IN,
    "SUBSTR": TokenType.FROM, "SUBSTRING": TokenType.FROM,
}  # fmt: skip
"""Words that stand in place of a comma."""


@dataclass(frozen=True)
class _Call:
    """A call as the text has it."""

    name: str
    start: int
    arguments: tuple[str, ...]
    has_star: bool
    """A star stands for as many columns as there are."""


def refuse(expression: Expr, tokens: Sequence[Token], text: str) -> None:
    """Return for a statement whose calls have as many arguments as their functions take.

    Raises:
        StatementFailed: 938 for fewer, 939 for more.
    """
    places = {
        node.meta["start"]
        for node in expression.walk()
        if "start" in node.meta and not isinstance(node, exp.Identifier)
    }
    for call in _calls(tokens, text):
        if call.start in places or call.name in _WITHOUT_PLACE:
            _refuse(call, text)


def refuse_unparsed(tokens: Sequence[Token], text: str) -> None:
    """Do the same for a text that sqlglot doesn't parse because of its calls' arguments."""
    for call in _calls(tokens, text):
        _refuse(call, text)


def called(text: str) -> list[str]:
    """The functions that a text calls, each once; none of a text that has no tokens."""
    try:
        tokens = _SNOWFLAKE.tokenize(text)
    except TokenError:
        return []
    return list(dict.fromkeys(call.name for call in _calls(tokens, text)))


def _refuse(call: _Call, text: str) -> None:
    given, counts = len(call.arguments), ANSWERED[call.name]
    if call.has_star or any(given in count for count in counts):
        return
    line = text.count("\n", 0, call.start)
    position = call.start - (text.rfind("\n", 0, call.start) + 1)
    place = f"SQL compilation error: error line {line + 1} at position {position}"
    told = f"arguments for function [{call.name}({', '.join(call.arguments)})]"
    wanted = next((n for count in counts for n in count if n > given), None)
    if wanted is not None:
        message = f"{place}\nnot enough {told}, expected {wanted}, got {given}"
        raise StatementFailed(938, "22023", message)
    message = f"{place}\ntoo many {told} expected {counts[-1][-1]}, got {given}"
    raise StatementFailed(939, "22023", message)


def _calls(tokens: Sequence[Token], text: str) -> Iterator[_Call]:
    """Every call of a function that is answered, the outer ones first."""
    for index, (token, parenthesis) in enumerate(pairwise(tokens)):
        name = token.text.upper()
        before = tokens[index - 1].token_type if index else None
        is_called = parenthesis.token_type == TokenType.L_PAREN and before not in _NO_CALL_AFTER
        if is_called and token.token_type not in _TEXTS and name in ANSWERED:
            found = _call(name, tokens, index, text)
            if found is not None:
                yield found


_OF_WITH = [TokenType.ALIAS, TokenType.L_PAREN]
_TEXTS = (TokenType.STRING, TokenType.RAW_STRING)


def _call(name: str, tokens: Sequence[Token], index: int, text: str) -> _Call | None:
    """The call that begins at a token; None for a name and columns of WITH, and without an end."""
    start = tokens[index + 1].end + 1
    depth, has_star, arguments = 0, False, []
    for place, (before, token) in enumerate(pairwise(tokens[index:]), index + 2):
        if token.token_type in _OPENING:
            depth += 1
        elif token.token_type in _CLOSING:
            depth -= 1
        is_between = depth == 1 and token.token_type in (TokenType.COMMA, _SEPARATORS.get(name))
        if is_between or depth == 0:
            arguments.append(text[start : token.start].strip())
            start = token.end + 1
        begins = before.token_type in (TokenType.L_PAREN, TokenType.COMMA, TokenType.DOT)
        has_star |= depth == 1 and token.token_type == TokenType.STAR and begins
        if depth == 0:
            if [one.token_type for one in tokens[place : place + 2]] == _OF_WITH:
                return None
            is_empty = before.token_type == TokenType.L_PAREN and len(arguments) == 1
            return _Call(name, tokens[index].start, () if is_empty else tuple(arguments), has_star)
    return None
