"""The files of objects, and the journal that names them, over kills."""

import threading

import pytest


@pytest.fixture
def opened(s3_journal, tmp_path):
    """Opens the volume as a new process does: nobody closed it before."""
    journals = []

    def open_again():
        journals.append(s3_journal.Journal(tmp_path))
        journals[-1].sweep()
        return journals[-1]

    yield open_again
    for one in journals:
        one._db.close()


@pytest.fixture
def entry(s3_journal):
    def make(name, *blobs, content=b"state", kind="key"):
        return s3_journal.Entry("landing", kind, name, blobs, content)

    return make


def put(journal, content):
    blob = journal.new_blob()
    journal.path(blob).write_bytes(content)
    return blob


def files(journal):
    return sorted(one.read_bytes() for one in journal.path("").iterdir())


def test_what_was_written_is_there_after_a_kill(opened, entry):
    journal = opened()
    kept = [entry("a", put(journal, b"one")), entry("", kind="bucket", content=b"settings")]
    journal.write(kept)
    again = opened()
    assert again.entries() == kept[::-1], "buckets come first"
    assert files(again) == [b"one"]


def test_a_file_that_no_entry_names_is_gone_after_a_kill(opened, entry):
    journal = opened()
    journal.write([entry("a", put(journal, b"one"))])
    put(journal, b"torn")
    assert files(opened()) == [b"one"]


def test_an_overwritten_object_leaves_one_file(opened, entry):
    journal = opened()
    for content in (b"one", b"two"):
        journal.write([entry("a", put(journal, content), content=content)])
    assert files(journal) == [b"two"]


def test_a_part_that_becomes_the_object_keeps_its_file(opened, entry):
    journal = opened()
    part = put(journal, b"part")
    journal.write([entry("upload-1", part, kind="upload")])
    journal.write([entry("upload-1", kind="upload", content=b""), entry("a", part)])
    assert files(journal) == [b"part"]
    assert journal.entries() == [entry("a", part)]


def test_a_deleted_object_leaves_nothing(opened, entry):
    journal = opened()
    journal.write([entry("a", put(journal, b"one"))])
    journal.write([entry("a", content=b"")])
    assert (journal.entries(), files(journal)) == ([], [])


def test_a_file_is_discarded_only_while_no_entry_names_it(opened, entry):
    journal = opened()
    kept, refused = put(journal, b"kept"), put(journal, b"refused")
    journal.write([entry("a", kept)])
    journal.discard(kept)
    journal.discard(refused)
    assert files(journal) == [b"kept"]


def test_a_file_that_is_about_to_be_named_is_not_discarded(opened, entry):
    """A DELETE that overlaps a PUT of its key, and a kill before the DELETE is written."""
    journal = opened()
    blob = put(journal, b"one")
    deletes = threading.Thread(target=journal.discard, args=(blob,))

    def state():
        deletes.start()
        deletes.join(0.2)  # it can't end, or the file would be gone
        yield entry("a", blob)

    journal.write(state())
    deletes.join()
    assert files(opened()) == [b"one"]


def test_of_several_entries_all_or_none_are_written(opened, entry):
    journal = opened()
    old = entry("a", put(journal, b"old"))
    journal.write([old])
    new = [entry("a", put(journal, b"new"), content=b"new"), entry(None, content=b"no name")]
    with pytest.raises(Exception, match="NOT NULL"):
        journal.write(new)
    assert journal.entries() == [old]
    assert files(opened()) == [b"old"]


def test_a_volume_whose_files_are_missing_is_refused(s3_journal, opened, entry):
    journal = opened()
    blob = put(journal, b"one")
    journal.write([entry("a", blob)])
    journal.path(blob).unlink()
    with pytest.raises(s3_journal.BlobsMissing, match="lacks 1 files of its objects"):
        opened()
