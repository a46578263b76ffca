"""The module is handed to the warehouse as it stands, under a name with its version."""

import ast
import hashlib
import sys
from pathlib import Path

from services import movements

SOURCE = Path(movements.__file__).read_bytes()
# Version 1 was never released apart; a new version is a new line here.
PINNED = {
    1: "6b1e3af5178a3f67f3e817eaa6af1b577f1208b51d5cbbb0f52e7a84d0b30fde",
    2: "30a7df98b47a05847db299c2b0262b33049cbf038cca04279fc4a49cb9fd74d9",
}


def test_a_changed_rule_has_a_version_of_its_own():
    digest = hashlib.sha256(SOURCE).hexdigest()
    assert PINNED.get(movements.RULES_VERSION) == digest, (
        "services/movements.py has changed. Rows in silver say which version of the rules made"
        f" them, and warehouses keep the function of version {movements.RULES_VERSION} as it was:"
        " raise RULES_VERSION by one, and pin the new file here:"
        f" PINNED = {{{movements.RULES_VERSION} + 1: <its sha256>}}. Where only this clone has ever"
        f' run the version, pin {{{movements.RULES_VERSION}: "{digest}"}} and `make reset`.'
    )


def test_the_module_imports_nothing_but_the_standard_library():
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(SOURCE))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names


def test_the_module_can_stand_between_dollar_quotes():
    assert b"$$" not in SOURCE
