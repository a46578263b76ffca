"""S3 as external stages see it, through the standard AWS variables of the environment."""

import functools
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from mocks.snowflake.errors import StatementFailed

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SCHEME = "s3://"
_MISSING = frozenset({"NoSuchKey", "NoSuchBucket", "404"})


@dataclass(frozen=True)
class StoredObject:
    """One object, as LIST shows it."""

    url: str
    size: int
    etag: str
    last_modified: datetime


class ObjectStore:
    """Reads objects and lists prefixes; nothing is cached, a new object is seen at once."""

    def __init__(self) -> None:
        self._making = threading.Lock()

    @functools.cached_property
    def _client(self) -> "S3Client":
        import boto3  # noqa: PLC0415 -- takes a while; a server without external stages never pays it
        from botocore.config import Config  # noqa: PLC0415

        has_endpoint = bool(os.environ.get("AWS_ENDPOINT_URL_S3"))
        return boto3.client(
            "s3",
            region_name=os.environ.get("AWS_REGION"),
            config=Config(
                connect_timeout=5,
                read_timeout=60,
                retries={"mode": "standard", "max_attempts": 3},
                # Emulators have no DNS name for each bucket.
                s3={"addressing_style": "path" if has_endpoint else "auto"},
            ),
        )

    def _s3(self) -> "S3Client":
        with self._making:  # a session of boto3 may not make clients in two threads at once
            return self._client

    def read(self, url: str) -> bytes:
        """An object's content.

        Raises:
            StatementFailed: 91016 when there is no such object, 91003 when S3 can't be read.
        """
        try:
            bucket, key = _split(url)
            return self._s3().get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in _MISSING:
                raise _unreadable(url, error) from error
            raise StatementFailed(
                91016,
                "22000",
                f"Remote file '{url}' was not found. There are several potential causes. The file "
                "might not exist. The required credentials may be missing or invalid.",
            ) from error
        except BotoCoreError as error:
            raise _unreadable(url, error) from error

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Objects whose URL begins so, in the order of their names.

        Raises:
            StatementFailed: 91003 when the bucket can't be listed.
        """
        bucket, key = _split(prefix)
        try:
            pages = self._s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
            for page in pages:
                yield from (_stored(bucket, dict(found)) for found in page.get("Contents", []))
        except (ClientError, BotoCoreError) as error:
            raise _unreadable(prefix, error) from error


def _split(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix(SCHEME).partition("/")
    return bucket, key


def _stored(bucket: str, found: dict[str, Any]) -> StoredObject:
    url = f"{SCHEME}{bucket}/{found['Key']}"
    return StoredObject(url, found["Size"], found["ETag"].strip('"'), found["LastModified"])


def _unreadable(url: str, error: Exception) -> StatementFailed:
    return StatementFailed(91003, "22000", f"Failure using stage area. Cause: [{url}: {error}]")
