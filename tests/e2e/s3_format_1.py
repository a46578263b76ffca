"""Run inside LocalStack's image: a volume of format 1 as its revision wrote it, taken over."""

import hashlib
import sys
import threading
from pathlib import Path

from localstack.services.s3.models import S3Bucket, S3DeleteMarker, S3Object, s3_stores
from localstack.state import pickle

sys.path.insert(0, "/etc/localstack/init")
import s3_disk
from s3_journal import Journal
from s3_memory import Keeper, find_bucket

FOLDER = Path("/tmp/s3")  # noqa: S108 -- of a container that nobody else is in


@pickle.register(type(threading.RLock()))
def pickle_lock(pickler, lock):
    pickler.save_reduce(threading.RLock, (), obj=lock)


def put(bucket, version, content, modified):
    """An object, and its bytes under the name that format 1 gave them."""
    one = S3Object("canton/ü", etag="0", size=len(content), version_id=version)
    one.user_metadata["after"] = "genesis"
    one.internal_last_modified = modified
    bucket.objects.set(one.key, one)
    hashed = str(hash(f"{one.key}?{version or 'null'}"))
    name = hashlib.sha256(f"{bucket.name}/{hashed}/{modified}".encode()).hexdigest()
    (FOLDER / "blobs" / name).write_bytes(content)
    return hashed, modified


def write_format_1():
    (FOLDER / "blobs").mkdir(parents=True)
    store = s3_stores["000000000000"]["us-east-1"]
    index = {}
    for name, is_versioned in (("landing", False), ("versioned", True), ("empty", False)):
        bucket = S3Bucket(name, "000000000000", "us-east-1", {}, {}, None, is_versioned)
        store.buckets[name] = bucket
        store.global_bucket_map[name] = bucket.bucket_account_id
        if name != "empty":
            versions = ("v1", "v2") if is_versioned else (None,)
            found = [put(bucket, one, f"{name} {one}".encode(), 7) for one in versions]
            index[name] = dict(found)
    store.buckets["versioned"].objects.set("canton/ü", S3DeleteMarker("canton/ü", "v3"))
    store.buckets["landing"].objects.set("deleted", S3Object("deleted"))  # while it was written
    store.tags.update_tags("landing/canton/ü/null", {"a": "b"})
    kept = {"format": 1, "version": "4.14.0", "meta": pickle.dumps(s3_stores), "index": index}
    (FOLDER / "state").write_bytes(pickle.dumps(kept))
    s3_stores.clear()
    s3_stores._universal.clear()


def opened():
    journal = Journal(FOLDER)
    s3_disk._restore(FOLDER, journal, Keeper(journal))
    return journal


def told(journal):
    """Each object's version, bytes, metadata and tags."""
    for name in ("landing", "versioned", "empty"):
        store, bucket = find_bucket(name)
        for one in bucket.objects.values(with_versions=True):
            tags = store.tags.get_tags(f"{name}/{one.key}/{one.version_id or 'null'}")
            if isinstance(one, S3Object):
                content = journal.path(one.blob).read_text()
                yield f"{name} {one.version_id}: {content}, {one.user_metadata}, {tags}"
            else:
                yield f"{name} {one.version_id}: deleted"


write_format_1()
taken_over = list(told(opened()))
s3_stores.clear()
s3_stores._universal.clear()
assert list(told(opened())) == taken_over, "and so it stays"
sys.stdout.writelines(f"{line}\n" for line in taken_over)
