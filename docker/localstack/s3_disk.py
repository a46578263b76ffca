"""Keeps LocalStack's S3 on a volume: its free edition holds objects in memory and forgets them.

Objects are files (`s3_store`). What S3 knows about buckets, keys and uploads stays in LocalStack's
memory, some kilobytes for each object, and is written to the journal (`s3_memory`) before an answer
that could tell of it is sent. A failed write ends LocalStack, so that the caller gets no answer.

Volumes of format 1, a pickle of everything beside the same files, are taken over in place.
"""

import hashlib
import os
import pickle
import sqlite3
import sys
import traceback
from contextlib import contextmanager
from functools import partial

from localstack.aws.handlers import run_custom_response_handlers
from localstack.constants import VERSION
from localstack.services.plugins import SERVICE_PLUGINS
from localstack.services.s3.models import S3Object, s3_stores
from localstack.state import pickle as localstack_pickle
from s3_journal import BlobsMissing, Journal
from s3_memory import Keeper, buckets, find_bucket
from s3_store import DiskStore

FORMAT = 2  # of the volume; the file `state` tells it
STATE_REFUSED = "state refused: "  # make up knows the line by this (`services.errors`)


class StateRefused(Exception):
    """The volume was written by another version; the message is one line that says so."""


def _take_over_format_1(state, journal, keeper):
    """Name the files that a volume of format 1 holds in the journal, where they lie.

    It named them by `hash()` of key and version, which PYTHONHASHSEED=0 makes the same each time.
    """
    stores = localstack_pickle.loads(state["meta"])
    s3_stores.clear()
    s3_stores.update(stores)
    s3_stores._universal = stores._universal
    for _, bucket in buckets():
        bucket.multiparts.clear()  # their parts were never kept
        changed = state["index"].get(bucket.name, {})
        for one in bucket.objects.values(with_versions=True):
            if not isinstance(one, S3Object):
                continue
            hashed = str(hash(f"{one.key}?{one.version_id or 'null'}"))
            if hashed not in changed:  # it was deleted while the pickle was written
                bucket.objects.pop(one.key, one.version_id)
                continue
            name = f"{bucket.name}/{hashed}/{changed[hashed]}"
            one.blob = hashlib.sha256(name.encode()).hexdigest()
            one.internal_last_modified = changed[hashed]
    journal.clear()  # of an attempt that was interrupted
    keeper.keep_everything()
    s3_stores.clear()


def _restore(folder, journal, keeper):
    """Take over what the volume holds, if anything.

    Raises:
        StateRefused: Another version wrote it.
        BlobsMissing: A part of it is gone.
    """
    mark = folder / "state"
    state = localstack_pickle.loads(mark.read_bytes()) if mark.exists() else {"format": FORMAT}
    found = state.get("format", 1)
    if found not in {1, FORMAT}:
        raise StateRefused(
            f"S3's volume has format {found} (of LocalStack {state.get('version')}),"
            f" this one reads format {FORMAT}"
        )
    if found == 1:
        _take_over_format_1(state, journal, keeper)
    journal.sweep()
    if found == 1 or not mark.exists():
        _replace(mark, pickle.dumps({"format": FORMAT, "version": VERSION}))
    keeper.restore()


def _replace(path, content):
    draft = path.with_suffix(".draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


@contextmanager
def _or_end(message, code):
    """End LocalStack when a step fails: it would go on, and acknowledge what it doesn't keep."""
    is_done = False
    try:
        yield
        is_done = True
    except (StateRefused, BlobsMissing) as refused:
        message = f"{STATE_REFUSED}{refused}"
    except (OSError, sqlite3.OperationalError) as error:  # a full disk, say
        code, message = os.EX_IOERR, f"S3's volume can't be used: {error}"
    finally:
        if not is_done:
            if sys.exc_info()[0]:  # broken, or of a LocalStack with other classes
                traceback.print_exc()
            sys.stderr.write(f"{message}\n")
            sys.stderr.flush()
            os._exit(code)


def _keep_answered(keeper, _chain, context, _response):
    """Make durable what an answer may tell of, before it is sent."""
    request = context.service_request or {}
    if not (bucket := request.get("Bucket")):
        return
    deleted = (request.get("Delete") or {}).get("Objects") or []
    keys = [one for one in (request.get("Key"), *(d.get("Key") for d in deleted)) if one]
    with _or_end("S3's volume can't be written", os.EX_IOERR):
        keeper.keep(bucket, keys)


def install(folder):
    """Let LocalStack's S3 keep everything in a folder, from before its first request on."""
    refused = f"{STATE_REFUSED}S3's volume can't be read by LocalStack {VERSION}"
    with _or_end(refused, os.EX_DATAERR):
        folder.mkdir(parents=True, exist_ok=True)
        journal = Journal(folder)
        keeper = Keeper(journal)
        provider = SERVICE_PLUGINS.require("s3")._provider
        provider._storage_backend = DiskStore(journal, find_bucket)
        _restore(folder, journal, keeper)
        provider._cors_handler.invalidate_cache()
    run_custom_response_handlers.append(partial(_keep_answered, keeper))
