"""The local S3, as commands reach it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def s3_client(settings: Mapping[str, str]) -> "S3Client":
    """A client of the S3 that a place's settings name, whatever the environment has."""
    return boto3.client(
        "s3",
        endpoint_url=settings["AWS_ENDPOINT_URL_S3"],
        region_name=settings["AWS_REGION"],
        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
    )


def empty_bucket(s3: "S3Client", name: str) -> None:
    """Delete every object of a bucket with all its versions."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        listed: list[Any] = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        to_delete: Any = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in listed]
        if to_delete:
            s3.delete_objects(Bucket=name, Delete={"Objects": to_delete, "Quiet": True})
