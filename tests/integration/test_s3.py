import os
import subprocess
import sys

import boto3
import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def client(s3_endpoint):
    return boto3.client(
        "s3",
        endpoint_url=s3_endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def test_an_object_cannot_be_replaced_when_the_put_forbids_it(client):
    client.create_bucket(Bucket="once")
    client.put_object(Bucket="once", Key="a/after=4_1.gz", Body=b"first", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        client.put_object(Bucket="once", Key="a/after=4_1.gz", Body=b"second", IfNoneMatch="*")
    assert client.get_object(Bucket="once", Key="a/after=4_1.gz")["Body"].read() == b"first"


def refused(data):
    """Return the last line of the S3 mock's error output for a folder that it does not serve."""
    ended = subprocess.run(
        [sys.executable, "-m", "mocks.s3", "--data", str(data), "--port", "1"],
        env=os.environ, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 65, ended.stderr
    return ended.stderr.splitlines()[-1]


def test_a_folder_of_another_version_is_refused(tmp_path):
    (tmp_path / "format").write_text("2\n")
    assert (
        refused(tmp_path) == f"s3: state refused: {tmp_path} has format 2, this S3 reads format 1"
    )


def test_objects_that_cannot_be_read_are_refused_instead_of_forgotten(tmp_path):
    bucket = tmp_path / "000000000000" / "landing"
    bucket.mkdir(parents=True)
    (bucket / "page").write_bytes(b"bytes")
    (bucket / "page.meta.json").write_text('{"size": 5, "etag": "x", "versions": 7}')
    assert refused(tmp_path).startswith("s3: state refused: Failed to load persisted S3 data: ")
