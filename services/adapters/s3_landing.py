"""The landing zone in S3: objects written once, read back whole.

A put carries ``If-None-Match: *`` (S3's conditional writes; production's bucket policy refuses a
put without it), so that the first attempt to land a page wins and every later one finds it.
"""

from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Self

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)

from services.accept import position_of
from services.errors import (
    LandingCorrupt,
    LandingRefused,
    LandingUnavailable,
    PipelineError,
    SettingsWrong,
    StorageFull,
)
from services.landing import pack, sha256, unpack
from services.model import LandedPage, Page, Position

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_MISSING = {"404", "NoSuchKey", "NotFound"}
_EXISTS = {"412", "PreconditionFailed"}
# Beside every 5xx: two puts at once (409), and bodies that did not arrive whole (S3 API reference,
# "Error responses": they are 400).
_PASSING = {"ConditionalRequestConflict", "OperationAborted", "RequestTimeout", "IncompleteBody"}
# What no attempt can mend: the call never leaves this machine.
_UNSENT = (NoCredentialsError, PartialCredentialsError, ParamValidationError)


class _AlreadyThere(Exception):
    """The conditional put found an object under the key."""


class _NoSuchObject(LandingRefused):
    """Nothing stands under the key."""


class S3Landing:
    """One bucket. Endpoint, region and credentials are boto3's own settings (``AWS_…``).

    The client does not retry by itself: the steps that call it state how often they try.

    Raises:
        SettingsWrong: boto3 can't use its settings.
    """

    def __init__(self, bucket: str, *, timeout_seconds: float = 60.0) -> None:
        self._bucket = bucket
        config = Config(
            connect_timeout=min(10.0, timeout_seconds),
            read_timeout=timeout_seconds,
            retries={"total_max_attempts": 1},
        )
        try:
            self._s3: S3Client = boto3.client("s3", config=config)
        except (BotoCoreError, ValueError) as error:  # ValueError: an endpoint that is no URL
            raise SettingsWrong(f"S3 can't be used: {error}. Check the AWS_… settings") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._s3.close()

    def check(self) -> None:
        """Prove that the bucket is there and ours to read.

        Raises:
            LandingRefused: There is no such bucket.
        """
        with self._translated(""):
            self._s3.head_bucket(Bucket=self._bucket)

    def land(self, key: str, page: Page, run_id: str) -> LandedPage:
        """Store a page as one object; where an earlier attempt did, that page as it was landed.

        Args:
            key: See `services.landing.landing_key`.
            page: 1 to 1000 updates.
            run_id: Kept with the object, for people.

        Raises:
            LandingUnavailable: S3 did not answer properly; also 409, two puts at once.
            LandingRefused: There is no such bucket.
            StorageFull: S3 has no room.
        """
        content = pack(page.lines)
        landed = LandedPage(
            key, page.after, page.upto, len(page.lines), sha256(content), page.source_url
        )
        try:
            self._put(key, content, {**_to_metadata(landed), "run-id": run_id})
        except _AlreadyThere:
            found = self.find(key, page.after)
            if found is None:
                raise LandingUnavailable(f"{self._url(key)} was there and is not") from None
            return found
        return landed

    def find(self, key: str, after: Position) -> LandedPage | None:
        """The page that stands at a key; None when there is none.

        It is read from the metadata, or from the object itself if the metadata was lost.

        Raises:
            LandingCorrupt: What stands there is no page.
            LandingUnavailable: S3 did not answer properly.
        """
        try:
            with self._translated(key):
                head = self._s3.head_object(Bucket=self._bucket, Key=key)
        except _NoSuchObject:
            return None
        try:
            return _from_metadata(key, after, head["Metadata"])
        except (KeyError, ValueError):
            return self._from_content(key, after)

    def read(self, key: str) -> bytes:
        """An object's bytes.

        Raises:
            LandingRefused: There is no such object.
            LandingUnavailable: S3 did not answer properly.
        """
        with self._translated(key):
            return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def keep(self, key: str, content: bytes) -> None:
        """Store bytes under a key that names them.

        Raises:
            LandingCorrupt: Other bytes stand there already.
        """
        try:
            self._put(key, content, {"sha256": sha256(content)})
        except _AlreadyThere:
            if self.read(key) != content:
                raise LandingCorrupt(f"{self._url(key)} holds something else") from None

    def _put(self, key: str, content: bytes, metadata: dict[str, str]) -> None:
        with self._translated(key):
            self._s3.put_object(
                Bucket=self._bucket, Key=key, Body=content, Metadata=metadata, IfNoneMatch="*"
            )

    def _from_content(self, key: str, after: Position) -> LandedPage:
        content = self.read(key)
        lines = unpack(content, key)
        if not lines:
            raise LandingCorrupt(f"{self._url(key)} holds no update")
        try:
            upto = position_of(lines[-1])
        except ValueError as error:
            raise LandingCorrupt(f"{self._url(key)}: {error}") from error
        return LandedPage(key, after, upto, len(lines), sha256(content), source_url="")

    def _url(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"

    @contextmanager
    def _translated(self, key: str) -> Generator[None]:
        try:
            yield
        except ClientError as error:
            raise self._explain(key, error) from error
        except _UNSENT as error:
            raise LandingRefused(
                f"{self._url(key)}: {error}. Check AWS_… and LANDING_BUCKET"
            ) from error
        except BotoCoreError as error:
            raise LandingUnavailable(f"{self._url(key)}: {error}") from error

    def _explain(self, key: str, error: ClientError) -> PipelineError | _AlreadyThere:
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        message = f"{self._url(key)}: {error}"
        if code in _EXISTS:
            return _AlreadyThere()
        if code == "NoSuchBucket" or (code in _MISSING and not key):
            return LandingRefused(f"bucket {self._bucket} does not exist: check LANDING_BUCKET")
        if code in _MISSING:
            return _NoSuchObject(f"{self._url(key)} does not exist")
        if "No space left on device" in message:
            return StorageFull(message)
        is_passing = code in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return LandingUnavailable(message) if is_passing else LandingRefused(message)


def _to_metadata(page: LandedPage) -> dict[str, str]:
    return {
        "source-url": page.source_url,
        "line-count": str(page.line_count),
        "after": str(page.after),
        "upto": str(page.upto),
        "sha256": page.sha256,
    }


def _from_metadata(key: str, after: Position, metadata: dict[str, str]) -> LandedPage:
    return LandedPage(
        key=key,
        after=after,
        upto=Position.parse(metadata["upto"]),
        line_count=int(metadata["line-count"]),
        sha256=metadata["sha256"],
        source_url=metadata["source-url"],
    )
