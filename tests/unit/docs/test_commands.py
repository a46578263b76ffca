"""Every command, path and statement of the documents is one that there is."""

import re
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify

from local.console.chosen_flow import FLOWS
from local.program import program
from local.verbs import VERBS
from tests.unit.docs.documents import ROOT, documents
from tools.reference.verbs import targets

DOCUMENTS = documents()
TARGETS = targets(ROOT / "Makefile")
PROGRAM = program()
TOP = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
PYTHON = re.compile(r"python3? (?:-m ([\w.]+)|([\w/]+\.py))")
PLACE = re.compile(r"[\w.*{},-]+(?:/[\w.*{},-]+)*/?")
MADE = ("cloud/records/prod", "cloud/infra/outputs")  # by ./pipeline deploy and Pulumi


def unknown(words):
    """Return what is wrong with a command of make or of ./pipeline, or None."""
    program, verb, *given = words
    return unknown_to_make(verb, given) if program == "make" else refused(verb, given)


def unknown_to_make(verb, given):
    """Return what is wrong with a make target and its variables, or None."""
    if verb not in TARGETS:
        return f"make {verb}: no such target"
    names = [word.partition("=")[0] for word in given if re.match(r"[A-Z][A-Z_0-9]*=", word)]
    known = VERBS[verb].names if verb in VERBS else {"T"}
    strangers = set(names) - known - {"PYTHON"}
    return f"make {verb} takes no {', '.join(sorted(strangers))}" if strangers else None


def refused(verb, given):
    """Return the program's error for a verb and its options, except those left to the reader."""
    if verb.startswith("-"):
        return None
    if verb not in VERBS:
        return f"./pipeline {verb}: no such verb"
    command = PROGRAM.commands[verb]
    if any("…" in word for word in given):  # left to the reader, but for the options' names
        known = {typed for one in command.params for typed in (*one.opts, *one.secondary_opts)}
        strangers = [word for word in given if word.startswith("--") and word not in known]
        return f"./pipeline {verb} takes no {', '.join(strangers)}" if strangers else None
    try:
        command.make_context(verb, list(given))
    except click.ClickException as error:
        return f"./pipeline {' '.join([verb, *given])}: {error.format_message()}"
    except click.exceptions.Exit:  # --help
        return None
    return None


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_command_is_one_and_takes_what_it_is_given(document):
    said = [unknown(words) for words in document.commands() if re.match("[a-z]", words[1])]
    assert [one for one in said if one] == []


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        ("make uq", "make uq: no such target"),
        ("make up MUONT=0", "make up takes no MUONT"),
        ("make test T=tests/unit", None),
        ("make sql Q=x AT=stack", None),
        ("./pipeline sql x --at stack", None),
        ("./pipeline lgos", "./pipeline lgos: no such verb"),
        ("./pipeline logs --flolow", "No such option"),
    ],
)
def test_a_command_that_is_none_is_found(command, wrong):
    assert (wrong or "") in (unknown(command.split()) or "")
    assert bool(unknown(command.split())) == bool(wrong)


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_module_and_script_is_there(document):
    code = "\n".join([*document.blocks("sh", ""), *document.inline()])
    missing = [
        module or script
        for module, script in PYTHON.findall(code)
        if not ((ROOT / script).is_file() if script else is_module(module))
    ]
    assert missing == []


FILES = "|".join(re.escape(file) for file, _ in FLOWS.values())
WITHOUT_A_VERB = re.compile(rf"python3? (?:{FILES}) \w+=\S*")


@pytest.mark.parametrize(
    "document", [one for one in DOCUMENTS if str(one) != "CHANGELOG.md"], ids=str
)
def test_a_flow_is_started_by_the_verb_that_starts_its_services(document):
    assert WITHOUT_A_VERB.findall(document.text) == []


def is_module(name):
    """Find a module; of others' packages only the package, or it would be imported."""
    package = name.partition(".")[0]
    return find_spec(name if package in TOP else package)


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_path_of_this_clone_is_there(document):
    paths = {
        code
        for code in document.inline()
        if "/" in code and PLACE.fullmatch(code) and code.partition("/")[0] in TOP
    }
    known = (*MADE, *document.new_files())
    missing = [path for path in paths if not path.startswith(known) and not exists(path)]
    assert sorted(missing) == []


def exists(path):
    """Tell whether a path, or something that matches a pattern, is in the clone."""
    if "*" not in path:
        return (ROOT / path).exists()
    return any(ROOT.glob(path.rstrip("/")))


def schema(more=()):
    """Return the columns that the migrations and `more` create, by schema and table."""
    found = {}
    files = sorted((ROOT / "services/sql/migrations").glob("*.sql"))
    for text in [*(file.read_text() for file in files), *more]:
        for statement in sqlglot.parse(text, dialect="snowflake"):
            if isinstance(statement, exp.Create) and statement.kind == "TABLE":
                table = statement.find(exp.Table)
                columns = {
                    column.name: column.kind.sql() for column in statement.find_all(exp.ColumnDef)
                }
                found.setdefault(table.db, {})[table.name] = columns
    return found


def wrong_with(query, more=()):
    """Return why the warehouse can't answer a query, with the tables of a page, or None."""
    try:
        parsed = sqlglot.parse_one(query, dialect="snowflake")
        qualify(parsed, schema=schema(more), dialect="snowflake")
    except SqlglotError as error:
        return f"{query}: {error}"
    return None


def asked(words):
    """The queries of a command."""
    if words[:2] == ["./pipeline", "sql"]:
        return words[2:]
    return [word.removeprefix("Q=") for word in words if word.startswith("Q=")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_question_can_be_asked_of_the_tables(document):
    queries = [
        query
        for words in document.commands()
        for query in asked(words)
        if "…" not in query and query.startswith(("select", "with"))
    ]
    made = [block for block in document.blocks("sql") if "create table" in block]
    assert [wrong for query in queries if (wrong := wrong_with(query, made))] == []


@pytest.mark.parametrize(
    "query",
    ["selec 1 frm", "select acount from gold.account_activity_minute"],
    ids=["form", "name"],
)
def test_a_question_that_nobody_can_answer_is_found(query):
    assert wrong_with(query)


def test_the_documents_ask_something():
    assert any("Q=" in word for one in DOCUMENTS for words in one.commands() for word in words)
    assert Path("docs/README.md") in {one.path.relative_to(ROOT) for one in DOCUMENTS}
