"""`T=` runs what it names and nothing else, in every tier."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NODE = ("clients", "devcontainer", "workflows")
LAID = [
    f"--assume-old={one}"
    for one in (".venv/.complete", *(f"tests/{name}/node_modules/.complete" for name in NODE))
]


def recipe(verb, focus):
    """The words that `make VERB T=…` would hand to pytest, options for speed apart."""
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    done = subprocess.run(
        ["make", "--just-print", *LAID, verb, f"T={focus}"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    (line,) = (one for one in done.stdout.splitlines() if ".venv/bin/pytest" in one)
    return line.partition("bin/pytest ")[2].strip()


@pytest.mark.parametrize(
    ("verb", "focus", "chosen"),
    [
        ("test", "", ""),
        ("test", "gold", "-k 'gold'"),
        ("test", "gold or silver", "-k 'gold or silver'"),
        ("test", "-k gold", "-k gold"),
        ("test", "tests/unit/test_tables.py", "tests/unit/test_tables.py"),
        ("test", "'tests/unit/a.py::b[x y]'", "'tests/unit/a.py::b[x y]'"),
        ("test-airflow", "", "tests/airflow"),
        ("test-offline", "", "tests/offline"),
        ("test-devcontainer", "", "tests/devcontainer"),
        ("test-workflows", "fork", "tests/workflows -k 'fork'"),
        (
            "test-workflows",
            "tests/workflows/test_workflows.py",
            "tests/workflows/test_workflows.py",
        ),
        ("test-offline", "inside", "tests/offline -k 'inside'"),
        ("test-offline", "tests/offline/test_offline.py", "tests/offline/test_offline.py"),
    ],
)
def test_a_path_replaces_the_tier_s_folder_and_anything_else_selects_in_it(verb, focus, chosen):
    assert f" {recipe(verb, focus)}".endswith(f" {chosen}".rstrip())
    assert ("tests/offline " in f"{recipe(verb, focus)} ") == ("tests/offline " in f"{chosen} ")


def test_one_file_doesn_t_wait_for_other_processes():
    assert "--numprocesses 0" in recipe("test", "tests/unit/test_tables.py::test_x")
    assert "--numprocesses logical" in recipe("test", "tests/unit")
