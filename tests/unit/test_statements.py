import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.statements import literal, statement


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("", "''"),
        ("canton/x/date=2025-12-10/after=4_1.gz", "'canton/x/date=2025-12-10/after=4_1.gz'"),
        ("it's", "'it''s'"),
        ("back\\slash", "'back\\\\slash'"),
        ("\\' or 1=1 --", "'\\\\'' or 1=1 --'"),
        ("100 %(run_id)s", "'100 %%(run_id)s'"),
    ],
)
def test_a_literal_ends_where_its_text_ends(text, sql):
    assert literal(text) == sql


def unquoted(sql):
    """Read a literal as Snowflake does: first the connector's formatting, then the quotes."""
    inner = (sql % {"run_id": "r"})[1:-1]
    read, characters = "", iter(inner)
    for character in characters:
        if character in "\\'":
            character = next(characters)  # noqa: PLW2901 -- the escaped one
        read += character
    return read


@given(st.text())
def test_a_literal_reads_as_its_text(text):
    assert unquoted(literal(text)) == text


def sql_files():
    folder = files("services") / "sql"
    return [
        f"{layer.name}/{file.name.removesuffix('.sql')}"
        for layer in folder.iterdir()
        if layer.name != "migrations"
        for file in layer.iterdir()
    ]


@pytest.mark.parametrize("name", sorted(sql_files()))
def test_a_statement_has_no_comments_and_one_end_at_most(name):
    sql = statement(name)
    assert sql.strip()
    assert not [line for line in sql.splitlines() if line.lstrip().startswith("--")]
    assert ";" not in re.sub(r"'[^']*'", "''", sql)
