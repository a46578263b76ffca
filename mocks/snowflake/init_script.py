"""The SQL script that runs before anybody can log in: what infrastructure makes in the cloud."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import sqlglot
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokens import TokenType

from mocks.snowflake.errors import StatementFailed
from mocks.snowflake.settings import Misconfigured
from mocks.snowflake.warehouse import Warehouse

_NAME = re.compile(r"\$\{(\w*)\}")


def run(warehouse: Warehouse, script: Path, environ: Mapping[str, str]) -> None:
    """Run every statement of a script.

    Raises:
        Misconfigured: The file can't be read, a name has no value, or a statement fails.
    """
    try:
        text = script.read_text()
    except OSError as error:
        raise Misconfigured(f"--init: {error}") from error
    session = warehouse.connect()
    try:
        for statement in statements_of(text, environ):
            session.cursor().run(statement)
    except StatementFailed as error:
        said = " ".join(str(error).split())
        raise Misconfigured(f"--init {script}: {said}") from error
    finally:
        session.close()


def statements_of(text: str, environ: Mapping[str, str]) -> Iterator[str]:
    """The statements of a script, with each ``${NAME}`` replaced from the environment.

    Raises:
        Misconfigured: A name has no value, or the text can't be read as SQL at all.
    """
    filled = _NAME.sub(lambda match: _value(match[1], environ), text)
    try:
        tokens = sqlglot.tokenize(filled, read="snowflake")
    except (ParseError, TokenError) as error:
        raise Misconfigured(f"--init: {error}") from error
    start = 0
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            yield filled[start : token.start]
            start = token.end + 1
    if any(token.start >= start for token in tokens):
        yield filled[start:]


def _value(name: str, environ: Mapping[str, str]) -> str:
    if name not in environ:
        raise Misconfigured(f"--init: the script needs ${{{name}}}, which is not set")
    return environ[name]
