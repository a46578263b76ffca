"""`make up` starts nothing on a machine that can't hold it, and says what is missing."""

from pathlib import Path

import pytest

from console.errors import CommandFailed
from stack.engine import Engine
from stack.machine import available_memory, check_disk, check_memory, check_readable

GIB = 2**30
MEMINFO = "MemTotal:       24683500 kB\nMemAvailable:    1048576 kB\n"


def test_too_little_memory_says_how_much_there_is_and_how_much_is_needed():
    with pytest.raises(CommandFailed, match="1024 MiB are available, the stack needs 1536"):
        check_memory(GIB)
    check_memory(2 * GIB)


def test_too_little_disk_says_where():
    with pytest.raises(CommandFailed, match=r"2048 MiB are free in /srv/docker, .* needs 3072"):
        check_disk(Path("/srv/docker"), 2 * GIB)
    check_disk(Path("/srv/docker"), 4 * GIB)


@pytest.mark.parametrize(
    ("engine_bytes", "found"),
    [pytest.param(24 * GIB, GIB, id="this machine"), pytest.param(GIB // 2, GIB // 2, id="its VM")],
)
def test_memory_is_the_least_of_this_machines_and_the_engines(tmp_path, engine_bytes, found):
    (tmp_path / "meminfo").write_text(MEMINFO)
    engine = Engine(engine_bytes, "/var/lib/docker")
    assert available_memory(engine, tmp_path / "meminfo") == found


def test_a_mac_has_the_memory_of_dockers_machine(tmp_path):
    assert available_memory(Engine(GIB, "/var/lib/docker"), tmp_path / "none") == GIB


def test_files_that_containers_can_not_read_are_named_with_what_to_type(tmp_path):
    for name in ("flows", "services", "offline.env"):
        (tmp_path / name).mkdir(mode=0o755)
    check_readable(tmp_path.iterdir())
    for name in ("flows", "services"):
        (tmp_path / name).chmod(0o700)
    with pytest.raises(CommandFailed, match=r"can't read flows, services: chmod -R go\+rX flows s"):
        check_readable(sorted(tmp_path.iterdir()))
