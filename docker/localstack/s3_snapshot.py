"""Keeps LocalStack's S3 on a volume: its free edition forgets everything when it stops.

Buckets, versions, delete markers and locks are one pickle, as LocalStack itself would write it;
each object's bytes are a file of their own that never changes. The pickle is written last and
renamed, so that a kill at any moment leaves a whole snapshot: at most `SECONDS` old.

LocalStack runs the hooks in `ready.d` and `shutdown.d` inside its own process. Needs
PYTHONHASHSEED=0: it names objects by hash().
"""

import hashlib
import logging
import os
import sys
import threading
import traceback
from pathlib import Path

from localstack.constants import VERSION
from localstack.services.plugins import SERVICE_PLUGINS
from localstack.services.s3.models import s3_stores
from localstack.services.s3.storage.ephemeral import (
    S3_MAX_FILE_SIZE_BYTES,
    LockedSpooledTemporaryFile,
)
from localstack.state import pickle

FORMAT = 1  # of the file `state`
STATE_REFUSED = "state refused: "  # make up knows the line by this (`services.errors`)
SECONDS = 2.0
FOLDER = Path("/data/s3")
CHUNK = 1 << 20
LOG = logging.getLogger("localstack.s3_snapshot")


@pickle.register(type(threading.RLock()))
def _pickle_lock(pickler, lock):
    """Locks are free when they come back: dill 0.3.6 restores them held on Python 3.13."""
    pickler.save_reduce(threading.RLock, (), obj=lock)


class SnapshotRefused(Exception):
    """The snapshot was written by another version; the message is one line that says so."""


class Snapshot:
    """What the volume holds, and what changed since."""

    def __init__(self, folder):
        self._state = folder / "state"
        self._blobs = folder / "blobs"
        self._blobs.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._digest = None
        self._is_taken_over = self._is_finished = False

    def save(self):
        """Write what changed, between `restore` and `finish`: else LocalStack knows less."""
        with self._lock:
            self._save()

    def finish(self):
        """Save for the last time: LocalStack forgets its objects before it ends."""
        with self._lock:
            try:
                self._save()
            except ValueError:  # an object that was deleted meanwhile: its file is closed
                self._save()
            finally:
                self._is_finished = True

    def _save(self):
        """The state last, when every object that it names is there."""
        if self._is_finished or not self._is_taken_over:
            return
        meta, files = pickle.dumps(s3_stores), self._files()
        digest = hashlib.sha256(meta + repr(sorted(files)).encode()).hexdigest()
        if digest == self._digest:
            return
        index = {}
        for name, (bucket, key, modified, file) in files.items():
            index.setdefault(bucket, {})[key] = modified
            if not (self._blobs / name).exists():
                self._write_blob(name, file)
        kept = {"format": FORMAT, "version": VERSION, "meta": meta, "index": index}
        self._replace(self._state, pickle.dumps(kept))
        for blob in self._blobs.iterdir():
            if blob.name not in files:
                blob.unlink()
        self._digest = digest

    def restore(self):
        """Take over what the volume holds, if anything."""
        with self._lock:
            if self._state.exists():
                self._take_over()
            self._is_taken_over = True

    def _take_over(self):
        kept = pickle.loads(self._state.read_bytes())
        if (found := kept.get("format", 1)) != FORMAT:
            raise SnapshotRefused(
                f"the S3 snapshot has format {found} (of LocalStack {kept.get('version')}),"
                f" this one reads format {FORMAT}"
            )
        stores = pickle.loads(kept["meta"])
        s3_stores.clear()
        s3_stores.update(stores)
        s3_stores._universal = stores._universal
        # Those without an object too: the index names only those that have some.
        buckets = {
            name for regions in stores.values() for s3 in regions.values() for name in s3.buckets
        }
        for bucket in buckets:
            _backend().create_bucket(bucket)
        for bucket, keys in kept["index"].items():
            for key, modified in keys.items():
                self._read_blob(bucket, key, modified)
        LOG.info("restored %d buckets", len(buckets))

    def _files(self):
        """By the name of its blob: each object's bucket, key, time of change, and file."""
        found = {}
        for bucket, held in list(_backend()._filesystem.items()):
            for key, file in list(held["keys"].items()):
                if modified := file.internal_last_modified:  # 0: nothing was written there yet
                    found[_name(bucket, key, modified)] = bucket, key, modified, file
        return found

    def _write_blob(self, name, file):
        with file.readwrite_lock.gen_rlock(), file.position_lock:
            file.seek(0)
            draft = self._blobs / f"{name}.draft"
            with draft.open("wb") as blob:
                while chunk := file.read(CHUNK):
                    blob.write(chunk)
                _flush(blob)
        draft.replace(self._blobs / name)

    def _read_blob(self, bucket, key, modified):
        backend, name = _backend(), _name(bucket, key, modified)
        folder = os.path.join(backend.root_directory, bucket)
        file = LockedSpooledTemporaryFile(dir=folder, max_size=S3_MAX_FILE_SIZE_BYTES)
        with (self._blobs / name).open("rb") as blob:
            while chunk := blob.read(CHUNK):
                file.write(chunk)
        file.internal_last_modified = modified
        backend._filesystem[bucket]["keys"][key] = file

    def _replace(self, path, content):
        draft = path.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(content)
            _flush(file)
        draft.replace(path)


def _flush(file):
    file.flush()
    os.fsync(file.fileno())


def _name(bucket, key, modified):
    return hashlib.sha256(f"{bucket}/{key}/{modified}".encode()).hexdigest()


def _backend():
    return SERVICE_PLUGINS.get_service("s3")._provider._storage_backend


def restore_or_end(snapshot):
    """Take over what the volume holds, or end LocalStack at once, which leaves the volume alone.

    It goes on after a hook that failed, and would be an empty S3, in which nothing is saved.
    """
    found = f"the S3 snapshot can't be read by LocalStack {VERSION}"
    is_whole = False
    try:
        snapshot.restore()
        is_whole = True
    except SnapshotRefused as refused:
        found = str(refused)
    finally:
        if not is_whole:
            _end(found)


def _end(found):
    if sys.exc_info()[0]:  # broken, or of a LocalStack with other classes: the log tells where
        traceback.print_exc()
    sys.stderr.write(f"{STATE_REFUSED}{found}\n")
    sys.stderr.flush()
    os._exit(os.EX_DATAERR)


def keep_saving(snapshot):
    """Save every few seconds, in the background; a failure is logged and tried again."""

    def run():
        while not threading.Event().wait(SECONDS):
            try:
                snapshot.save()
            except (OSError, RuntimeError, ValueError):
                # A full disk; a store that changed while it was read; an object that was deleted.
                LOG.exception("S3 was not saved")

    threading.Thread(target=run, name="s3-snapshot", daemon=True).start()


SNAPSHOT = Snapshot(FOLDER)
