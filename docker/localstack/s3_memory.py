"""Carries what LocalStack's memory knows of buckets, keys and uploads to the journal, and back.

An entry holds copied attributes: other threads change LocalStack's buckets and uploads meanwhile.
"""

import pickle
from copy import copy

from localstack.constants import AWS_REGION_US_EAST_1
from localstack.services.s3.models import S3Bucket, S3Multipart, VersionedKeyStore, s3_stores
from localstack.services.s3.utils import get_unique_key_id
from s3_journal import Entry


class Keeper:
    """Writes what LocalStack's memory holds to the journal, and back at a start."""

    def __init__(self, journal):
        self._journal = journal

    def keep(self, bucket, keys):
        """Make the present state of a bucket and some of its keys durable."""
        self._journal.write(self._state(bucket, keys))

    def keep_everything(self):
        """Make everything durable, in one step."""
        found = [bucket for _, bucket in buckets()]
        self._journal.write(
            one for b in found for one in self._state(b.name, list(b.objects._store))
        )

    def _state(self, name, keys):
        store, bucket = find_bucket(name)
        if not bucket:
            for kind, gone in self._journal.names(name):
                yield Entry(name, kind, gone)
            return
        state = {**_copied(bucket), "objects": type(bucket.objects)(), "multiparts": {}}
        yield _entry(name, "bucket", "", (state, store.tags.get_tags(bucket.bucket_arn)))
        uploads = dict(bucket.multiparts)
        for upload in uploads.values():
            parts = list(dict(upload.parts).values())
            yield _entry(name, "upload", upload.id, _copied(upload), parts)
        for kind, gone in self._journal.names(name, "upload"):
            if gone not in uploads:
                yield Entry(name, kind, gone)
        for key in keys:
            yield self._key_state(store, bucket, key)

    def _key_state(self, store, bucket, key):
        found = bucket.objects._store.get(key)
        if not found:
            return Entry(bucket.name, "key", key)
        found = list(dict(found).values()) if isinstance(found, dict) else [found]
        versions = [
            (copy(one), store.tags.get_tags(get_unique_key_id(bucket.name, key, one.version_id)))
            for one in found
        ]
        return _entry(bucket.name, "key", key, versions, found)

    def restore(self):
        restore = {"bucket": _restore_bucket, "upload": _restore_upload, "key": _restore_key}
        for entry in self._journal.entries():
            restore[entry.kind](entry)


def _entry(bucket, kind, name, content, owners=()):
    blobs = tuple(sorted({one.blob for one in owners if getattr(one, "blob", None)}))
    return Entry(bucket, kind, name, blobs, pickle.dumps(content))


def _copied(thing):
    """The attributes of a thing, which other threads may change meanwhile."""
    return {name: copy(value) for name, value in vars(thing).copy().items()}


def _made(kind, state):
    thing = kind.__new__(kind)
    vars(thing).update(state)
    return thing


def _restore_bucket(entry):
    state, tags = pickle.loads(entry.content)
    bucket = _made(S3Bucket, state)
    store = s3_stores[bucket.bucket_account_id][bucket.bucket_region]
    store.buckets[bucket.name] = bucket
    store.global_bucket_map[bucket.name] = bucket.bucket_account_id
    if tags:
        store.tags.update_tags(bucket.bucket_arn, tags)


def _restore_upload(entry):
    _, bucket = find_bucket(entry.bucket)
    bucket.multiparts[entry.name] = _made(S3Multipart, pickle.loads(entry.content))


def _restore_key(entry):
    store, bucket = find_bucket(entry.bucket)
    is_versioned = isinstance(bucket.objects, VersionedKeyStore)
    for version, tags in pickle.loads(entry.content):
        if is_versioned:  # written before the bucket was
            version.version_id = version.version_id or "null"
        bucket.objects.set(entry.name, version)
        if tags:
            key_id = get_unique_key_id(bucket.name, entry.name, version.version_id)
            store.tags.update_tags(key_id, tags)


def buckets():
    """Each bucket with the store that has its tags."""
    for regions in list(s3_stores.values()):
        for bucket in list(regions[AWS_REGION_US_EAST_1].buckets.values()):
            yield regions[bucket.bucket_region], bucket


def find_bucket(name):
    """A bucket with the store that has its tags; a pair of None when there is none."""
    return next((pair for pair in buckets() if pair[1].name == name), (None, None))
