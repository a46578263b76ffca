"""The place that `make sql` and the other commands on data act on."""

import subprocess
from pathlib import Path

import pytest

from tests.unit.docs.documents import ROOT

STACK_IS_UP, STACK_IS_DOWN, EMBEDDED = ".stack/up", ".stack/env", ".local/current"


@pytest.mark.parametrize(
    ("files", "options", "place"),
    [
        ([], [], "embedded"),
        ([EMBEDDED], [], "embedded"),
        ([STACK_IS_DOWN, STACK_IS_UP], [], "stack"),
        ([STACK_IS_DOWN, STACK_IS_UP, EMBEDDED], [], "stack"),
        pytest.param([STACK_IS_DOWN], [], "stack", id="the stack says itself that it is down"),
        ([STACK_IS_DOWN, EMBEDDED], [], "embedded"),
        ([STACK_IS_DOWN, "elsewhere/current"], ["STATE=elsewhere"], "embedded"),
        ([STACK_IS_DOWN], ["AT=embedded"], "embedded"),
    ],
)
def test_commands_on_data_go_where_there_is_a_state(
    tmp_path: Path, files: list[str], options: list[str], place: str
) -> None:
    for name in [*files, "tools/venv", "requirements/dev.txt", "requirements/uv.txt"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    printed = subprocess.run(
        ["make", "--just-print", "--file", str(ROOT / "Makefile"), "sql", *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert f"-m local.{place} sql" in printed.stdout
    assert printed.stderr == ""
