"""A Python function that was made of a file is compiled under that file's name."""

from mocks.snowflake.handlers.process import compiled
from mocks.snowflake.python_functions import PythonFunction
from mocks.snowflake.sources import Code, find_code

TEXT = "def handler():\n    return 1\n"


def test_the_text_of_a_file_is_known_by_the_file_whatever_line_breaks_are_around_it(tmp_path):
    file = tmp_path / "rules.py"
    file.write_text(TEXT)
    (tmp_path / "another.py").write_text(TEXT.replace("1", "2"))
    for body in (TEXT, f"\n{TEXT}", TEXT.strip()):
        assert find_code(body, "silver.f", [tmp_path]) == Code(TEXT, str(file))


def test_a_text_that_no_file_has_keeps_the_function_s_name(tmp_path):
    (tmp_path / "rules.py").write_text(TEXT)
    other = f"\n{TEXT}# edited\n"
    assert find_code(other, "silver.f", [tmp_path]) == Code(other, "<silver.f>")
    assert find_code(TEXT, "silver.f", []) == Code(TEXT, "<silver.f>")


def test_a_handler_s_lines_are_those_of_the_file(tmp_path):
    (file := tmp_path / "rules.py").write_text(TEXT)
    function = PythonFunction("CANTON", "SILVER", "F", (), ("INT", "INT128"), "handler", TEXT)
    code = compiled(function.definition("key", [tmp_path])).__code__
    assert (code.co_filename, code.co_firstlineno) == (str(file), 1)
