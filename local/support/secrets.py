"""The secrets that this clone and this shell know: none of them may be in a report."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from dotenv import dotenv_values

from local.console.masking import secrets_in
from local.embedded.state import roots
from local.stack.folder import FOLDER


def known_secrets(environment: Mapping[str, str]) -> set[str]:
    """Passwords, keys and tokens: of the shell, `.env`, `.stack/` and each network's state."""
    written = (value for root in roots(environment) for value in _strings(root))
    return {
        *secrets_in(environment),
        *secrets_in(_dotenv(Path(".env"))),
        *secrets_in(_dotenv(FOLDER / "env")),
        *_whole_files(FOLDER.glob("*password*")),
        *_whole_files(FOLDER.glob("*key")),
        *written,
    }


def _dotenv(file: Path) -> dict[str, str]:
    try:
        return {name: value or "" for name, value in dotenv_values(file).items()}
    except (OSError, UnicodeDecodeError):
        return {}


def _strings(root: Path) -> Iterator[str]:
    for file in root.glob("*/secrets.json"):
        try:
            yield from (str(value) for value in json.loads(file.read_text()).values())
        except (OSError, ValueError, AttributeError):
            continue


def _whole_files(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        try:
            yield file.read_text().strip()
        except (OSError, UnicodeDecodeError):
            continue
