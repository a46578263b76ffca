"""S3 as external stages see it, through the standard AWS variables of the environment."""

import functools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError

from mocks.snowflake.errors import StatementFailed

if TYPE_CHECKING:
    import duckdb
    import s3fs


@dataclass(frozen=True)
class StoredObject:
    """One object, as LIST shows it."""

    url: str
    size: int
    etag: str
    last_modified: datetime


class ObjectStore:
    """Reads objects and lists prefixes; nothing is cached, a new object is seen at once."""

    @functools.cached_property
    def _s3(self) -> "s3fs.S3FileSystem":
        import s3fs  # noqa: PLC0415 -- half a second; a server without external stages never pays it

        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        return s3fs.S3FileSystem(
            key=os.environ.get("AWS_ACCESS_KEY_ID"),
            secret=os.environ.get("AWS_SECRET_ACCESS_KEY"),
            endpoint_url=os.environ.get("AWS_ENDPOINT_URL_S3"),
            client_kwargs={"region_name": region},
            use_listings_cache=False,
            skip_instance_cache=True,
        )

    def read(self, url: str) -> bytes:
        """An object's content.

        Raises:
            StatementFailed: 91016 when there is no such object, 91003 when S3 can't be read.
        """
        try:
            return self._s3.cat_file(url)
        except FileNotFoundError:
            raise StatementFailed(
                91016,
                "22000",
                f"Remote file '{url}' was not found. There are several potential causes. The file "
                "might not exist. The required credentials may be missing or invalid.",
            ) from None
        except (OSError, BotoCoreError) as error:
            raise _unreadable(url, error) from error

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Objects whose URL begins so, in the order of their names.

        Raises:
            StatementFailed: 91003 when the bucket can't be listed.
        """
        bucket, _, key = prefix.removeprefix("s3://").partition("/")
        try:
            found = (
                self._s3.find(bucket, prefix=key, detail=True)
                if key
                else self._s3.find(bucket, detail=True)
            )
        except (OSError, BotoCoreError) as error:
            raise _unreadable(prefix, error) from error
        for name, info in sorted(found.items()):
            etag = str(info.get("ETag", "")).strip('"')
            yield StoredObject(f"s3://{name}", info["size"], etag, info["LastModified"])

    def serve(self, duck: "duckdb.DuckDBPyConnection") -> None:
        """Let DuckDB's own readers (CSV, Parquet) open ``s3://`` URLs."""
        if not duck.filesystem_is_registered("s3"):
            duck.register_filesystem(self._s3)


def _unreadable(url: str, error: Exception) -> StatementFailed:
    return StatementFailed(91003, "22000", f"Failure using stage area. Cause: [{url}: {error}]")
