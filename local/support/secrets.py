"""The secrets that this clone and this shell know: none of them may be in a report."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from dotenv import dotenv_values

from local.console.masking import secrets_in
from local.embedded.state import roots
from local.stack.folder import FOLDER


def known_secrets(environment: Mapping[str, str]) -> set[str]:
    """Passwords, keys and tokens: of the shell, `.env`, `.stack/` and each network's state."""
    found = secrets_in(environment)
    for file in (Path(".env"), FOLDER / "env"):
        with suppress(OSError, UnicodeDecodeError):
            found |= secrets_in({name: value or "" for name, value in dotenv_values(file).items()})
    for file in (*FOLDER.glob("*password*"), *FOLDER.glob("*key")):
        with suppress(OSError, UnicodeDecodeError):
            found.add(file.read_text().strip())
    for root in roots(environment):
        for file in root.glob("*/secrets.json"):
            with suppress(OSError, ValueError, AttributeError):
                found |= {str(value) for value in json.loads(file.read_text()).values()}
    return found
