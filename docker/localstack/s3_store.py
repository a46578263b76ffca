"""The files behind LocalStack's S3, in the place of its store that keeps objects in memory.

A key's new object is a new file, so that whoever reads the old one reads it to its end.
"""

import os
import threading
from io import BufferedRandom, FileIO
from weakref import WeakValueDictionary

from localstack.services.s3.storage.core import S3ObjectStore, should_copy_in_place
from localstack.services.s3.storage.ephemeral import (
    EphemeralS3StoredMultipart,
    EphemeralS3StoredObject,
    LockedFileMixin,
)
from readerwriterlock import rwlock


class BlobFile(LockedFileMixin, BufferedRandom):
    """A file with the locks that LocalStack's stored objects expect."""

    def __init__(self, path, mode, lock):
        super().__init__(FileIO(path, mode))
        self.readwrite_lock = lock

    def sync(self):
        self.flush()
        os.fsync(self.fileno())


class DiskObject(EphemeralS3StoredObject):
    """An object or a part of an upload, open for reading."""

    def close(self):
        try:
            self.file.close()
        finally:
            super().close()


class NewDiskObject(DiskObject):
    """An object or a part, open for writing: a new file, which it names once the file is whole."""

    def __init__(self, s3_object, file, blob, journal):
        super().__init__(s3_object, file, mode="w")
        self._blob = blob
        self._journal = journal
        self._is_whole = self._is_appended = False

    def write(self, stream):
        """Take all of a stream as the content."""
        size = super().write(stream)
        self._finish()
        return size

    def append(self, part):
        """Add a part's content; `close` ends the object."""
        self._is_appended = True
        return super().append(part)

    def close(self):
        """End an object that was put together from parts; delete one that was never written."""
        try:
            if self._is_appended:
                self._finish()
        finally:
            try:
                super().close()  # of a full disk, it fails once more
            finally:
                if not self._is_whole:
                    self._journal.discard(self._blob)

    def _finish(self):
        self.file.sync()
        self._journal.sync_folder()
        self.s3_object.blob = self._blob
        self._is_whole = True


class DiskUpload(EphemeralS3StoredMultipart):
    """A multipart upload: its parts are files until it is completed or aborted."""

    def open(self, s3_part, mode="r"):
        return self._s3_store.open(self.bucket, s3_part, mode, self.s3_multipart.id)

    def remove_part(self, s3_part):
        """Forget a part that was refused."""
        self._s3_store.remove(self.bucket, s3_part)

    def close(self):
        """Leave the files to the journal: it deletes them once it no longer names them."""


class DiskStore(S3ObjectStore):
    """The files behind LocalStack's S3."""

    def __init__(self, journal, find_bucket):
        self.root_directory = str(journal.path(""))
        self._journal = journal
        self._find_bucket = find_bucket
        self._locks = WeakValueDictionary()
        self._locks_lock = threading.Lock()

    def open(self, bucket, s3_object, mode="r", upload=None):
        """An object, or a part of an upload."""
        number_or_key = s3_object.part_number if upload else s3_object.key
        version = None if upload else s3_object.version_id or "null"
        lock = self._lock(bucket, upload, number_or_key, version)
        if mode == "w":
            blob = self._journal.new_blob()
            file = BlobFile(self._journal.path(blob), "x+", lock)
            return NewDiskObject(s3_object, file, blob, self._journal)
        try:
            return self._opened(s3_object, lock)
        except FileNotFoundError:
            if upload:
                raise
            # Overwritten since it was looked up; LocalStack looks again when the time differs.
            _, found = self._find_bucket(bucket)
            return self._opened(found.get_object(s3_object.key, s3_object.version_id), lock)

    def _opened(self, s3_object, lock):
        file = BlobFile(self._journal.path(s3_object.blob), "r+", lock)
        file.internal_last_modified = s3_object.internal_last_modified
        return DiskObject(s3_object, file)

    def _lock(self, *identity):
        with self._locks_lock:
            return self._locks.setdefault(identity, rwlock.RWLockWrite())

    def remove(self, _bucket, s3_object):
        """Forget objects that were refused; the journal deletes those that it names."""
        for one in s3_object if isinstance(s3_object, list) else [s3_object]:
            if blob := getattr(one, "blob", None):
                self._journal.discard(blob)

    def copy(self, src_bucket, src_object, dest_bucket, dest_object):
        """Copy an object; onto itself, where only metadata changes, it keeps its file."""
        if should_copy_in_place(src_bucket, src_object, dest_bucket, dest_object):
            dest_object.blob = src_object.blob
            dest_object.internal_last_modified = src_object.internal_last_modified
            return self.open(dest_bucket, dest_object)
        with self.open(src_bucket, src_object) as source:
            copied = self.open(dest_bucket, dest_object, mode="w")
            copied.write(source)
        return copied

    def get_multipart(self, bucket, s3_multipart):
        """An upload; all that is known of it is LocalStack's."""
        return DiskUpload(self, bucket, s3_multipart, upload_dir=self.root_directory)

    def remove_multipart(self, bucket, s3_multipart):
        """Leave the files to the journal."""
