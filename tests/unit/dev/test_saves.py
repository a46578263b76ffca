"""A save is noticed however an editor writes, and only where code is."""

import os

import pytest

from local.embedded.dev.saves import Saves


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.py").write_text("1")
    (tmp_path / "b.sql").write_text("1")
    return tmp_path


def names(save):
    return {path.name for path in save.files}


def test_nothing_is_told_until_something_is_saved_and_then_once(folder):
    saves = Saves([folder])
    assert saves.newest() is None
    (folder / "inner" / "a.py").write_text("22")
    assert names(saves.newest()) == {"a.py"}
    assert saves.newest() is None


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda f: _draft(f).replace(f / "b.sql"), id="a draft renamed over it"),
        pytest.param(lambda f: (f / "b.sql").unlink(), id="deleted"),
        pytest.param(lambda f: os.utime(f / "b.sql"), id="saved without a change"),
    ],
)
def test_editors_save_in_several_ways(folder, write):
    saves = Saves([folder])
    write(folder)
    assert "b.sql" in names(saves.newest())


def _draft(folder):
    draft = folder / "draft~"
    draft.write_text("1")
    return draft


def test_files_that_are_no_code_are_left_alone(folder):
    saves = Saves([folder])
    (folder / ".a.py.swp").write_text("")
    (folder / "notes.md").write_text("")
    assert saves.newest() is None


def test_files_saved_together_are_one_save(folder):
    saves = Saves([folder])
    (folder / "inner" / "a.py").write_text("33")
    (folder / "b.sql").write_text("33")
    assert names(saves.newest()) == {"a.py", "b.sql"}
