"""Objects keep their bytes, their lines and what S3 tells of them."""

import pytest

from local.snapshots import objects
from local.snapshots.objects import Kept, StoredObject
from services.landing import pack, sha256

LINES = [b'{"a":1}', b'{"b":2}']


def page(key):
    content = bytearray(pack(LINES))
    content[9] = 7  # as on another system
    content = bytes(content)
    size = sum(len(line) + 1 for line in LINES)
    metadata = {"sha256": sha256(content), "upto": "4/x"}
    head = objects.head_of(content)
    return StoredObject(Kept(key, metadata, sha256(content), size, head), LINES, content)


def other(key, content):
    kept = Kept(key, {}, sha256(content), len(content))
    return StoredObject(kept, (), content)


def test_what_was_kept_comes_back_in_order(tmp_path):
    held = [page("canton/1"), other("quarantine/x", b"<html>"), page("canton/2")]
    with objects.written(tmp_path) as writer:
        for one in held:
            writer.add(one)
    assert list(objects.read(tmp_path)) == held


def test_a_page_that_this_machine_packs_otherwise_keeps_its_lines(tmp_path, monkeypatch):
    with objects.written(tmp_path) as writer:
        writer.add(page("canton/1"))
    monkeypatch.setattr(objects, "pack", lambda lines: b"other zlib" + b"".join(lines))
    (held,) = objects.read(tmp_path)
    assert held.lines == LINES
    assert held.kept.metadata == {"sha256": sha256(held.content), "upto": "4/x"}
    assert objects.index(tmp_path)[0].sha256 != held.kept.sha256


@pytest.mark.parametrize("name", [objects.LINES, objects.BYTES])
def test_content_that_is_cut_off_is_refused(tmp_path, name):
    with objects.written(tmp_path) as writer:
        writer.add(page("canton/1"))
        writer.add(other("quarantine/x", b"<html>"))
    file = tmp_path / name
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(objects.CommandFailed, match="is cut off"):
        list(objects.read(tmp_path))
