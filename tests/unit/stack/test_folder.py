"""Checks that files in `.stack/` get the mode they are given, whatever the caller's umask."""

import os
import stat

import pytest

from local.console.files import write_private


@pytest.fixture(params=[0o077, 0o022, 0o000], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.parametrize("mode", [0o600, 0o644], ids=oct)
def test_a_file_has_the_mode_that_it_is_given(tmp_path, umask, mode):
    write_private(tmp_path / "file", "text", mode=mode)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == mode
