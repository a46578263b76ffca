"""The settings of the local Snowflake: arguments, and secrets from the environment."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mocks.snowflake.locks import IDLE_SECONDS


class Misconfigured(Exception):
    """The server can't start like this; the message names the setting."""


@dataclass(frozen=True)
class Settings:
    """Everything that decides how a server behaves."""

    data: Path
    port: int
    tls_port: int | None
    """The port of HTTPS; None answers HTTP alone."""
    host: str
    init: Path | None
    memory: str
    idle_seconds: float
    idle_transaction_seconds: float
    sources: tuple[Path, ...]
    """Folders of files that Python functions were made of, for debuggers."""
    user: str
    password: str = field(repr=False)
    public_key: str = field(repr=False)
    """The PEM text that key-pair logins are checked against; empty when there are none."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mocks.snowflake", description="A local Snowflake.")
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps everything")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tls-port", type=int, help="answer HTTPS there as well")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--init", type=Path, help="SQL script to run at every start")
    parser.add_argument("--memory", default="1GB", help="DuckDB's memory_limit")
    parser.add_argument(
        "--idle-seconds", type=float, default=3600, help="a session unused for so long ends"
    )
    parser.add_argument(
        "--idle-transaction-seconds",
        type=float,
        default=IDLE_SECONDS,
        help="a transaction that blocks another one and is idle for so long is rolled back",
    )
    parser.add_argument(
        "--sources", type=Path, action="append", default=[], help="see mocks/snowflake/sources.py"
    )
    return parser


def _public_key(path: str) -> str:
    try:
        return Path(path).read_text() if path else ""
    except OSError as error:
        raise Misconfigured(f"LOCAL_SNOWFLAKE_PUBLIC_KEY_FILE: {error}") from error


def read_settings(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the command line and ``LOCAL_SNOWFLAKE_*``.

    Raises:
        Misconfigured: No credential is set, so anybody could log in; or the key can't be read.
    """
    options = _parser().parse_args(arguments)
    password = environ.get("LOCAL_SNOWFLAKE_PASSWORD", "")
    public_key = _public_key(environ.get("LOCAL_SNOWFLAKE_PUBLIC_KEY_FILE", ""))
    if not password and not public_key:
        raise Misconfigured(
            "set LOCAL_SNOWFLAKE_PASSWORD or LOCAL_SNOWFLAKE_PUBLIC_KEY_FILE: "
            "the local Snowflake doesn't start without a credential to ask for"
        )
    user = environ.get("LOCAL_SNOWFLAKE_USER", "")
    if not user:
        raise Misconfigured("set LOCAL_SNOWFLAKE_USER: who may log in")
    return Settings(
        data=options.data,
        port=options.port,
        tls_port=options.tls_port,
        host=options.host,
        init=options.init,
        memory=options.memory,
        idle_seconds=options.idle_seconds,
        idle_transaction_seconds=options.idle_transaction_seconds,
        sources=tuple(options.sources),
        user=user,
        password=password,
        public_key=public_key,
    )
