"""The module is handed to the warehouse as it stands, under a name with its version."""

import ast
import hashlib
import sys
from pathlib import Path

import pytest

from services import coin_contracts, movements
from services.migrate import FUNCTIONS

SOURCES = {
    function.module: Path(module.__file__).read_bytes()
    for function, module in zip(FUNCTIONS, (movements, coin_contracts), strict=True)
}
# A new version is a new line here; those before stay.
PINNED = {
    "movements": {
        1: "6b1e3af5178a3f67f3e817eaa6af1b577f1208b51d5cbbb0f52e7a84d0b30fde",
        2: "30a7df98b47a05847db299c2b0262b33049cbf038cca04279fc4a49cb9fd74d9",
        3: "8a88219b46a2d8da65cf1e0a8a6f44a94a10e67df557b54b69d6d2db3eee4099",
        4: "a4cbcf0063ee87f16216cc8d40bb2afb5c3e70b110489c08478cacd7278e1aae",
        5: "117606c0d5faf7fdfa7950795e4a20f39eb7036c71dab64b9a35a61f7827c86e",
    },
    "coin_contracts": {
        1: "54fe53173385ced846dd3926295df7d18dd606316024987546c71e41fa4986e4",
        2: "3c9416a21dd41dc4880d00b8297152fd17e01b99ebd5b390b927303d85cefcbc",
        3: "53860cbbf1d9d7140a39e2515eba70c5da200f8cd2163c4ea4fedc546ab61df6",
        4: "045966af1cac6d7424be89798bef36f6ed742f28eabe9ab2f32561cdd31d875e",
    },
}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.module)
def test_a_changed_function_of_the_warehouse_has_a_version_of_its_own(function):
    digest = hashlib.sha256(SOURCES[function.module]).hexdigest()
    assert PINNED[function.module].get(function.version) == digest, (
        f"services/{function.module}.py has changed, but warehouses keep {function.name} as it was:"
        f" raise {function.constant} by one, and pin the new file here:"
        f" {{{function.version} + 1: <its sha256>}}. Where only this clone has ever run the"
        f' version, pin {{{function.version}: "{digest}"}} and `make reset`.'
    )


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_the_module_imports_nothing_but_the_standard_library(source):
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(source))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_the_module_can_stand_between_dollar_quotes(source):
    assert b"$$" not in source
