"""A table is complete: a migration makes it, code fills it, gold's has a key, and a test asks."""

import ast
import re

import pytest

from services import catalog
from services.catalog import GOLD_KEYS, TABLES
from tests.clone import ROOT

SERVICES = ROOT / "services"
SQL = SERVICES / "sql"
LEDGER = "ops.schema_migrations"  # services/migrate.py makes it, before the first of them
IN_TESTS = "\n".join(file.read_text() for file in (ROOT / "tests/integration").rglob("*.py"))
_NAME = r"(?:bronze|silver|gold|ops)\.\w+"
_MADE = re.compile(rf"^create table if not exists ({_NAME}) \((.*?)^\);", re.MULTILINE | re.DOTALL)
_USED = re.compile(rf"\b(?:from|join|into|update|table)\s+({_NAME})\b(?!\()")


def made():
    """The columns of each table that a migration makes, as its text has them."""
    texts = "".join(file.read_text() for file in sorted((SQL / "migrations").iterdir()))
    return dict(_MADE.findall(texts))


def constants(path):
    """The texts in a module that aren't documentation."""
    tree = ast.parse(path.read_text())
    said = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    for one in ast.walk(tree):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in said:
            yield one.value


def used():
    """The tables that code reads or writes, with the file that does."""
    yield from ((name, "catalog.py") for tables in TABLES.values() for name in tables)
    for path in sorted(SERVICES.rglob("*.py")):
        for text in constants(path):
            yield from ((name, path.name) for name in _USED.findall(text))
    for path in sorted(SQL.rglob("*.sql")):
        text = re.sub(r"--.*", "", path.read_text())
        yield from ((name, path.name) for name in _USED.findall(text))


def test_each_table_that_code_uses_is_made_by_a_migration():
    there = {*made(), LEDGER}
    missing = sorted({f"{name} of {file}" for name, file in used() if name not in there})
    assert not missing, f"services/sql/migrations/: no migration makes {', '.join(missing)}"


def test_each_table_of_gold_has_a_key():
    keyless = [name for name in made() if name.startswith("gold.") and name not in GOLD_KEYS]
    assert not keyless, f"services/catalog.py: GOLD_KEYS has no key of {', '.join(keyless)}"
    wrong = [
        f"{table}.{column}"
        for table, columns in made().items()
        for column in GOLD_KEYS.get(table, ())
        if not re.search(rf"^    {column} ", columns, re.MULTILINE)
    ]
    assert not wrong, f"services/catalog.py: GOLD_KEYS names what isn't there: {', '.join(wrong)}"


@pytest.mark.parametrize("table", made())
def test_each_table_is_filled_and_a_test_asks_for_it(table):
    names = [name for name, value in vars(catalog).items() if value == table]
    words = "|".join([rf"['\"]?{re.escape(table)}", *names])
    filled = re.compile(rf"(?:(?:insert|copy|merge) into |insert_into\()(?:{words})\b")
    files = [*SERVICES.rglob("*.py"), *SQL.glob("*/*.sql")]
    assert any(filled.search(one.read_text()) for one in files), f"services/: nothing fills {table}"
    assert table in IN_TESTS, f"tests/integration/: no test asks for {table}"


def test_each_statement_that_code_asks_for_is_a_file_and_no_file_is_left_over():
    asked = {
        call.args[0].value
        for path in SERVICES.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") == "statement"
        and isinstance(call.args[0], ast.Constant)
    }
    asked |= {table.replace(".", "/") for table in TABLES["silver"]}
    apart = {"migrations", "quality"}  # the rules' own test holds these
    files = {
        str(path.relative_to(SQL).with_suffix(""))
        for path in SQL.rglob("*.sql")
        if path.parent.name not in apart
    }
    missing, idle = (sorted(one) for one in (asked - files, files - asked))
    assert not missing, f"services/sql/: no file has {', '.join(missing)}"
    assert not idle, f"services/: no statement() asks for {', '.join(idle)}"
