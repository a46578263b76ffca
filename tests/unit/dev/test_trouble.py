"""A mistake is told by the lines of the person's own code, without those of others."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.embedded.dev.trouble import error_text
from services.errors import WarehouseUnavailable


@pytest.fixture
def run(tmp_path):
    """The error of a file of ours with this text."""
    (tmp_path / "services").mkdir()
    file = tmp_path / "services" / "gold.py"

    def error_of(text):
        file.write_text(text)
        with pytest.raises(BaseException) as caught:  # noqa: PT011 -- of any kind
            exec(compile(file.read_text(), str(file), "exec"), {})  # noqa: S102 -- a test's own text
        return error_text(caught.value, tmp_path)

    return error_of


def test_a_failing_line_is_told_with_its_place(run):
    assert run("import json\ndef build():\n    json.loads('1}')\nbuild()\n").splitlines() == [
        "services/gold.py:4 in <module>",
        "    build()",
        "services/gold.py:3 in build",
        "    json.loads('1}')",
        "json.decoder.JSONDecodeError: Extra data: line 1 column 2 (char 1)",
    ]


def test_a_syntax_error_is_told_with_its_line(run):
    said = run("total = (1\n")
    assert 'File "services/gold.py", line 1' in said
    assert "SyntaxError: '(' was never closed" in said


def test_an_error_for_people_is_told_alone():
    said = error_text(WarehouseUnavailable("nobody answers"), Path.cwd())
    assert said == "error: nobody answers"


def test_the_process_that_waits_has_loaded_nothing_of_ours():
    code = (
        "import sys, local.embedded.dev.warm as warm; warm.warm_up();"
        "ours = ('flows.', 'services.', 'local.console.');"
        "print([name for name in sys.modules if f'{name}.'.startswith(ours)])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
